"""Every metric of the recorded installation against the slow and obvious computation."""

from __future__ import annotations

from collections import defaultdict

import pytest
from built_warehouse import PERIODS, Warehouse
from comparing import require_equal_work
from conftest import RECORDED_AT
from reference.flow import cumulative_flow
from reference.installation import Installation
from reference.periods import Day, day_of, percentile, period_start, periods
from reference.work import History
from reference.work import histories as all_histories


@pytest.fixture(scope="module")
def histories(recorded_installation: Installation) -> list[History]:
    return all_histories(recorded_installation)


@pytest.fixture(scope="module")
def by_project(histories: list[History]) -> dict[str, list[History]]:
    """Tasks per project, and all of them for the whole site."""
    found: dict[str, list[History]] = defaultdict(list)
    for history in histories:
        for project in history.projects | {"all"}:
            found[project].append(history)
    return found


def test_started_and_closed(
    recorded_warehouse: Warehouse, recorded_installation: Installation, histories: list[History]
) -> None:
    require_equal_work(recorded_installation, recorded_warehouse)
    assert sum(history.cycle_time_days is not None for history in histories) > 100


def test_throughput(recorded_warehouse: Warehouse, by_project: dict[str, list[History]]) -> None:
    expected: dict[tuple[str, str, Day], tuple[int, float]] = {}
    for project, tasks in by_project.items():
        first = day_of(min(task.created_at for task in tasks))
        for period in PERIODS:
            for start in periods(period, first, RECORDED_AT.date()):
                closed = [
                    task
                    for task in tasks
                    if task.closed_at and period_start(period, day_of(task.closed_at)) == start
                ]
                expected[project, period, start] = (len(closed), sum(task.points or 0 for task in closed))
    found = recorded_warehouse.query(
        "select project_phid, period, period_started_date, closed_tasks_count, closed_points "
        "from metric_throughput"
    )
    assert {row[:3]: row[3:] for row in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("name", ["lead", "cycle"])
def test_lead_and_cycle_time(
    recorded_warehouse: Warehouse, by_project: dict[str, list[History]], name: str
) -> None:
    expected: dict[tuple[str, str, Day], list[float]] = {}
    for project, tasks in by_project.items():
        first = day_of(min(task.created_at for task in tasks))
        for period in ("week", "month"):
            for start in periods(period, first, RECORDED_AT.date()):
                expected[project, period, start] = []
            for task in tasks:
                days = task.lead_time_days if name == "lead" else task.cycle_time_days
                if days is not None and task.closed_at:
                    expected[project, period, period_start(period, day_of(task.closed_at))].append(days)
    found = recorded_warehouse.query(
        f"select project_phid, period, period_started_date, finished_tasks_count, {name}_time_p50_days, "
        f"{name}_time_p85_days, {name}_time_p95_days, {name}_time_mean_days from metric_{name}_time"
    )
    assert {row[:3] for row in found} == expected.keys()
    for row in found:
        days = expected[row[:3]]
        assert row[3] == len(days)
        if days:
            figures = [percentile(days, share) for share in (0.5, 0.85, 0.95)] + [sum(days) / len(days)]
            assert list(row[4:]) == pytest.approx(figures)
        else:
            assert row[4:] == (None, None, None, None)


def test_cumulative_flow(
    recorded_warehouse: Warehouse, recorded_installation: Installation, histories: list[History]
) -> None:
    expected = cumulative_flow(recorded_installation, histories)
    for days in expected.values():
        days.setdefault(RECORDED_AT.date(), days[max(days)])
    found: dict[tuple[str, str], dict[Day, tuple[int, int]]] = defaultdict(dict)
    for board, column, day, arrivals, departures, wip in recorded_warehouse.query(
        "select board_phid, column_phid, flow_date, arrivals_count, departures_count, wip_count "
        "from metric_cumulative_flow"
    ):
        found[board, column][day] = (arrivals, departures)
        assert wip == arrivals - departures
    assert dict(found) == expected
    assert len(expected) > 50
    assert sum(column == "closed" for _, column in expected) > 10
