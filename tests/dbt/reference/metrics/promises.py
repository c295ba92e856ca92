"""What can be promised, and whether the figures fit together: service level and Little's law."""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any

from reference.metrics.finished import Rows
from reference.periods import Day, figures, percentile
from reference.site import Site, Work

ENOUGH = 20
"""So many tasks make an expectation that three of them do not decide."""


def service_level(site: Site) -> Rows:
    """The expectation of each Monday, and how many tasks of its week kept it."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        share = tasks[0].rules.number("service_level_percentile")
        window = tasks[0].rules.number("service_level_window_days")
        for monday in site.dense_periods(project, "week"):
            before = _cycle_times(site, tasks, monday - timedelta(days=window), monday)
            finished = _cycle_times(site, tasks, monday, monday + timedelta(days=7))
            if not before and not finished:
                continue
            expected = percentile(before, share / 100) if before else None
            # a cycle time that is the expectation itself is within it, however both were rounded
            within = None if expected is None else sum(days <= expected + 1e-9 for days in finished)
            rows[project, "week", monday] = [
                *(share, window, len(before), *figures(before, 0.5, 0.85, 0.95)[:3], expected),
                *(len(finished), within, within / len(finished) if finished and within is not None else None),
                len(before) >= ENOUGH,
            ]
    return rows


def _cycle_times(site: Site, tasks: list[Work], first: Day, end: Day) -> list[float]:
    return [
        days
        for task in tasks
        if (days := task.cycle_time_days) is not None and first <= site.day_of(task.closed_at or 0) < end
    ]


def littles_law(site: Site) -> Rows:
    """L, λ, W, λW and their ratio, for the window before each month, and which assumptions fail there."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        window = tasks[0].rules.number("flow_window_days")
        started = [
            task
            for task in tasks
            if task.started_at is not None and (task.closed_at is None or task.cycle_time_days is not None)
        ]
        for month in site.dense_periods(project, "month"):
            first = month - timedelta(days=window)
            row = _window(site, started, first, month, window)
            if row:
                rows[project, "month", month] = row
    return rows


def _window(site: Site, tasks: list[Work], first: Day, end: Day, window: int) -> list[Any]:
    start_at, end_at = site.start_of(first), site.start_of(end)
    spans = [(task.started_at or 0, task.closed_at) for task in tasks]
    overlap = sum(
        max(min(end_at if closed is None else closed, end_at) - max(started, start_at), 0)
        for started, closed in spans
    )
    finished = _cycle_times(site, tasks, first, end)
    arrivals = sum(start_at <= started < end_at for started, _ in spans)
    at_start = [task for task, span in zip(tasks, spans, strict=True) if _holds(span, start_at)]
    at_end = [task for task, span in zip(tasks, spans, strict=True) if _holds(span, end_at)]
    if not overlap:
        return []
    stayed = len({task.task_id for task in at_start} & {task.task_id for task in at_end})
    ages = [
        statistics.fmean((at - (task.started_at or 0)) / 86400 for task in found) if found else None
        for found, at in ((at_start, start_at), (at_end, end_at))
    ]
    mean_wip = overlap / (end_at - start_at)
    rate = len(finished) / window
    mean_time = statistics.fmean(finished) if finished else None
    expected = None if mean_time is None else rate * mean_time
    return [
        *(window, mean_wip, rate, mean_time, expected, mean_wip / expected if expected else None),
        *(arrivals, len(finished), len(at_start), len(at_end), stayed, *ages),
        _is_near(arrivals, len(finished)),
        _is_near(len(at_start), len(at_end)),
        ages == [None, None] or (ages[0] is not None and ages[1] is not None and _is_near(*ages)),
        stayed == 0,
    ]


def _holds(span: tuple[int, int | None], at: int) -> bool:
    return span[0] < at and (span[1] is None or span[1] >= at)


def _is_near(one: float | None, other: float | None) -> bool:
    """Whether both differ by no more than a fifth of the larger."""
    return abs((one or 0) - (other or 0)) <= max(one or 0, other or 0) / 5 + 1e-12
