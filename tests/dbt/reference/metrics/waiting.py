"""Where time goes: flow efficiency and blocked time."""

from __future__ import annotations

import statistics
from collections import defaultdict
from itertools import pairwise

from reference.boards import CLOSED, counted_boards, role_at_work, state_on
from reference.changes import changes_of
from reference.metrics.finished import Rows
from reference.periods import Day, next_period, period_start, periods
from reference.replay import Moment
from reference.site import Site, Work

Span = tuple[int, int]


def flow_efficiency(site: Site) -> Rows:
    """Finished tasks; days of cycle time, active and waiting; active share of all, and median share."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        boards = counted_boards(site, project)
        for period in ("week", "month"):
            finished: dict[Day, list[Work]] = {start: [] for start in site.dense_periods(project, period)}
            for task in tasks:
                if task.closed_at is not None and task.cycle_time_days is not None:
                    finished.setdefault(period_start(period, site.day_of(task.closed_at)), []).append(task)
            for start, found in finished.items():
                times = [
                    (task.cycle_time_days or 0, *_active_and_waiting(site, task, boards)) for task in found
                ]
                cycle, active, waiting = (sum(time[index] for time in times) for index in range(3))
                shares = [time[1] / time[0] for time in times if time[0]]
                rows[project, period, start] = [
                    *(len(found), cycle, active, waiting),
                    active / cycle if cycle else None,
                    statistics.median(shares) if shares else None,
                ]
    return rows


def _active_and_waiting(site: Site, task: Work, boards: set[str]) -> tuple[float, float]:
    days = {"active": 0.0, "waiting": 0.0, "neither": 0.0}
    last = (2**62, "neither")
    states = [(moment.at, _doing(site, moment, boards)) for moment in task.history.moments]
    for (at, doing), (until, _) in pairwise([*states, last]):
        start, end = max(at, task.started_at or 0), min(until, task.closed_at or 0)
        days[doing] += max(end - start, 0) / 86400
    return days["active"], days["waiting"]


def _doing(site: Site, moment: Moment, boards: set[str]) -> str:
    """Whether a task is active or waiting, as its status and its columns on these boards say."""
    installation = site.installation
    status = installation.status_role(moment.status)
    if status == "waiting":
        return "waiting"
    if status == "done":
        return "neither"
    roles = [
        role_at_work(installation, board, column)
        for board, column in moment.columns.items()
        if board in boards
    ]
    for role, doing in (("in progress", "active"), ("waiting", "waiting")):
        if role in roles:
            return doing
    return "active" if status == "in progress" else "neither"


def blocked_time(site: Site) -> Rows:
    """Tasks blocked at some time and at the end; days in all, by sub-tasks, status and column."""
    rows: Rows = {}
    subtasks = {task.task_id: _open_subtasks(site, task) for task in site.work["all"]}
    for project, tasks in site.work.items():
        boards = counted_boards(site, project)
        blocked = [_causes(site, task, boards, subtasks[task.task_id]) for task in tasks]
        every = [span for causes in blocked for spans in causes.values() for span in spans]
        if not every:
            continue
        # an end at midnight belongs to the day before
        last_day = site.day_of(max(end for _, end in every) - 1)
        months = periods("month", site.day_of(min(start for start, _ in every)), last_day)
        for month in months:
            first = site.start_of(month)
            last = min(site.start_of(next_period("month", month)), site.as_of)
            rows[project, "month", month] = _month_of_blocks(blocked, first, last)
    return rows


def _causes(site: Site, task: Work, boards: set[str], subtasks: list[Span]) -> dict[str, list[Span]]:
    return {
        "subtask": _within(subtasks, _open(site, task)),
        "status": _while(site, task, lambda moment: _waits_by_status(site, moment)),
        "column": _while(site, task, lambda moment: _waits_by_column(site, moment, boards)),
    }


def _month_of_blocks(tasks: list[dict[str, list[Span]]], first: int, last: int) -> list[float]:
    days: dict[str, float] = defaultdict(float)
    at_some_time = at_the_end = 0
    for causes in tasks:
        every = _merged([span for spans in causes.values() for span in spans])
        for cause, spans in {**causes, "every": every}.items():
            days[cause] += sum(max(min(end, last) - max(start, first), 0) for start, end in spans) / 86400
        at_some_time += any(start < last and end > first for start, end in every)
        at_the_end += any(start < last and end >= last for start, end in every)
    return [at_some_time, at_the_end, days["every"], days["subtask"], days["status"], days["column"]]


def _while(site: Site, task: Work, holds: object) -> list[Span]:
    """The times until the extraction for which something holds."""
    assert callable(holds)
    spans = []
    ends = [*(moment.at for moment in task.history.moments[1:]), site.as_of]
    for moment, end in zip(task.history.moments, ends, strict=True):
        if holds(moment) and min(end, site.as_of) > moment.at:
            spans.append((moment.at, min(end, site.as_of)))
    return _merged(spans)


def _open(site: Site, task: Work) -> list[Span]:
    return _while(site, task, lambda moment: not site.installation.is_closed(moment.status))


def _waits_by_status(site: Site, moment: Moment) -> bool:
    return site.installation.status_role(moment.status) == "waiting"


def _waits_by_column(site: Site, moment: Moment, boards: set[str]) -> bool:
    states = [state_on(site, moment, board) for board in moment.columns if board in boards]
    roles = [site.installation.column_role(state) for state in states if state and state != CLOSED]
    return "waiting" in roles


def _open_subtasks(site: Site, task: Work) -> list[Span]:
    """The times for which one or more publishable sub-tasks were tied to it and open."""
    by_phid = {found["phid"]: number for number, found in site.installation.tasks.items()}
    changes = [one for one in changes_of(site.installation, task.task_id) if one.kind == "subtask"]
    spans: list[Span] = []
    for phid in sorted({str(one.other) for one in changes}):
        number = by_phid.get(phid)
        if number is None or not site.is_publishable(site.installation.tasks[number]):
            continue
        mine = [one for one in changes if one.other == phid]
        # at the end of each second, and before the first change what that changed from
        states = {task.created_at: mine[0].old is not None}
        states.update({one.at: one.new is not None for one in mine})
        times = sorted(states)
        tied = [
            (at, end) for at, end in pairwise([*times, max(site.as_of, times[-1])]) if states[at] and end > at
        ]
        opened = [
            (start, site.as_of if end is None else end) for start, end in site.histories[number].open_spans
        ]
        spans += _within(tied, opened)
    return _merged(spans)


def _within(spans: list[Span], others: list[Span]) -> list[Span]:
    both = [(max(one[0], other[0]), min(one[1], other[1])) for one in spans for other in others]
    return _merged([span for span in both if span[0] < span[1]])


def _merged(spans: list[Span]) -> list[Span]:
    """The same times, without spans that overlap or touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
