"""How often verdicts are wrong on the demo's own generator, and what they find: tables of docs/impact.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from impact_organisations import MEASURES, Calendar, TeamWeeks, Verdict, moved, teams_weeks, verdicts
from impact_runs import Steps

SMALL, LARGE = 3000, 12000
"""Tasks of an organisation: its teams close about two, or about eight, a week."""

ORGANISATIONS = {SMALL: 63, LARGE: 20}
FACTOR = 0.64
"""Of work alone; with nights, weekends and tasks that are opened again the median falls by 26 to 29 %."""

EARLY = Calendar(first_week=20, last_week=46)
YEAR = Calendar(window=52, first_week=60, last_week=86)
LATE_YEAR = Calendar(window=52, first_week=104)
"""After the first years of an organisation, in which closed tasks and lead times still grow by themselves."""

FOUND = ("median cycle time", "tasks in progress")
"""What the effect is looked for in; that of tasks in progress follows from it."""


@dataclass(frozen=True)
class Shares:
    """What became of many changes, as shares of those with enough data.

    Attributes:
        runs: How many changes there were.
        enough: How many of them had enough data.
        said: Verdicts that something changed.
        right: Those in the direction of the effect.
        covered: Intervals that hold the true difference.
    """

    runs: int
    enough: int
    said: float
    right: float
    covered: float


def shares(found: Sequence[Verdict], truth: dict[str, float] | None = None) -> Shares:
    """Count them.

    Args:
        found: The verdicts.
        truth: The true scaled difference by team; 0 where none is given.
    """
    enough = [(one, (truth or {}).get(one.team, 0.0)) for one in found if one.has_enough_data]
    return Shares(
        len(found),
        len(enough),
        float(np.mean([one.is_said for one, _ in enough])),
        float(np.mean([one.is_said and one.difference * true > 0 for one, true in enough])),
        float(np.mean([abs(one.difference - true) <= one.half_width for one, true in enough])),
    )


def true_differences(changed: Sequence[Verdict], unchanged: Sequence[Verdict]) -> dict[str, float]:
    """What a change truly does, by team: the mean of what it makes of the same organisations without it."""
    without = {(one.seed, one.team): one.difference for one in unchanged if one.difference is not None}
    by_team: dict[str, list[float]] = defaultdict(list)
    for one in changed:
        if one.difference is not None and (one.seed, one.team) in without:
            by_team[one.team].append(one.difference - without[one.seed, one.team])
    return {team: float(np.mean(differences)) for team, differences in by_team.items()}


def of_teams(
    tasks: int, factor: float = 1, calendar: Calendar | None = None, share: float = 1
) -> list[TeamWeeks]:
    """The teams of all organisations of a size, or of a share of them."""
    count = max(round(ORGANISATIONS[tasks] * share), 1)
    return list(teams_weeks(range(1, count + 1), tasks, factor, calendar))


def without_effect(steps: Steps, teams: Sequence[TeamWeeks]) -> Iterator[tuple[str, str, Shares]]:
    """Each way to look at changes that do nothing, by measure."""
    for measure in MEASURES:
        yield "12 weeks, with a history", measure, shares(verdicts(steps, teams, measure))
    for measure in MEASURES[:-1]:
        yield "12 weeks, no history", measure, shares(verdicts(steps, moved(teams, EARLY), measure))
    for measure in MEASURES[:-1]:
        yield (
            "52 weeks, after two years",
            measure,
            shares(verdicts(steps, moved(teams, LATE_YEAR), measure, 52)),
        )


def with_effect(
    steps: Steps, unchanged: Sequence[TeamWeeks], changed: Sequence[TeamWeeks], calendar: Calendar
) -> Iterator[tuple[str, float, Shares]]:
    """What is found of a change, by measure, with its true size as a share or, of a mean, in its own unit."""
    for measure in FOUND:
        before = verdicts(steps, moved(unchanged, calendar), measure, calendar.window)
        after = verdicts(steps, changed, measure, calendar.window)
        if not any(one.has_enough_data for one in after):
            continue  # a level without a history is not judged
        truth = true_differences(after, before)
        mean = float(np.mean(list(truth.values())))
        yield measure, float(np.expm1(mean)) if measure == FOUND[0] else mean, shares(after, truth)
