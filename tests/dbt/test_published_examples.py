"""Worked examples from the literature, lived through by made-up tasks."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import pytest
from built_warehouse import Warehouse, build_warehouse, settings_in
from documents_file import write_documents
from generated.organisation import ARCHIVED, DAY, TAG, TEAM, column, organisation_documents
from generated.server import Edit, Life, Server

QUANTILES = [75, 64, 47.4, 66.9, 62.2, 62.2, 58.7, 63.5, 66.6, 64, 57, 69, 56.9, 50, 72]
"""Values of a question about R's `quantile`, which says 57.85, 63.5 and 66.75 for the quarters of them.

R's default is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
Statistician 50 (1996), the linear interpolation that is used here. https://codewithsundeep.com/discussion/solution/15329408
"""

AS_OF = datetime(2026, 5, 1)


def at(day: date, hour: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp())


def finished(project: str, started_at: int, days: float) -> Life:
    """A task that is created and started at once, and closed so many days later."""
    return Life(
        created_at=started_at,
        tags=(project,),
        edits=(Edit("set_status", "progress"), Edit("set_status", "resolved", round(days * DAY))),
    )


def lives() -> list[Life]:
    monday = at(date(2026, 3, 2))
    of_quantiles = [finished(TAG, monday - round(days * DAY), days) for days in QUANTILES]
    # a project without an open task would have ended
    of_quantiles.append(Life(created_at=monday, tags=(TAG,), edits=()))
    # ten tasks at a time, each for two days, from before the window of 84 days until after it
    noon = at(date(2026, 1, 1), 12)
    of_littles_law = [finished(ARCHIVED, noon + 2 * DAY * batch, 2) for batch in range(50) for _ in range(10)]
    of_efficiency = Life(
        created_at=monday,
        tags=(TEAM,),
        edits=(
            Edit("move", ((TEAM, column(TEAM, "doing")),)),
            Edit("move", ((TEAM, column(TEAM, "waiting")),), 2 * DAY),
            Edit("set_status", "resolved", 8 * DAY),
        ),
    )
    return [*of_quantiles, *of_littles_law, of_efficiency]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "own").mkdir()
    with (folder / "own" / "settings.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows(
            [("setting", "project", "value"), ("service_level_percentile", "tag", "75")]
        )
    settings = settings_in(folder, "public", settings_dir=folder / "own")
    servers = [Server(number, life) for number, life in enumerate(lives(), start=1)]
    documents = [*organisation_documents(), *(one for server in servers for one in server.documents())]
    write_documents(settings, documents, AS_OF)
    return build_warehouse(settings)


def test_percentiles_are_type_7_of_hyndman_and_fan(warehouse: Warehouse) -> None:
    for name in ("lead", "cycle"):
        ((median,),) = warehouse.query(
            f"select {name}_time_p50_days from metric_{name}_time where project_phid = '{TAG}' "
            "and period = 'week' and finished_tasks_count = 15 and subtype = 'all' and priority_name = 'all'"
        )
        assert median == pytest.approx(63.5)
    ((median, third_quarter),) = warehouse.query(
        "select distinct cycle_time_p50_days, expected_cycle_time_days from metric_service_level "
        f"where project_phid = '{TAG}' and window_tasks_count = 15"
    )
    assert (median, third_quarter) == (pytest.approx(63.5), pytest.approx(66.75))


def test_littles_law_of_a_team_with_ten_tasks_in_progress(warehouse: Warehouse) -> None:
    """Ten tasks in progress that take two days each make five a day.

    "Software Development Example" of
    https://bathalaxxx.github.io/Industrial-Engineer-Calculators/littleslaw.html; the law is that of Little,
    "A Proof for the Queuing Formula: L = λW", Operations Research 9 (1961).
    """
    ((mean, rate, time, expected, ratio, said),) = warehouse.query(
        "select wip_mean_count, throughput_per_day_count, cycle_time_mean_days, expected_wip_count, "
        "wip_to_expected_wip_ratio, assumptions_text from metric_littles_law "
        f"where project_phid = '{ARCHIVED}' and period_started_date = '2026-04-01'"
    )
    assert [mean, rate, time, expected, ratio] == pytest.approx([10, 5, 2, 10, 1])
    assert said == "Every assumption holds."
    assert warehouse.query(
        f"select distinct wip_count, wip_mean_count from metric_wip where project_phid = '{ARCHIVED}' "
        "and subtype = 'all' and priority_name = 'all' and period = 'month' "
        "and period_started_date between '2026-02-01' and '2026-03-01'"
    ) == [(10, 10)]


def test_flow_efficiency_of_two_days_of_work_in_ten(warehouse: Warehouse) -> None:
    """Two days of work in ten calendar days are 20 %: https://freekanbanboards.com/blog/flow-efficiency."""
    assert warehouse.query(
        "select finished_tasks_count, cycle_time_total_days, active_total_days, waiting_total_days, "
        "flow_efficiency_share, flow_efficiency_p50_share from metric_flow_efficiency "
        f"where project_phid = '{TEAM}' and period = 'month' and finished_tasks_count > 0"
    ) == [(1, 10, 2, 8, 0.2, 0.2)]
