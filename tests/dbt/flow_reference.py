"""The numbers computed a second time: one task after the other, second by second, slow and obvious.

Written from the definitions in the design, not from the models' SQL. It replays the transactions of a
task, looks at the task at the end of each second in which something changed, and counts.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from ddd.settings import PROJECT_DIR

Day = date


@dataclass
class Moment:
    """How a task stands at the end of a second."""

    at: int
    status: str
    columns: dict[str, str]
    """Column per board."""


@dataclass
class History:
    """What became of one task; times are epoch seconds."""

    task_id: int
    created_at: int
    moments: list[Moment]
    started_at: int | None = None
    closed_at: int | None = None
    points: float | None = None
    projects: set[str] = field(default_factory=set)
    """Its tags of now, and all ancestors of them."""

    @property
    def lead_time_days(self) -> float | None:
        return None if self.closed_at is None else (self.closed_at - self.created_at) / 86400

    @property
    def cycle_time_days(self) -> float | None:
        if self.closed_at is None or self.started_at is None or self.started_at > self.closed_at:
            return None
        return (self.closed_at - self.started_at) / 86400


class Installation:
    """All objects of a server, by PHID."""

    def __init__(self) -> None:
        self.tasks: dict[int, dict[str, Any]] = {}
        self.transactions: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.projects: dict[str, dict[str, Any]] = {}
        self.columns: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}

    @classmethod
    def of(cls, documents: Iterable[tuple[str, str]]) -> Installation:
        """An installation from (stream, JSON text)."""
        new = cls()
        for stream, text in documents:
            found = json.loads(text)
            if stream == "tasks":
                new.tasks[found["id"]] = found
            elif stream == "transactions":
                new.transactions[int(found["taskID"])].append(found)
            elif stream == "projects":
                new.projects[found["phid"]] = found
            elif stream == "columns":
                new.columns[found["phid"]] = found
            elif stream == "statuses":
                new.statuses[found["value"]] = found
        for rows in new.transactions.values():
            rows.sort(key=lambda row: (int(row["dateCreated"]), int(row["transactionID"])))
        return new

    def is_closed(self, status: str) -> bool:
        return bool(self.statuses[status]["closed"])

    def milestone_of(self, column: str) -> str | None:
        """The milestone that a column stands for."""
        proxy = self.columns.get(column, {"fields": {"proxyPHID": None}})["fields"]["proxyPHID"]
        if proxy and self.projects.get(proxy, {"fields": {}})["fields"].get("milestone") is not None:
            return str(proxy)
        return None

    def ancestors(self, project: str) -> set[str]:
        """A project and everything above it."""
        found = {project}
        parent = self.projects[project]["fields"]["parent"]
        while parent:
            found.add(parent["phid"])
            parent = self.projects[parent["phid"]]["fields"]["parent"]
        return found

    def board_columns(self, board: str) -> list[dict[str, Any]]:
        return [one for one in self.columns.values() if one["fields"]["project"]["phid"] == board]

    def histories(self) -> list[History]:
        return [self.history(task_id) for task_id in sorted(self.tasks)]

    def history(self, task_id: int) -> History:
        """Replay one task."""
        fields = self.tasks[task_id]["fields"]
        moments = _Replay(self, task_id).moments()
        history = History(
            task_id=task_id,
            created_at=fields["dateCreated"],
            moments=moments,
            points=None if fields["points"] is None else float(fields["points"]),
        )
        for tag in self.tasks[task_id]["attachments"]["projects"]["projectPHIDs"]:
            history.projects |= self.ancestors(tag)
        was_closed = False
        for moment in moments:
            closed = self.is_closed(moment.status)
            if closed and not was_closed:
                history.closed_at = moment.at
            if not closed:
                history.closed_at = None
                if history.started_at is None and self._is_in_progress(moment):
                    history.started_at = moment.at
            was_closed = closed
        return history

    def _is_in_progress(self, moment: Moment) -> bool:
        if status_role(moment.status, self.statuses[moment.status]["name"]) == "in progress":
            return True
        for board, column in moment.columns.items():
            roles = [self._role(one["phid"]) for one in self.board_columns(board)]
            if self._role(column) == "in progress":
                return True
            in_default = self.columns[column]["fields"]["isDefaultColumn"]
            if "in progress" not in roles and not in_default and not self.milestone_of(column):
                return True
        return False

    def _role(self, column: str) -> str | None:
        fields = self.columns[column]["fields"]
        return None if fields["proxyPHID"] else column_role(fields["name"])


class _Replay:
    """The state of one task while its transactions go by."""

    def __init__(self, installation: Installation, task_id: int) -> None:
        self.installation = installation
        self.task = installation.tasks[task_id]["fields"]
        self.rows = installation.transactions[task_id]
        self.tags: set[str] = set()
        self.positions: dict[str, str] = {}
        self.status = self._first_status()

    def _first_status(self) -> str:
        for row in self.rows:
            if row["transactionType"] == "status":
                return str(row["oldValue"])
            if row["transactionType"] == "mergedinto":
                return "open"
        return str(self.task["status"]["value"])

    def moments(self) -> list[Moment]:
        moments = []
        by_second = {
            at: list(rows) for at, rows in groupby(self.rows, key=lambda row: int(row["dateCreated"]))
        }
        for at in sorted({self.task["dateCreated"], *by_second}):
            for row in by_second.get(at, []):
                self._apply(row)
            moments.append(Moment(at, self.status, self._columns()))
        return moments

    def _apply(self, row: dict[str, Any]) -> None:
        match row["transactionType"]:
            case "status":
                self.status = row["newValue"]
            case "mergedinto":
                self.status = "duplicate"
            case "core:edge" if row["meta"]["edge:type"] == 41:
                self.tags -= set(row["oldValue"])
                self.tags |= set(row["newValue"])
            case "core:columns":
                for move in row["newValue"]:
                    if not self.installation.milestone_of(move["columnPHID"]):
                        self.positions[move["boardPHID"]] = move["columnPHID"]

    def _columns(self) -> dict[str, str]:
        found = {}
        for board in self.tags:
            column = self.positions.get(board) or self._default_column(board)
            if column:
                found[board] = column
        for column, one in self.installation.columns.items():
            milestone = self.installation.milestone_of(column)
            if milestone and milestone in self.tags:
                found[one["fields"]["project"]["phid"]] = column
        return found

    def _default_column(self, board: str) -> str | None:
        for one in self.installation.board_columns(board):
            if one["fields"]["isDefaultColumn"]:
                return str(one["phid"])
        return None


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_DIR / "dbt_project" / "seeds" / f"{name}.csv").open(newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: int(row["priority"]))


_STATUS_ROLES, _COLUMN_ROLES = _seed("status_roles"), _seed("column_roles")


def status_role(key: str, name: str) -> str | None:
    for row in _STATUS_ROLES:
        if re.search(row["pattern"], key, re.I) or re.search(row["pattern"], name, re.I):
            return row["role"]
    return None


def column_role(name: str) -> str | None:
    for row in _COLUMN_ROLES:
        if not row["project"] and re.search(row["pattern"], name, re.I):
            return row["role"]
    return None


def day_of(epoch: int) -> Day:
    return datetime.fromtimestamp(epoch, UTC).date()


def period_start(period: str, day: Day) -> Day:
    """First day of the day, week (from Monday) or month that holds a day."""
    if period == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    return day.replace(day=1) if period == "month" else day


def percentile(values: list[float], share: float) -> float:
    """Linear interpolation between the two nearest of the sorted values."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def periods(period: str, first: Day, last: Day) -> list[Day]:
    """All periods from the one of the first day to the one of the last."""
    found = {period_start(period, first + timedelta(days=n)) for n in range((last - first).days + 1)}
    return sorted(found)


def cumulative_flow(
    installation: Installation, histories: list[History]
) -> dict[tuple[str, str], dict[Day, tuple[int, int]]]:
    """Arrivals and departures up to the end of each day, per board and column, for days with a change."""
    changes: dict[tuple[str, str], dict[Day, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for history in histories:
        before: dict[str, str] = {}
        for moment in history.moments:
            closed = installation.is_closed(moment.status)
            now = {board: "closed" if closed else column for board, column in moment.columns.items()}
            for board in before.keys() | now.keys():
                if before.get(board) == now.get(board):
                    continue
                if board in before:
                    changes[board, before[board]][day_of(moment.at)][1] += 1
                if board in now:
                    changes[board, now[board]][day_of(moment.at)][0] += 1
            before = now
    flow: dict[tuple[str, str], dict[Day, tuple[int, int]]] = {}
    for key, days in changes.items():
        arrivals = departures = 0
        flow[key] = {}
        for day in sorted(days):
            arrivals, departures = arrivals + days[day][0], departures + days[day][1]
            flow[key][day] = (arrivals, departures)
    return flow
