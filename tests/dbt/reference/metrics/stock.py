"""How much there is at a time: work in progress, open tasks, their ages, and what comes and goes."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import timedelta

from reference.metrics import promises
from reference.metrics.finished import Rows
from reference.periods import Day, days, figures, next_period, period_start
from reference.site import EVERY, PERIODS, Site, Work

Span = tuple[int, int | None]


def by_slice(tasks: list[Work]) -> dict[tuple[str, str], list[Work]]:
    """The tasks of each slice by subtype and priority."""
    found: dict[tuple[str, str], list[Work]] = defaultdict(list)
    for task in tasks:
        for of_slice in task.slices:
            found[of_slice].append(task)
    return found


def in_progress(task: Work) -> list[Span]:
    """The times for which a task was started and open."""
    started = task.started_at
    if started is None:
        return []
    return [
        (max(start, started), end)
        for start, end in task.history.open_spans
        if end is None or end > max(start, started)
    ]


def counts_by_day(site: Site, spans: list[Span], first: Day) -> dict[Day, int]:
    """How many spans hold at the end of each day, until the last day."""
    counts = dict.fromkeys(days(first, site.last_day), 0)
    for start, end in spans:
        ended = site.last_day + timedelta(days=1) if end is None else site.day_of(end)
        for day in days(site.day_of(start), ended - timedelta(days=1)):
            if day in counts:
                counts[day] += 1
    return counts


def wip(site: Site) -> Rows:
    """Tasks in progress at the end of each period, and the mean over its days, for every slice and period."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        first = min(site.day_of(task.created_at) for task in tasks)
        # the first week and month begin before the first task
        begun = min(period_start("month", first), period_start("week", first))
        for of_slice, members in by_slice(tasks).items():
            counts = counts_by_day(site, [span for task in members for span in in_progress(task)], begun)
            for period in PERIODS:
                by_period: dict[Day, list[int]] = defaultdict(list)
                for day, count in counts.items():
                    by_period[period_start(period, day)].append(count)
                for start, found in by_period.items():
                    rows[project, *of_slice, period, start] = [found[-1], statistics.fmean(found)]
    return rows


def net_flow(site: Site) -> Rows:
    """Created, re-opened, arrived, closed, the net flow, and what is open then."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        for of_slice, members in by_slice(tasks).items():
            for period in PERIODS if of_slice == EVERY else PERIODS[1:]:
                events = _arrivals_and_departures(site, members, period)
                if of_slice == EVERY:
                    for start in site.dense_periods(project, period):
                        events.setdefault(start, [0, 0, 0])
                is_open = 0
                for start in sorted(events):
                    created, reopened, closed = events[start]
                    net = created + reopened - closed
                    is_open += net
                    arrived = created + reopened
                    rows[project, *of_slice, period, start] = [
                        *(created, reopened, arrived, closed, net, is_open)
                    ]
    return rows


def _arrivals_and_departures(site: Site, tasks: list[Work], period: str) -> dict[Day, list[int]]:
    events: dict[Day, list[int]] = {}
    for task in tasks:
        times = ([task.created_at], task.history.reopenings, task.history.closings)
        for index, found in enumerate(times):
            for at in found:
                start = period_start(period, site.day_of(at))
                events.setdefault(start, [0, 0, 0])[index] += 1
    return events


def reopen_rate(site: Site) -> Rows:
    """Setting, tasks closed, of them re-opened in time, their share and whether it is final, per month."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        for of_slice, members in by_slice(tasks).items():
            within = members[0].rules.number("reopened_within_days")
            closed: dict[Day, set[int]] = defaultdict(set)
            reopened: dict[Day, set[int]] = defaultdict(set)
            for task in members:
                for number, at in enumerate(task.history.closings):
                    month = period_start("month", site.day_of(at))
                    closed[month].add(task.task_id)
                    again = task.history.reopenings[number : number + 1]
                    if again and again[0] - at <= within * 86400:
                        reopened[month].add(task.task_id)
            if of_slice == EVERY:
                for month in site.dense_periods(project, "month"):
                    closed[month]
            for month, once in closed.items():
                ended_at = site.start_of(next_period("month", month))
                rows[project, *of_slice, "month", month] = [
                    within,
                    len(once),
                    len(reopened[month]),
                    len(reopened[month]) / len(once) if once else None,
                    site.as_of - ended_at > within * 86400,
                ]
    return rows


def open_task_age(site: Site) -> Rows:
    """Oldest task, number of open tasks, P50, P85, mean and greatest age, when the oldest was created."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        for of_slice, members in by_slice([task for task in tasks if not task.is_closed]).items():
            oldest = min(members, key=lambda task: (task.created_at, task.task_id))
            ages = [site.age_days(task.created_at) for task in members]
            rows[project, *of_slice] = [
                oldest.task_id,
                len(members),
                *figures(ages, 0.5, 0.85),
                max(ages),
                oldest.created_at,
            ]
    return rows


def work_item_age(site: Site) -> Rows:
    """Column on the project's own board, age, share that took no longer, expectation, start."""
    rows: Rows = {}
    promised = promises.service_level(site)
    monday = period_start("week", site.day_of(site.as_of))
    for project, tasks in site.work.items():
        finished = [days for task in tasks if (days := task.cycle_time_days) is not None]
        expected = promised.get((project, "week", monday), [None] * 7)[6]
        for task in tasks:
            if task.is_closed or task.started_at is None:
                continue
            age = site.age_days(task.started_at)
            column = task.history.moments[-1].columns.get(project)
            quicker = sum(days <= age for days in finished)
            rows[project, task.task_id] = [
                column if column in site.installation.columns else None,
                age,
                quicker / len(finished) if finished else None,
                expected,
                None if expected is None else round(age, 6) > round(expected, 6),
                task.started_at,
            ]
    return rows
