"""The interrupted time series, to the billionth as statsmodels computes it."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from impact_runs import Case, Change, Steps, Subject, judged

LAGS = 4


@pytest.mark.parametrize("measure", ["closed tasks", "change fail rate", "median cycle time"])
def test_steps_and_slopes_agree_with_statsmodels(impact_steps: Steps, measure: str) -> None:
    dice = np.random.default_rng(7)
    values = dice.gamma(4, 2, size=40) + np.arange(40) / 10
    values[[3, 30]] = np.nan
    samples = dice.integers(1, 9, size=40)
    change = Change("c", "project", "p", week=22, window=18, settling=2)
    case = Case([Subject("project", "p", measure, values, samples)], [change])
    found = judged(impact_steps, case).execute(
        "select before_level, level_change, level_change_error, level_change_p_value,"
        " after_slope, slope_change, slope_change_error, slope_change_p_value from int_impact_regressed"
    )
    weeks = np.array([week for week in [*range(2, 20), *range(22, 40)] if not np.isnan(values[week])])
    outcome = np.log(values[weeks]) if measure == "median cycle time" else values[weeks]
    weights = np.ones(len(weeks)) if measure == "closed tasks" else samples[weeks]
    after, number = (weeks >= 22).astype(float), weeks - 22.0
    design = np.column_stack([np.ones(len(weeks)), after, number, after * number])
    fit = sm.WLS(outcome, design, weights=weights).fit(
        cov_type="HAC", cov_kwds={"maxlags": LAGS, "use_correction": True}, use_t=True
    )
    expected = [
        *(fit.params[0], fit.params[1], fit.bse[1], fit.pvalues[1]),
        *(fit.params[2] + fit.params[3], fit.params[3], fit.bse[3], fit.pvalues[3]),
    ]
    assert found.fetchone() == pytest.approx(expected, rel=1e-9, abs=1e-12)
