"""How often verdicts are wrong on the demo's own generator: tables of docs/impact.md, and less of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import numpy as np
import pytest
from impact_organisation_tables import (
    LARGE,
    SMALL,
    YEAR,
    Shares,
    of_teams,
    shares,
    with_effect,
    without_effect,
)
from impact_organisations import MEASURES, Calendar, TeamWeeks, teams_weeks, verdicts, weeks_of
from impact_runs import Steps

from ddd.demo.organisation.history import History
from ddd.settings import PROJECT_DIR, Demo

COLUMNS = {
    "closed tasks": ("metric_throughput", "closed_tasks_count"),
    "created tasks": ("metric_net_flow", "created_tasks_count"),
    "median cycle time": ("metric_cycle_time", "cycle_time_p50_days"),
    "median lead time": ("metric_lead_time", "lead_time_p50_days"),
    "tasks in progress": ("metric_wip", "wip_mean_count"),
}
FEW = range(1, 7)


@pytest.fixture
def published() -> Iterator[sqlite3.Connection]:
    """The demo as `make refresh` published it in this checkout; whoever has none skips."""
    path = PROJECT_DIR / "www" / "metrics.db"
    if not path.exists():
        pytest.skip("no demo is published in this checkout: run `make refresh`")
    with closing(sqlite3.connect(path)) as file:
        if not file.execute("select is_demo from about").fetchone()[0]:
            pytest.skip("what is published in this checkout is not the demo")
        yield file


def test_weeks_are_counted_as_the_models_count_them(published: sqlite3.Connection) -> None:
    demo = Demo()
    end = date.fromisoformat(published.execute("select substr(as_of, 1, 10) from about").fetchone()[0])
    history = History(demo.seed, end, demo.tasks_count)
    for team in ("Search", "Editor", "Site-Reliability"):
        for measure, (values, _) in weeks_of(history)[team].items():
            table, column = COLUMNS[measure]
            rows = published.execute(
                f"select period_started_date, found.{column} from {table} as found"
                " inner join projects on found.project_phid = projects.project_phid"
                " where project_path = ? and period = 'week' and found.subtype = 'all'"
                " and found.priority_name = 'all'",
                [team],
            )
            found = dict(rows.fetchall())
            mondays = [history.started_date + timedelta(weeks=place) for place in range(len(values))]
            expected = [None if np.isnan(value) else pytest.approx(value, abs=1e-5) for value in values]
            assert [found.get(day.isoformat()) for day in mondays] == expected, (team, measure)


def test_few_organisations_give_few_wrong_verdicts(impact_steps: Steps) -> None:
    """Of 240 with a true rate of 5 %, more than 23 have a verdict in one of a thousand trials."""
    teams = list(teams_weeks(FEW, SMALL))
    said = [one for measure in MEASURES for one in verdicts(impact_steps, teams, measure)]
    assert len(said) == 240
    found = shares(said)
    assert found.enough > 150
    assert found.said * found.enough <= 23
    assert found.covered >= 0.9


def test_a_large_effect_is_found_in_the_right_direction(impact_steps: Steps) -> None:
    teams = list(teams_weeks(FEW, SMALL, 0.3, YEAR))
    said = [one for one in verdicts(impact_steps, teams, "median cycle time", 52) if one.has_enough_data]
    assert len(said) > 30
    assert sum(one.verdict == "better" for one in said) > 0.6 * len(said)
    assert {one.verdict for one in said} <= {"better", "no evidence"}


@pytest.fixture(scope="module", params=[SMALL, LARGE])
def unchanged(request: pytest.FixtureRequest) -> list[TeamWeeks]:
    return of_teams(request.param)


def _margin(found: Shares) -> float:
    """Three standard errors of a share of 5 %, eight teams of an organisation taken as independent."""
    return 3 * (0.05 * 0.95 / found.enough) ** 0.5


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_verdicts_without_an_effect_are_rare(impact_steps: Steps, unchanged: list[TeamWeeks]) -> None:
    for way, measure, found in without_effect(impact_steps, unchanged):
        assert found.said <= 0.05 + _margin(found), (way, measure, found)
        assert found.covered >= 0.95 - _margin(found), (way, measure, found)


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("calendar", [Calendar(), YEAR], ids=["12 weeks", "52 weeks"])
def test_an_effect_of_30_percent_is_covered(
    impact_steps: Steps, unchanged: list[TeamWeeks], calendar: Calendar
) -> None:
    tasks = SMALL if unchanged[0].closed_a_week < 4 else LARGE
    changed = of_teams(tasks, 0.64, calendar)
    for measure, true, found in with_effect(impact_steps, unchanged, changed, calendar):
        if measure == "median cycle time":
            assert -0.33 < true < -0.22
        assert found.covered >= 0.95 - _margin(found), (measure, found)
        assert found.said - found.right <= 0.005, (measure, found)
