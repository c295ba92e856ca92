"""What happens on the site: statistics of the month, active projects, coincident projects."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import permutations
from typing import Any

from reference.boards import counted_boards, is_public_board
from reference.changes import Change, changes_of
from reference.metrics.finished import Rows
from reference.periods import Day, next_period, percentile, period_start
from reference.replay import Moment
from reference.site import Site, Work

LEAST_SHARED = 5


def monthly_statistics(site: Site) -> Rows:
    """The figures of Wikimedia's monthly mail, those of the month before, and the change."""
    rows = _statistics(site)
    compared: Rows = {}
    for (month, *what), (now,) in rows.items():
        (before,) = rows.get((period_start("month", month - timedelta(days=1)), *what), [None])
        change = None if now is None or before is None else now - before
        compared[month, *what] = [now, before, change]
    return compared


def _statistics(site: Site) -> Rows:
    counted: dict[tuple[str, Day], set[Any]] = defaultdict(set)
    for changes in public_changes(site).values():
        for change in changes:
            month = _month(site, change.occurred_at)
            for statistic, who in _marks(site, change):
                counted[statistic, month].add(who)
    for task in site.work["all"]:
        counted["created tasks", _month(site, task.created_at)].add(task.task_id)
        if task.closed_at is not None:
            counted["closed tasks", _month(site, task.closed_at)].add(task.task_id)
    for phid, user in site.installation.users.items():
        counted["accounts created", _month(site, user["fields"]["dateCreated"])].add(phid)
    rows: Rows = {}
    for month in site.dense_periods("all", "month"):
        for statistic in (
            *("created tasks", "closed tasks", "active people", "task authors", "task closers"),
            *("projects with moves", "accounts created"),
        ):
            rows[month, statistic, "all"] = [len(counted[statistic, month])]
        rows.update(_at_the_end(site, month))
    return rows


def _month(site: Site, at: int) -> Day:
    return period_start("month", site.day_of(at))


def public_changes(site: Site) -> dict[int, list[Change]]:
    """Changes of publishable tasks that are about nothing that may not be published, by task."""
    by_phid = {task["phid"]: task for task in site.installation.tasks.values()} | site.installation.projects
    return {
        number: [
            change
            for change in changes_of(site.installation, number)
            if _is_public(site, change, by_phid.get(change.other or ""))
        ]
        for number, task in site.installation.tasks.items()
        if site.is_publishable(task)
    }


def _is_public(site: Site, change: Change, other: dict[str, Any] | None) -> bool:
    """Of a column the board decides, and the milestone that it stands for; unknown objects are not public."""
    if change.other is None or change.kind == "subscribers":
        return True
    if change.kind == "column":
        milestone = site.installation.milestone_of(change.other)
        return is_public_board(site, change.board or "") and (
            milestone is None or is_public_board(site, milestone)
        )
    return other is not None and site.is_publishable(other)


def _marks(site: Site, change: Change) -> list[tuple[str, str]]:
    """What a change makes its author or its board count for."""
    marks = []
    if is_person(change):
        marks.append(("active people", str(change.actor)))
        if change.kind == "created":
            marks.append(("task authors", str(change.actor)))
        is_closed = site.installation.is_closed
        if change.kind == "merged" or (
            change.kind == "status" and is_closed(change.new or "") and not is_closed(change.old or "")
        ):
            marks.append(("task closers", str(change.actor)))
    if is_move(change):
        marks.append(("projects with moves", str(change.board)))
    return marks


def is_person(change: Change) -> bool:
    """Whether a user did it, known or not, and not an application."""
    return (change.actor or "").startswith("PHID-USER-")


def is_move(change: Change) -> bool:
    """Whether the task went to another column of a board."""
    return change.kind == "column" and change.board is not None and change.new != change.old


def _at_the_end(site: Site, month: Day) -> Rows:
    """Open and stalled tasks at the end of a month, or now, and the ages of the open ones."""
    at = site.start_of(next_period("month", month))
    ages: dict[str, list[float]] = defaultdict(list)
    stalled = 0
    for task in site.work["all"]:
        moment = _moment_before(task, at)
        if moment is None or site.installation.is_closed(moment.status):
            continue
        stalled += site.installation.status_role(moment.status) == "waiting"
        for priority in ("all", moment.priority):
            ages[priority].append(max(min(at, site.as_of) - task.created_at, 0) / 86400)
    rows: Rows = {
        (month, "open tasks", "all"): [len(ages["all"])],
        (month, "stalled tasks", "all"): [stalled],
    }
    for priority, found in ages.items():
        rows[month, "median age of open tasks", priority] = [percentile(found, 0.5) if found else None]
    return rows


def _moment_before(task: Work, at: int) -> Moment | None:
    before = [moment for moment in task.history.moments if moment.at < at]
    return before[-1] if before else None


def active_projects(site: Site) -> Rows:
    """Created, closed, moves, events, people, and the place by events."""
    changes = public_changes(site)
    rows: Rows = {}
    for project, tasks in site.work.items():
        months = _months_of_tasks(site, tasks, changes)
        boards = counted_boards(site, project)
        for change in (one for of_task in changes.values() for one in of_task):
            if is_move(change) and change.board in boards:
                months[_month(site, change.occurred_at)][2] += 1
        for month, row in months.items():
            rows[project, "month", month] = [*row[:4], len(row[4]), None]
    for key, row in rows.items():
        if key[0] != "all":
            others = [other for (one, _, month), other in rows.items() if month == key[2] and one != "all"]
            row[5] = 1 + sum(other[3] > row[3] for other in others)
    return rows


def _months_of_tasks(site: Site, tasks: list[Work], changes: dict[int, list[Change]]) -> dict[Day, list[Any]]:
    months: dict[Day, list[Any]] = defaultdict(lambda: [0, 0, 0, 0, set()])
    for task in tasks:
        months[_month(site, task.created_at)][0] += 1
        if task.closed_at is not None:
            months[_month(site, task.closed_at)][1] += 1
        for change in changes[task.task_id]:
            row = months[_month(site, change.occurred_at)]
            row[3] += 1
            if is_person(change):
                row[4].add(change.actor)
    return months


def coincident_projects(site: Site) -> Rows:
    """Shared tasks, open and closed ones, their share of the project's and of the smaller one's."""
    rows: Rows = {}
    projects = {project: tasks for project, tasks in site.work.items() if project != "all"}
    for one, other in permutations(projects, 2):
        if one in site.installation.ancestors(other) or other in site.installation.ancestors(one):
            continue
        others = {task.task_id for task in projects[other]}
        shared = [task for task in projects[one] if task.task_id in others]
        if len(shared) >= LEAST_SHARED:
            is_open = sum(not task.is_closed for task in shared)
            rows[one, other] = [
                *(len(shared), is_open, len(shared) - is_open),
                len(shared) / len(projects[one]),
                len(shared) / min(len(projects[one]), len(others)),
            ]
    return rows
