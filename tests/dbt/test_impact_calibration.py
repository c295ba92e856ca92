"""How often verdicts are wrong: a reduced version of the tables in docs/impact.md (tests/bench/impact.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from impact_runs import Steps
from impact_simulation import WITH_EFFECT, WITHOUT_EFFECT, Scenario, simulate

RUNS = 300
QUICK = (1, 5, 8)
"""Correlated, seasonal, and at hand from week to week: where plain methods fail most."""


@pytest.mark.parametrize("scenario", [WITHOUT_EFFECT[place] for place in QUICK], ids=lambda one: one.name)
def test_verdicts_without_an_effect_are_rare(impact_steps: Steps, scenario: Scenario) -> None:
    """Of 300 runs with a true rate of 5 %, more than 28 have a verdict in one of a thousand trials."""
    found = simulate(impact_steps, scenario, RUNS)
    assert found.judged_share > 0.9
    assert found.verdict_share <= 28 / RUNS
    assert found.covered_share >= 1 - 30 / RUNS
    assert found.uncorrected_share < found.covered_share


def test_a_large_effect_is_found_and_covered(impact_steps: Steps) -> None:
    found = simulate(impact_steps, replace(WITH_EFFECT[1], effect=0.5), RUNS)
    assert found.right_share > 0.8
    assert found.verdict_share == found.right_share
    assert found.covered_share >= 1 - 30 / RUNS
