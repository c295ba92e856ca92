"""How much of a project's scope is done, as its tags were at the time."""

from __future__ import annotations

from collections import defaultdict

from reference.boards import is_public_board
from reference.changes import changes_of
from reference.metrics.finished import Rows
from reference.periods import Day, period_start
from reference.rules import rules_of
from reference.site import Site
from reference.work import History

State = tuple[bool, bool, float]
"""Whether a task is in the scope, whether it is closed, and its points."""


def burnup(site: Site) -> Rows:
    """Scope, closed, added and removed, as tasks and as points."""
    rows: Rows = {}
    for project, tasks in _tasks_ever_in_scope(site).items():
        weeks: dict[Day, list[float]] = defaultdict(lambda: [0.0] * 8)
        for history in tasks:
            before: State = (False, False, 0)
            for at, state in _states(site, history, project):
                if any(_changes(before, state)):
                    week = weeks[period_start("week", site.day_of(at))]
                    for index, change in enumerate(_changes(before, state)):
                        week[index] += change
                before = state
        if project in site.work:
            for start in site.dense_periods(project, "week"):
                weeks.setdefault(start, [0.0] * 8)
        totals = [0.0] * 4
        for start in sorted(weeks):
            week = weeks[start]
            totals = [total + change for total, change in zip(totals, week[:4], strict=True)]
            rows[project, "week", start] = [
                *(totals[0], totals[1], week[4], week[5]),
                *(totals[2], totals[3], week[6], week[7]),
            ]
    return rows


def _changes(before: State, after: State) -> list[float]:
    """Of scope and closed (tasks, then points), and what was added and removed (tasks, then points)."""
    tasks = [int(after[0]) - int(before[0]), int(after[0] and after[1]) - int(before[0] and before[1])]
    scope = (after[2] if after[0] else 0) - (before[2] if before[0] else 0)
    closed = (after[2] if after[0] and after[1] else 0) - (before[2] if before[0] and before[1] else 0)
    return [*tasks, scope, closed, max(tasks[0], 0), max(-tasks[0], 0), max(scope, 0), max(-scope, 0)]


def _tasks_ever_in_scope(site: Site) -> dict[str, list[History]]:
    found: dict[str, list[History]] = defaultdict(list)
    for task_id, history in site.histories.items():
        task = site.installation.tasks[task_id]
        if not site.is_publishable(task):
            continue
        tags = {tag for moment in history.moments for tag in moment.tags}
        projects = {"all"} | {one for tag in tags for one in site.installation.ancestors(tag)}
        for project in projects:
            rules = rules_of(site.installation, site.settings, project)
            is_public = project == "all" or is_public_board(site, project)
            if is_public and task["fields"]["subtype"] not in rules.excluded_subtypes:
                found[project].append(history)
    return found


def _states(site: Site, history: History, project: str) -> list[tuple[int, State]]:
    points = _points(site, history.task_id)
    states = []
    for moment in history.moments:
        is_in = project == "all" or any(project in site.installation.ancestors(tag) for tag in moment.tags)
        known = [value for at, value in points if at <= moment.at]
        states.append((moment.at, (is_in, site.installation.is_closed(moment.status), known[-1])))
    return states


def _points(site: Site, task_id: int) -> list[tuple[int, float]]:
    """Points from each second on: before the first change what that changed from, else those of now."""
    changes = [one for one in changes_of(site.installation, task_id) if one.kind == "points"]
    now = site.installation.tasks[task_id]["fields"]["points"]
    first = changes[0].old if changes else now
    return [
        (0, float(first or 0)),
        *((one.at, float(one.new or 0)) for one in changes),
    ]
