"""Medians that count open tasks, as statsmodels and SciPy compute them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from impact_runs import Case, Change, Steps, Subject, judged, monday
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

WEEK, WINDOW = 20, 16


@pytest.mark.parametrize("seed", range(5))
def test_medians_agree_with_statsmodels_and_scipy(impact_steps: Steps, seed: int) -> None:
    dice = np.random.default_rng(seed)
    first = datetime.combine(monday(WEEK - WINDOW), datetime.min.time())
    ends = {"before": first + timedelta(weeks=WINDOW), "after": first + timedelta(weeks=2 * WINDOW)}
    tasks, expected = [], {}
    for name, begun in (("before", first), ("after", ends["before"])):
        starts = [begun + timedelta(hours=int(hours)) for hours in dice.integers(0, WINDOW * 168, size=60)]
        days = np.ceil(dice.lognormal(3, 1, size=60))
        closings = [start + timedelta(days=float(one)) for start, one in zip(starts, days, strict=True)]
        tasks += [(start, closed) for start, closed in zip(starts, closings, strict=True)]
        end = ends[name]
        lasted = [
            (min(closed, end) - start) / timedelta(days=1)
            for start, closed in zip(starts, closings, strict=True)
        ]
        is_closed = np.array([closed < end for closed in closings])
        expected[name] = SurvfuncRight(lasted, is_closed).quantile(0.5)
        curve = stats.ecdf(stats.CensoredData.right_censored(lasted, ~is_closed)).sf
        assert curve.quantiles[curve.probabilities <= 0.5 + 1e-9][0] == pytest.approx(expected[name])
    table = pa.table(
        {
            "project_phid": ["p"] * len(tasks),
            "task_id": range(len(tasks)),
            "created_at": [created for created, _ in tasks],
            "started_at": [created for created, _ in tasks],
            "closed_at": [closed for _, closed in tasks],
        }
    )
    subject = Subject("project", "p", "median lead time", dice.gamma(9, 1, size=36), [9] * 36)
    case = Case([subject], [Change("c", "project", "p", WEEK, WINDOW)], {"measured_tasks": table})
    found = judged(impact_steps, case).execute(
        "select kaplan_meier_before_value, kaplan_meier_after_value from int_impact_survival"
        " where measure = 'median lead time'"
    )
    assert found.fetchone() == pytest.approx([expected["before"], expected["after"]], rel=1e-9)
