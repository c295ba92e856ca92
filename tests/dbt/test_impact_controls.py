"""Differences in differences, as statsmodels has them, and what else may explain a difference."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from impact_runs import Case, Change, Steps, Subject, judged

WEEK, WINDOW = 100, 12
LENGTH = WEEK + WINDOW


def _case(jumps: dict[str, float], changes: list[Change]) -> Case:
    """Projects whose closed tasks a week jump by so much."""
    dice = np.random.default_rng(11)
    subjects = []
    for key, jump in jumps.items():
        values = dice.normal(20, 2, size=LENGTH)
        values[WEEK:] += jump
        subjects.append(Subject("project", key, "closed tasks", values, [20] * LENGTH))
    compared = pa.table(
        {
            "subject_kind": ["project"] * len(jumps),
            "subject_key": list(jumps),
            "is_compared": [True] * len(jumps),
            "is_charted": [True] * len(jumps),
        }
    )
    return Case(subjects, changes, {"int_impact_subjects": compared})


def _verdict(steps: Steps, case: Case) -> tuple[str, int, int]:
    columns = "verdict, control_projects_count, other_changes_count"
    sql = f"select {columns} from metric_change_impact where subject_key = 'p'"
    (row,) = judged(steps, case).execute(sql).fetchall()
    return row


def test_difference_in_differences_is_that_of_a_regression(impact_steps: Steps) -> None:
    case = _case({"p": 8, "q": 2}, [Change("c", "project", "p", WEEK, WINDOW)])
    models = judged(impact_steps, case)
    (found,) = models.execute(
        "select controlled_difference, control_difference from metric_change_impact"
    ).fetchall()
    weeks = np.arange(WEEK - WINDOW, LENGTH)
    own, other = (np.asarray(one.values)[weeks] for one in case.subjects)
    before = weeks < WEEK
    other = own[before].mean() + (other - other[before].mean()) * own[before].mean() / other[before].mean()
    is_own = np.repeat([1.0, 0.0], len(weeks))
    is_after = np.tile((~before).astype(float), 2)
    fit = sm.OLS(
        np.concatenate([own, other]),
        np.column_stack([np.ones(2 * len(weeks)), is_own, is_after, is_own * is_after]),
    ).fit()
    assert found == pytest.approx([fit.params[3], fit.params[2]], abs=1e-6)
    drawn = models.execute(
        "select control_value from metric_change_weeks order by week_started_date"
    ).fetchall()
    assert [value for (value,) in drawn] == pytest.approx(other, abs=1e-6)


def test_what_others_did_as_well_is_no_proof(impact_steps: Steps) -> None:
    change = Change("c", "project", "p", WEEK, WINDOW)
    calm = {"q": 0.0, "r": 0.0, "s": 0.0}
    assert _verdict(impact_steps, _case({"p": 10, **calm}, [change])) == ("better", 3, 0)
    assert _verdict(impact_steps, _case({"p": -10, **calm}, [change])) == ("worse", 3, 0)
    assert _verdict(impact_steps, _case({"p": 0, **calm}, [change])) == ("no evidence", 3, 0)
    moved = _case({"p": 10, "q": 9, "r": 8, "s": 7}, [change])
    assert _verdict(impact_steps, moved) == ("something else changed", 3, 0)


def test_another_change_in_the_same_weeks_takes_the_credit(impact_steps: Steps) -> None:
    change = Change("c", "project", "p", WEEK, WINDOW)
    jumps = {"p": 10.0, "q": 0.0}
    other = Change("other", "project", "p", WEEK - 5, WINDOW)
    sql = "select verdict from metric_change_impact where change_key = 'c'"
    (row,) = judged(impact_steps, _case(jumps, [change, other])).execute(sql).fetchall()
    assert row == ("something else changed",)
    long_ago = Change("other", "project", "p", WEEK - 40, WINDOW)
    (row,) = judged(impact_steps, _case(jumps, [change, long_ago])).execute(sql).fetchall()
    assert row == ("better",)
    # who changes as well is no control
    elsewhere = Change("other", "project", "q", WEEK - 5, WINDOW)
    assert _verdict(impact_steps, _case(jumps, [change, elsewhere])) == ("better", 0, 0)


def test_a_season_that_comes_every_year_is_not_the_change(impact_steps: Steps) -> None:
    dice = np.random.default_rng(12)
    values = dice.normal(20, 1, size=LENGTH + 52)
    for year in (0, 1, 2):
        values[(WEEK + 52) - 52 * year : (WEEK + 64) - 52 * year] += 12
    subject = Subject("project", "p", "closed tasks", values, [20] * len(values))
    case = Case([subject], [Change("c", "project", "p", WEEK + 52, WINDOW)])
    verdict, _, _ = _verdict(impact_steps, case)
    assert verdict in ("something else changed", "no evidence")
