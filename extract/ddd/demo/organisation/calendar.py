"""When people work: office hours, few weekends, a break in winter and a dip in summer."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache

DAY = 86_400
HOUR = 3_600
WEEK = 7 * DAY

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_WEEKDAY_WEIGHTS = (1.0, 1.12, 1.1, 1.02, 0.78, 0.07, 0.06)


def epoch(day: date) -> int:
    """Midnight UTC of a day, in seconds since 1970."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY


def day_of(at: int) -> date:
    """The UTC day of a time in seconds since 1970."""
    return date.fromordinal(at // DAY + _EPOCH_ORDINAL)


def end_epoch(end_at: datetime | date) -> int:
    """The end of a history, which is not part of it, in seconds since 1970."""
    if isinstance(end_at, datetime):
        return int((end_at if end_at.tzinfo else end_at.replace(tzinfo=UTC)).timestamp())
    return epoch(end_at)


def founded(end: int) -> date:
    """The first day of the history that ends then: a Monday three to three and a half years before.

    It moves only twice a year, so that histories that end on different days of one half-year are one
    history, cut at different times.
    """
    last = day_of(end - 1)
    earliest = last.replace(year=last.year - 3, day=min(last.day, 28))
    first = date(earliest.year, 1 if earliest.month <= 6 else 7, 1)
    return first + timedelta(days=-first.weekday() % 7)


@cache
def is_winter_break(day: int) -> bool:
    """Whether nobody works because the year ends; days are counted from 1970."""
    found = date.fromordinal(day + _EPOCH_ORDINAL)
    return (found.month, found.day) >= (12, 23) or (found.month, found.day) <= (1, 1)


@cache
def is_day_off(day: int) -> bool:
    """Whether it is a weekend or part of the winter break."""
    return (day + 3) % 7 >= 5 or is_winter_break(day)


@cache
def day_weight(day: int) -> float:
    """How much happens on a day, an ordinary Monday being 1."""
    if is_winter_break(day):
        return 0.05
    found = date.fromordinal(day + _EPOCH_ORDINAL)
    weight = _WEEKDAY_WEIGHTS[found.weekday()]
    if (7, 15) <= (found.month, found.day) <= (8, 20):
        weight *= 0.6
    return weight


def office_time(rng: random.Random, at: int) -> int:
    """The time, or the next one when people are at work; a few work at night and on days off."""
    day, second = divmod(at, DAY)
    chance = rng.random()
    if second > 19 * HOUR:
        if chance < 0.06:
            return at
        day, second = day + 1, 0
    if is_day_off(day):
        if chance < 0.04:
            return at if second else day * DAY + 10 * HOUR
        while is_day_off(day):
            day += 1
        second = 0
    if second < 7 * HOUR:
        second = 7 * HOUR + int(rng.random() * 4 * HOUR)
    return day * DAY + second


def moment_of_day(rng: random.Random, day: int) -> int:
    """A time on a day when something is written down: mostly in office hours."""
    hour = rng.gauss(13.0, 2.8)
    return day * DAY + int(min(max(hour, 0.2), 23.8) * HOUR)
