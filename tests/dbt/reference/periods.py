"""Calendar periods, slices and percentiles."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from datetime import date, timedelta

Day = date


def period_start(period: str, day: Day) -> Day:
    """First day of the day, week (from Monday) or month that holds a day."""
    if period == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    return day.replace(day=1) if period == "month" else day


def next_period(period: str, start: Day) -> Day:
    """First day of the period after one."""
    if period == "month":
        return period_start(period, start + timedelta(days=31))
    return start + timedelta(days=7 if period == "week" else 1)


def periods(period: str, first: Day, last: Day) -> list[Day]:
    """All periods from the one of the first day to the one of the last."""
    return sorted({period_start(period, day) for day in days(first, last)})


def days(first: Day, last: Day) -> list[Day]:
    """All days from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def percentile(values: list[float], share: float) -> float:
    """Linear interpolation between the two nearest of the sorted values."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def figures(values: Iterable[float], *shares: float) -> list[float | None]:
    """These percentiles and the mean; null where there is no value."""
    known = list(values)
    if not known:
        return [None] * (len(shares) + 1)
    return [*(percentile(known, share) for share in shares), statistics.fmean(known)]
