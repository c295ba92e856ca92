"""How often verdicts are wrong, and how often they find what is there, by the models' SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from impact_runs import Steps, judged, many
from numpy.typing import NDArray

HISTORY = 156


@dataclass(frozen=True)
class Scenario:
    """Weeks as they may be, with a change of a known effect.

    Attributes:
        measure: What is measured: it decides how weeks are averaged.
        rate: Samples of a mean week; of a level, its mean.
        effect: The true effect, as a share; of shares, in points.
        correlation: Of a week with the one before.
        season: How far a year swings to either side, as a share; two weeks at its end are nearly dead.
        history: Weeks before the first window.
    """

    name: str
    measure: str
    rate: float = 8
    effect: float = 0
    correlation: float = 0
    season: float = 0
    history: int = HISTORY
    window: int = 12


@dataclass(frozen=True)
class Outcome:
    """What became of the runs, as shares of those with enough data.

    Attributes:
        judged_share: Runs with enough data, of all.
        verdict_share: Verdicts `better`, `worse` and `changed`.
        right_share: Verdicts in the direction of the true effect.
        covered_share: Intervals that hold the true difference.
        uncorrected_share: Bootstrap intervals as they are, without what is added, that do.
        step_share: Steps with a Newey-West p-value of at most 5 %.
    """

    judged_share: float
    verdict_share: float
    right_share: float
    covered_share: float
    uncorrected_share: float
    step_share: float


def simulate(steps: Steps, scenario: Scenario, runs: int, seed: int = 1) -> Outcome:
    """Judge so many changes in weeks of this kind."""
    values, samples = _weeks(scenario, runs, np.random.default_rng(seed))
    week = scenario.history + scenario.window
    models = judged(steps, many(scenario.measure, values, samples, week, scenario.window))
    true = _true_difference(scenario)
    row = models.execute(
        """
        with runs as (
            select
                impact.verdict,
                judged.scaled_difference,
                judged.half_width,
                judged.bootstrap_low,
                judged.bootstrap_high,
                impact.level_change_p_value,
                judged.has_enough_data
            from metric_change_impact as impact
            inner join int_impact_judged as judged using (change_key, measure)
        ),
        enough as (select * from runs where has_enough_data)
        select
            count(*) / (select count(*) from runs),
            avg((verdict in ('better', 'worse', 'changed'))::int),
            avg((verdict in ('better', 'worse', 'changed') and scaled_difference * $true > 0)::int),
            avg((abs(scaled_difference - $true) <= half_width)::int),
            avg((bootstrap_low <= $true and $true <= bootstrap_high)::int),
            avg((level_change_p_value <= 0.05)::int)
        from enough
        """,
        {"true": true},
    ).fetchone()
    assert row is not None
    return Outcome(*row)


def _true_difference(scenario: Scenario) -> float:
    if scenario.measure == "change fail rate":
        return scenario.effect
    if scenario.measure == "median cycle time":
        return float(np.log1p(scenario.effect))
    return scenario.rate * scenario.effect


def _weeks(scenario: Scenario, runs: int, dice: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    length = scenario.history + 2 * scenario.window
    week = np.arange(length) + dice.uniform(0, 52, size=(runs, 1))
    noise = dice.standard_normal((runs, length))
    for place in range(1, length):
        kept = scenario.correlation * noise[:, place - 1]
        noise[:, place] = kept + np.sqrt(1 - scenario.correlation**2) * noise[:, place]
    swing = scenario.season * np.sin(2 * np.pi * week / 52)
    if scenario.season:
        swing = swing - np.where((week % 52).astype(int) < 2, 1.0, 0)
    if scenario.correlation:
        swing = swing + 0.35 * noise
    is_after = np.arange(length) >= scenario.history + scenario.window
    if scenario.measure == "change fail rate":
        samples = dice.poisson(scenario.rate, size=(runs, length))
        failed = dice.binomial(samples, 0.25 + scenario.effect * is_after)
        return np.where(samples > 0, failed / np.maximum(samples, 1), np.nan), samples
    if scenario.measure == "median cycle time":
        return _medians(scenario, swing, is_after, dice)
    mean = scenario.rate * np.exp(swing) * (1 + scenario.effect * is_after)
    if scenario.measure == "tasks in progress":
        return mean, np.maximum(mean.round(), 1).astype(int)
    counts = dice.poisson(mean)
    return counts.astype(float), counts


def _medians(
    scenario: Scenario, swing: NDArray[Any], is_after: NDArray[Any], dice: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Medians of log-normal durations; the standard deviation of their logarithms is 0.8."""
    samples = dice.poisson(scenario.rate, size=swing.shape)
    centre = np.log(8) + swing + np.log1p(scenario.effect) * is_after
    values = np.full(swing.shape, np.nan)
    for count in range(1, samples.max() + 1):
        places = np.where(samples == count)
        drawn = np.median(0.8 * dice.standard_normal((len(places[0]), count)), axis=1)
        values[places] = np.exp(centre[places] + drawn)
    return values, samples


CLOSED, CYCLE, WIP, FAILS = "closed tasks", "median cycle time", "tasks in progress", "change fail rate"

WITHOUT_EFFECT = (
    Scenario("8 closed tasks a week", CLOSED),
    Scenario("the same, weeks correlated by 0.5", CLOSED, correlation=0.5),
    Scenario("the same, with seasons", CLOSED, season=0.2),
    Scenario("median of 6 tasks a week", CYCLE, rate=6),
    Scenario("the same, weeks correlated by 0.6", CYCLE, rate=6, correlation=0.6),
    Scenario("the same, with seasons", CYCLE, rate=6, season=0.2),
    Scenario("median of 2 tasks a week", CYCLE, rate=2),
    Scenario("share of 5 deployments a week", FAILS, rate=5),
    Scenario("tasks in progress, correlated by 0.9", WIP, correlation=0.9),
    Scenario("8 closed tasks a week, no history", CLOSED, history=0),
    Scenario("the same, weeks correlated by 0.5", CLOSED, history=0, correlation=0.5),
    Scenario("the same, with seasons", CLOSED, history=0, season=0.2),
    Scenario(
        "median of 6 tasks a week, no history, correlated by 0.6", CYCLE, rate=6, history=0, correlation=0.6
    ),
    Scenario(
        "median of 2 tasks a week, windows of 52 weeks, no history", CYCLE, rate=2, history=0, window=52
    ),
)
WITH_EFFECT = (
    Scenario("8 closed tasks a week, 30 % more", CLOSED, effect=0.3),
    Scenario("20 closed tasks a week, 30 % more", CLOSED, rate=20, effect=0.3),
    Scenario("median of 6 tasks a week, 30 % less", CYCLE, rate=6, effect=-0.3),
    Scenario("the same, weeks correlated by 0.3", CYCLE, rate=6, effect=-0.3, correlation=0.3),
    Scenario("median of 20 tasks a week, 30 % less", CYCLE, rate=20, effect=-0.3),
    Scenario("median of 2 tasks a week, 30 % less", CYCLE, rate=2, effect=-0.3),
    Scenario(
        "median of 2 tasks a week, 30 % less, windows of 52 weeks",
        CYCLE,
        rate=2,
        effect=-0.3,
        history=0,
        window=52,
    ),
    Scenario("share of 5 deployments a week, 25 % to 10 %", FAILS, rate=5, effect=-0.15),
)
