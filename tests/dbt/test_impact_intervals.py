"""Intervals and p-values of differences, against NumPy and SciPy on the same weeks."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from impact_runs import Case, Change, Steps, Subject, judged, many
from numpy.typing import NDArray
from scipy import stats

WINDOW, HISTORY, BLOCK, TRIALS = 12, 100, 4, 1000


def _series(seed: int = 3) -> tuple[NDArray[Any], NDArray[Any]]:
    dice = np.random.default_rng(seed)
    length = HISTORY + 2 * WINDOW
    return dice.gamma(4, 2, size=length), dice.integers(1, 9, size=length)


def _mean(values: NDArray[Any], weights: NDArray[Any]) -> float:
    return float((values * weights).sum() / weights.sum())


def test_the_bootstrap_draws_as_described(impact_steps: Steps) -> None:
    values, samples = _series()
    week = HISTORY + WINDOW
    case = many("change fail rate", values[None, :], samples[None, :], week)
    found = judged(impact_steps, case).execute(
        "select bootstrap_low, bootstrap_high from int_impact_bootstrapped"
    )
    means = {}
    for name, first in (("before", week - WINDOW), ("after", week)):
        of_window = slice(first, first + WINDOW)
        means[name] = [
            _mean(values[of_window][places], samples[of_window][places])
            for places in (_drawn(trial, name) for trial in range(1, TRIALS + 1))
        ]
    differences = np.array(means["after"]) - np.array(means["before"])
    assert found.fetchone() == pytest.approx(np.quantile(differences, [0.025, 0.975]), rel=1e-9)


def _drawn(trial: int, window: str) -> NDArray[Any]:
    starts = []
    for draw in range(1, WINDOW // BLOCK + 1):
        digest = hashlib.md5(f"1:{trial}:{window}:{draw}".encode(), usedforsecurity=False).digest()
        starts.append(int.from_bytes(digest[8:], "little") % WINDOW)
    return np.concatenate([(start + np.arange(BLOCK)) % WINDOW for start in starts])


def test_the_bootstrap_agrees_with_all_that_can_be_drawn(impact_steps: Steps) -> None:
    """1,728 pairs of three blocks a window; a thousand of their three million differences lie near."""
    values, samples = _series(4)
    week = HISTORY + WINDOW
    models = judged(impact_steps, many("closed tasks", values[None, :], samples[None, :], week))
    low, high = models.execute(
        "select bootstrap_low, bootstrap_high from int_impact_bootstrapped"
    ).fetchall()[0]
    means = []
    for first in (week - WINDOW, week):
        window = values[first : first + WINDOW]
        blocks = np.array([np.roll(window, -start)[:BLOCK].mean() for start in range(WINDOW)])
        means.append((blocks[:, None, None] + blocks[None, :, None] + blocks[None, None, :]).ravel() / 3)
    every = (means[1][:, None] - means[0][None, :]).ravel()
    for bound, share in ((low, 0.025), (high, 0.975)):
        assert stats.percentileofscore(every, bound) / 100 == pytest.approx(share, abs=0.02)


def test_differences_of_the_history_and_of_shifts(impact_steps: Steps) -> None:
    values, samples = _series(5)
    week, length = HISTORY + WINDOW, len(values)
    case = many("closed tasks", values[None, :], samples[None, :], week)
    found = judged(impact_steps, case).execute(
        "select placebos_count, placebo_spread, year_before_scaled_difference, shifts_count,"
        " permutation_p_value"
        " from int_impact_placebos"
    )
    sides = np.concatenate([np.full(WINDOW, 1 / WINDOW), np.full(WINDOW, -1 / WINDOW)])
    placebos = np.convolve(values[:week], sides, mode="valid")
    shifts = np.array([np.roll(values, -shift)[: 2 * WINDOW] @ -sides for shift in range(length)])
    actual = shifts[HISTORY]
    p_value = min(2 * (shifts * np.sign(actual) >= abs(actual) * (1 - 1e-9)).mean(), 1)
    expected = [len(placebos), np.sqrt((placebos**2).mean()), placebos[HISTORY - 52], length, p_value]
    assert found.fetchone() == pytest.approx(expected, rel=1e-9)


def test_p_values_and_bounds_agree_with_scipy(impact_steps: Steps) -> None:
    """With a history, the wider interval by 22 and by floor(placebos / window) degrees of freedom."""
    dice = np.random.default_rng(6)
    values = dice.normal(20, 3, size=(60, HISTORY + 2 * WINDOW)) + dice.normal(size=(60, 1))
    models = judged(impact_steps, many("closed tasks", values, np.full(values.shape, 5), HISTORY + WINDOW))
    rows = models.execute(
        "select scaled_difference, bootstrap_low, bootstrap_high, placebo_spread, placebos_count, half_width,"
        " difference_p_value from int_impact_judged"
    ).fetchall()
    assert len(rows) == 60
    for difference, low, high, spread, placebos, half_width, p_value in rows:
        error = (high - low) / 2 / stats.norm.ppf(0.975) * np.sqrt(WINDOW / (WINDOW - BLOCK))
        sides = ((error, 2 * WINDOW - 2), (spread, placebos // WINDOW))
        widths = [one * stats.t.ppf(0.975, degrees) for one, degrees in sides]
        p_values = [2 * stats.t.sf(abs(difference) / one, degrees) for one, degrees in sides]
        assert half_width == pytest.approx(max(widths), rel=1e-3)
        assert p_value == pytest.approx(max(p_values), abs=1e-9)


def test_without_a_history_each_block_is_one_observation(impact_steps: Steps) -> None:
    values, samples = _series(8)
    case = many("closed tasks", values[None, HISTORY:], samples[None, HISTORY:], WINDOW)
    models = judged(impact_steps, case)
    (row,) = models.execute(
        "select window_degrees, has_history, has_enough_data from int_impact_judged"
    ).fetchall()
    assert row == (2, False, True)
    level = many("tasks in progress", values[None, HISTORY:], samples[None, HISTORY:], WINDOW)
    (row,) = judged(impact_steps, level).execute("select verdict from metric_change_impact").fetchall()
    assert row == ("too little data",)


def test_many_measures_are_corrected_as_scipy_does(impact_steps: Steps) -> None:
    dice = np.random.default_rng(9)
    names = ("closed tasks", "created tasks", "median cycle time", "median lead time", "flow efficiency")
    length = HISTORY + 2 * WINDOW
    subjects = []
    for place, name in enumerate(names):
        values = dice.gamma(9, 1, size=length)
        values[HISTORY + WINDOW :] *= 1 + 0.25 * place
        subjects.append(Subject("project", "p", name, values, [9] * length))
    case = Case(subjects, [Change("c", "project", "p", HISTORY + WINDOW)])
    rows = judged(impact_steps, case).execute(
        "select difference_p_value, adjusted_p_value from int_impact_judged"
    )
    plain, adjusted = zip(*rows.fetchall(), strict=True)
    assert len(plain) == len(names)
    assert adjusted == pytest.approx(stats.false_discovery_control(plain), rel=1e-9)
