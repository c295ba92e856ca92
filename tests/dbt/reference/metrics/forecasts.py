"""Monte Carlo forecasts, draw by draw, as the description of int_project_forecasts_simulated says."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from reference.metrics.finished import Rows
from reference.periods import Day, days, period_start
from reference.site import Site, Work

HORIZONS = [*range(1, 29), *range(35, 183, 7)]
LEAST_TASKS = 10
NUMBERS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
SHARES = (0.5, 0.85, 0.95)


@cache
def draws(seed: int, trial: int, window: int) -> list[int]:
    """Which day of the window, 0 the oldest, a trial repeats on each day ahead."""
    found = []
    for day in range(1, HORIZONS[-1] + 1):
        digest = hashlib.md5(f"{seed}:{trial}:{day}".encode(), usedforsecurity=False).digest()
        found.append(int.from_bytes(digest[8:], "little") % window)
    return found


def sample(site: Site, tasks: list[Work], origin: Day) -> list[int] | None:
    """What was closed on each day of the window before a day; none where that is too little to go by."""
    window = tasks[0].rules.number("forecast_window_days")
    first = origin - timedelta(days=window)
    closed = [site.day_of(task.closed_at) for task in tasks if task.closed_at is not None]
    counts = [closed.count(day) for day in days(first, origin - timedelta(days=1))]
    is_young = min(site.day_of(task.created_at) for task in tasks) > first
    return None if is_young or sum(counts) < LEAST_TASKS else counts


def totals(site: Site, counts: list[int], last: int) -> Iterator[tuple[int, list[int]]]:
    """For each horizon what every trial has closed by then, the most first."""
    trials = range(1, site.rules.number("forecast_trials") + 1)
    seed = site.rules.number("forecast_seed")
    closed = [0] * len(trials)
    drawn = [draws(seed, trial, len(counts)) for trial in trials]
    for day in range(1, last + 1):
        closed = [sum_ + counts[one[day - 1]] for sum_, one in zip(closed, drawn, strict=True)]
        if day in HORIZONS:
            yield day, sorted(closed, reverse=True)


def reached(descending: list[int], share: float) -> int:
    """The largest number that at least this share of the trials reach."""
    return descending[math.ceil(share * len(descending) - 1e-9) - 1]


def how_many(site: Site) -> Rows:
    """The numbers that 50, 85 and 95 % of the trials reach by each horizon, with its dates."""
    rows: Rows = {}
    origin = site.day_of(site.as_of)
    for project, tasks in site.work.items():
        counts = sample(site, tasks, origin)
        for horizon, descending in totals(site, counts, HORIZONS[-1]) if counts else ():
            rows[project, horizon] = [
                *(reached(descending, share) for share in SHARES),
                *(origin, origin + timedelta(days=horizon - 1)),
            ]
    return rows


def when(site: Site) -> Rows:
    """The first horizon by which 50, 85 and 95 % of the trials have closed as many, with the dates."""
    rows: Rows = {}
    origin = site.day_of(site.as_of)
    for project, tasks in site.work.items():
        counts = sample(site, tasks, origin)
        if not counts:
            continue
        by_horizon = dict(totals(site, counts, HORIZONS[-1]))
        is_open = sum(not task.is_closed for task in tasks)
        for number in sorted({*NUMBERS, is_open} - {0}):
            firsts = [
                next((at for at, found in by_horizon.items() if reached(found, share) >= number), None)
                for share in SHARES
            ]
            if firsts[0] is not None or number == is_open:
                dates = [None if at is None else origin + timedelta(days=at - 1) for at in firsts]
                rows[project, number] = [*firsts, number == is_open, origin, *dates]
    return rows


def backtest(site: Site) -> Rows:
    """What would have been promised on past Mondays for four weeks, what came, and whether that was a hit."""
    rows: Rows = {}
    today = site.day_of(site.as_of)
    last = period_start("week", today - timedelta(days=28))
    for project, tasks in site.work.items():
        closed = [site.day_of(task.closed_at) for task in tasks if task.closed_at is not None]
        found: Rows = {}
        for monday in [last - timedelta(days=7 * number) for number in range(26)]:
            counts = sample(site, tasks, monday)
            if counts:
                bound = reached(dict(totals(site, counts, 28))[28], 0.85)
                came = sum(monday <= day < monday + timedelta(days=28) for day in closed)
                found[project, "week", monday] = [28, bound, came, came >= bound]
        hits = sum(row[3] for row in found.values())
        rows.update({key: [*row, hits / len(found)] for key, row in found.items()})
    return rows
