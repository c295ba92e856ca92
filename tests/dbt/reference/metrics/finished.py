"""What was finished in each period: throughput, lead time, cycle time."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from reference.periods import figures, period_start
from reference.site import EVERY, PERIODS, Site, Work

Rows = dict[tuple[Any, ...], list[Any]]


def throughput(site: Site) -> Rows:
    """Tasks closed and their points, by project, slice and period; slices by day are left out."""
    rows: Rows = {}
    for key, tasks in _closed(site, PERIODS).items():
        rows[key] = [len(tasks), sum(task.points or 0 for task in tasks)]
    return rows


def lead_time(site: Site) -> Rows:
    """Number, P50, P85, P95 and mean of lead times."""
    return _durations(site, "lead_time_days")


def cycle_time(site: Site) -> Rows:
    """The same of cycle times."""
    return _durations(site, "cycle_time_days")


def time_distribution(site: Site) -> Rows:
    """How many took how long: tasks by kind of duration, project, slice, month and step."""
    edges = [0, 1, 2, 4, 7, 14, 30, 60, 120, 365]
    rows: Rows = {}
    for (project, *of_slice, _, start), tasks in _closed(site, ("month",)).items():
        for kind in ("cycle time", "lead time"):
            for task in tasks:
                days = getattr(task, f"{kind.replace(' ', '_')}_days")
                if days is None:
                    continue
                step = max(edge for edge in edges if edge <= days)
                later = [edge for edge in edges if edge > days]
                row = rows.setdefault(
                    (kind, project, *of_slice, start, step), [later[0] if later else None, 0]
                )
                row[1] += 1
    return rows


def _durations(site: Site, name: str) -> Rows:
    rows: Rows = {}
    for key, tasks in _closed(site, ("week", "month")).items():
        days = [value for task in tasks if (value := getattr(task, name)) is not None]
        project, *of_slice, period, start = key
        is_dense = tuple(of_slice) == EVERY and start in site.dense_periods(project, period)
        if days or is_dense:
            rows[key] = [len(days), *figures(days, 0.5, 0.85, 0.95)]
    return rows


def _closed(site: Site, kinds: tuple[str, ...]) -> dict[tuple[Any, ...], list[Work]]:
    found: dict[tuple[Any, ...], list[Work]] = defaultdict(list)
    for project, tasks in site.work.items():
        for period in kinds:
            for start in site.dense_periods(project, period):
                found[project, *EVERY, period, start] = []
            for task in tasks:
                if task.closed_at is None:
                    continue
                start = period_start(period, site.day_of(task.closed_at))
                for of_slice in task.slices:
                    if period != "day" or of_slice == EVERY:
                        found[project, *of_slice, period, start].append(task)
    return found
