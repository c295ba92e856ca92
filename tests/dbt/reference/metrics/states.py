"""Time in statuses and columns, and how tasks go from one to the other."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from reference.boards import CLOSED, Stay, board_stays, is_public_board, status_stays
from reference.metrics import promises
from reference.metrics.finished import Rows
from reference.periods import Day, figures, period_start
from reference.rules import rules_of
from reference.site import Site
from reference.work import History

FAR = {"to do": 0, "in progress": 1, "waiting": 1, "done": 2}
"""How far work is in a state of each role."""


def time_in_status(site: Site) -> Rows:
    """Tasks that left the status, P50, P85 and mean of their time in it, by project, status and month."""
    return {
        key: row
        for project, tasks in site.work.items()
        for key, row in _times(
            site, project, [status_stays(task.history) for task in tasks], statuses_only=True
        ).items()
    }


def time_in_column(site: Site) -> Rows:
    """The same by board, column and month, for open tasks."""
    rows: Rows = {}
    for board, histories in boards(site).items():
        stays = [board_stays(site, history)[board] for history in histories]
        rows.update(_times(site, board, stays, statuses_only=False))
    return rows


def _times(site: Site, place: str, stays_of_tasks: list[list[Stay]], *, statuses_only: bool) -> Rows:
    times: dict[tuple[str, str, Day | None], list[float]] = defaultdict(list)
    for stays in stays_of_tasks:
        by_state: dict[str, list[Stay]] = defaultdict(list)
        for stay in stays:
            if statuses_only or stay.state != CLOSED:
                by_state[stay.state].append(stay)
        for state, found in by_state.items():
            ends = [stay.ended_at for stay in found if stay.ended_at is not None]
            if len(ends) < len(found):
                continue
            total = sum(end - stay.started_at for stay, end in zip(found, ends, strict=True)) / 86400
            times[state, "month", period_start("month", site.day_of(ends[-1]))].append(total)
            times[state, "all", None].append(total)
    return {(place, *key): [len(found), *figures(found, 0.5, 0.85)] for key, found in times.items()}


def age_at_column_exit(site: Site) -> Rows:
    """Tasks, P50, P85 and P95 of their age at leaving, and the window in which they were closed."""
    rows: Rows = {}
    promised = promises.service_level(site)
    for board, histories in boards(site).items():
        mondays = [key[2] for key, row in promised.items() if key[0] == board and row[2]]
        if not mondays:
            continue
        end = max(mondays)
        first = end - timedelta(days=promised[board, "week", end][1])
        on_board = {history.task_id for history in histories}
        ages: dict[str, list[float]] = defaultdict(list)
        for task in site.work[board]:
            started, closed = task.started_at, task.closed_at
            if task.task_id not in on_board or task.cycle_time_days is None or not started or not closed:
                continue
            if not first <= site.day_of(closed) < end:
                continue
            # in the order of time, so that the last departure from a column is kept
            last = {
                stay.state: min(closed, stay.ended_at or closed)
                for stay in board_stays(site, task.history)[board]
                if stay.started_at < closed and (stay.ended_at or closed) > started
            }
            for column, left in last.items():
                if column in site.installation.columns:
                    ages[column].append((left - started) / 86400)
        for column, found in ages.items():
            rows[board, column] = [len(found), *figures(found, 0.5, 0.85, 0.95)[:3], first, end]
    return rows


def boards(site: Site) -> dict[str, list[History]]:
    """The publishable tasks that were ever on each publishable board, but those of excluded subtypes."""
    found: dict[str, list[History]] = defaultdict(list)
    for task_id, history in site.histories.items():
        task = site.installation.tasks[task_id]
        for board in board_stays(site, history):
            if (
                site.is_publishable(task)
                and is_public_board(site, board)
                and task["fields"]["subtype"]
                not in rules_of(site.installation, site.settings, board).excluded_subtypes
            ):
                found[board].append(history)
    return found


def board_progression(site: Site) -> Rows:
    """How often, by how many tasks, and whether that is back."""
    went: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for board, histories in boards(site).items():
        for history in histories:
            for at, old, new in _steps(board_stays(site, history)[board]):
                went[board, "column", old, new, "month", _month(site, at)].append(history.task_id)
    for project, tasks in site.work.items():
        for task in tasks:
            # the first status is no change
            for at, old, new in _steps(status_stays(task.history))[1:]:
                went[project, "status", old, new, "month", _month(site, at)].append(task.task_id)
    return {key: [len(tasks), len(set(tasks)), _is_backward(site, *key[1:4])] for key, tasks in went.items()}


def _month(site: Site, at: int) -> Day:
    return period_start("month", site.day_of(at))


def _steps(stays: list[Stay]) -> list[tuple[int, str, str]]:
    """Times at which the state changed, with both; before, between and after its stays a task is outside."""
    steps: list[tuple[int, str, str]] = []
    state, until = "outside", stays[0].started_at
    for stay in stays:
        if stay.started_at > until:
            steps.append((until, state, "outside"))
            state = "outside"
        steps.append((stay.started_at, state, stay.state))
        state = stay.state
        if stay.ended_at is None:
            return steps
        until = stay.ended_at
    return [*steps, (until, state, "outside")]


def _is_backward(site: Site, kind: str, old: str, new: str) -> bool | None:
    installation = site.installation
    if kind == "status":
        roles = [installation.status_role(old), installation.status_role(new)]
        return None if None in roles else FAR[str(roles[1])] < FAR[str(roles[0])]
    if "outside" in (old, new) or new == CLOSED:
        return False
    if old == CLOSED:
        return True
    if old not in installation.columns or new not in installation.columns:
        return None
    far = [FAR.get(installation.column_role(one) or "") for one in (old, new)]
    if far[0] is not None and far[1] is not None and far[0] != far[1]:
        return far[1] < far[0]
    places = [installation.columns[one]["fields"]["sequence"] for one in (old, new)]
    return bool(places[1] < places[0])
