"""Every metric of the recorded installation against the slow and obvious computation."""

from __future__ import annotations

from collections import defaultdict

import pytest
from built_warehouse import PERIODS, Warehouse
from comparing import require_equal_work
from conftest import RECORDED_AT
from reference.flow import cumulative_flow
from reference.installation import Installation
from reference.periods import Day, day_of, percentile, period_start
from reference.work import History, dense_periods, slices
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


Key = tuple[str, str, str, str, Day]
"""Project, subtype, priority, period and its first day."""


def closed_by_key(by_project: dict[str, list[History]], kinds: tuple[str, ...]) -> dict[Key, list[History]]:
    """The tasks closed in each period of each slice, with the empty periods that are there as well."""
    found: dict[Key, list[History]] = defaultdict(list)
    for project, tasks in by_project.items():
        for period in kinds:
            for start in dense_periods(period, tasks, RECORDED_AT.date(), is_site=project == "all"):
                found[project, "all", "all", period, start] = []
            for task in tasks:
                for subtype, priority in slices(task):
                    if task.closed_at and (period != "day" or (subtype, priority) == ("all", "all")):
                        start = period_start(period, day_of(task.closed_at))
                        found[project, subtype, priority, period, start].append(task)
    return found


def test_throughput(recorded_warehouse: Warehouse, by_project: dict[str, list[History]]) -> None:
    expected = {
        key: (len(tasks), sum(task.points or 0 for task in tasks))
        for key, tasks in closed_by_key(by_project, PERIODS).items()
    }
    found = recorded_warehouse.query(
        "select project_phid, subtype, priority_name, period, period_started_date, closed_tasks_count, "
        "closed_points from metric_throughput"
    )
    assert {row[:5]: row[5:] for row in found} == expected
    assert len(found) == len(expected)
    assert len({key[1:3] for key in expected}) > 10


@pytest.mark.parametrize("name", ["lead", "cycle"])
def test_lead_and_cycle_time(
    recorded_warehouse: Warehouse, by_project: dict[str, list[History]], name: str
) -> None:
    expected: dict[Key, list[float]] = {}
    for key, tasks in closed_by_key(by_project, ("week", "month")).items():
        times = [task.lead_time_days if name == "lead" else task.cycle_time_days for task in tasks]
        known = [days for days in times if days is not None]
        project, *a_slice, period, start = key
        dense = dense_periods(period, by_project[project], RECORDED_AT.date(), is_site=project == "all")
        if known or (a_slice == ["all", "all"] and start in dense):
            expected[key] = known
    found = recorded_warehouse.query(
        "select project_phid, subtype, priority_name, period, period_started_date, finished_tasks_count, "
        f"{name}_time_p50_days, {name}_time_p85_days, {name}_time_p95_days, {name}_time_mean_days "
        f"from metric_{name}_time"
    )
    assert {row[:5] for row in found} == expected.keys()
    for row in found:
        days = expected[row[:5]]
        assert row[5] == len(days)
        if days:
            figures = [percentile(days, share) for share in (0.5, 0.85, 0.95)] + [sum(days) / len(days)]
            assert list(row[6:]) == pytest.approx(figures)
        else:
            assert row[6:] == (None, None, None, None)


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
