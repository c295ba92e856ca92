"""What is out of the ordinary in the last week: an XmR chart of each figure, week by week."""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any

from reference.metrics import finished, stock
from reference.metrics.finished import Rows
from reference.periods import Day, period_start
from reference.site import EVERY, Site

WINDOW = 26
LEAST = 8
FIGURES = (
    # name, the metric's rows, which of its columns, whether it is a level
    ("closed tasks", finished.throughput, 0, False),
    ("created tasks", stock.net_flow, 0, False),
    ("open tasks", stock.net_flow, 5, True),
    ("tasks in progress", stock.wip, 0, True),
    ("median cycle time", finished.cycle_time, 1, False),
    ("cycle time of 85 %", finished.cycle_time, 2, False),
    ("median lead time", finished.lead_time, 1, False),
)


def headlines(site: Site) -> Rows:
    """Value, week before, change, usual range, how far beyond, weeks compared with, verdict, since when."""
    rows: Rows = {}
    last = period_start("week", site.day_of(site.as_of)) - timedelta(days=7)
    for name, metric, place, is_level in FIGURES:
        figures = metric(site)
        for project in site.work:
            values = {
                monday: figures[key][place]
                for monday in site.dense_periods(project, "week")
                if monday <= last and (key := (project, *EVERY, "week", monday)) in figures
            }
            judged: dict[Day, list[Any]] = {}
            for monday in values:
                if project == "all" or monday >= last - timedelta(weeks=25):
                    judged[monday] = _judge(values, monday, is_level)
            for monday, row in judged.items():
                if project == "all" or monday == last:
                    rows[project, name, monday] = [*row, _since(judged, monday), monday == last]
    return rows


def _since(judged: dict[Day, list[Any]], monday: Day) -> Day:
    """The first of the weeks up to this one, at most 26 of them, that have its verdict."""
    first = monday
    for week in range(1, 26):
        before = judged.get(monday - timedelta(weeks=week))
        if before is None or before[-1] != judged[monday][-1]:
            break
        first = monday - timedelta(weeks=week)
    return first


def _judge(values: dict[Day, float | None], monday: Day, is_level: bool) -> list[Any]:
    def value(week: int) -> float | None:
        return values.get(monday - timedelta(days=7 * week))

    def judged(week: int) -> float | None:
        now, before = value(week), value(week + 1)
        if not is_level:
            return now
        return None if now is None or before is None else now - before

    weeks = range(1, WINDOW + 1)
    known = [one for week in weeks if (one := judged(week)) is not None]
    ranges = [
        abs(now - before)
        for week in weeks
        if (now := judged(week)) is not None and (before := judged(week + 1)) is not None
    ]
    compared = sum(one != 0 for one in known)
    low = high = beyond = None
    if compared >= LEAST and ranges:
        base = (value(1) or 0) if is_level else 0
        half = 2.66 * statistics.fmean(ranges)
        middle = base + statistics.fmean(known)
        low, high = round(max(middle - half, 0), 6), round(max(middle + half, 0), 6)
    now = value(0)
    if now is None:
        verdict = "no value"
    elif low is None or high is None:
        verdict = "too little data"
    elif low <= round(now, 6) <= high:
        verdict = "usual"
    else:
        verdict = "above" if now > high else "below"
        distance = round(now, 6) - high if now > high else low - round(now, 6)
        beyond = distance / half if half else None
    before = value(1)
    change = None if now is None or before is None else now - before
    return [now, before, change, low, high, beyond, compared, verdict]
