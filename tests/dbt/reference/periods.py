"""Calendar periods and percentiles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

Day = date


def day_of(epoch: int) -> Day:
    return datetime.fromtimestamp(epoch, UTC).date()


def period_start(period: str, day: Day) -> Day:
    """First day of the day, week (from Monday) or month that holds a day."""
    if period == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    return day.replace(day=1) if period == "month" else day


def periods(period: str, first: Day, last: Day) -> list[Day]:
    """All periods from the one of the first day to the one of the last."""
    found = {period_start(period, first + timedelta(days=n)) for n in range((last - first).days + 1)}
    return sorted(found)


def percentile(values: list[float], share: float) -> float:
    """Linear interpolation between the two nearest of the sorted values."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
