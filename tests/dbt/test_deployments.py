"""DORA's five against figures worked out on paper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from built_warehouse import Warehouse

FIGURES = {
    "metric_deployment_frequency": "deployments_count, deployment_days_count",
    "metric_change_lead_time": (
        "changes_count, committed_to_deployed_p50_days, committed_to_deployed_p85_days"
    ),
    "metric_change_fail_rate": "judged_deployments_count, failed_deployments_count, failed_deployments_share",
    "metric_failed_deployment_recovery_time": (
        "failed_deployments_count, recovered_deployments_count, "
        "recovery_time_p50_hours, recovery_time_p85_hours"
    ),
    "metric_deployment_rework_rate": "unplanned_deployments_count, unplanned_deployments_share",
}


def figures(warehouse: Warehouse, period: str, start: date) -> list[tuple[Any, ...]]:
    return [
        row
        for table, columns in FIGURES.items()
        for row in warehouse.query(
            f"select {columns} from {table} where pipeline = 'shop' and environment = 'production' "
            f"and period = '{period}' and period_started_date = '{start}'"
        )
    ]


def rounded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        tuple(pytest.approx(value) if isinstance(value, float) else value for value in row) for row in rows
    ]


def test_the_five_figures_of_a_month_worked_out_by_hand(odd_warehouse: Warehouse) -> None:
    """March 2026, five deployments on four days.

    Lead times: a 1 day, b 4, c 2, d 1 hour, e 9 (written on 28 February). Sorted 1/24, 1, 2, 4, 9: the
    median is the third; the 85th percentile is at 0.85 x 4 = 3.4, so 4 + 0.4 x 5 = 6.
    Failed: D2 (two incidents), D4 (rolled back), D5 (failed): 3 of 5.
    Recovered: D2 from 10:30, its first incident, to 14:30, the end of its last one: 4 hours; D4 6 hours;
    D5 not yet. Median 5, 85th percentile 4 + 0.85 x 2 = 5.7.
    Rework: D3 alone repairs something: 1 of 5.
    """
    assert figures(odd_warehouse, "month", date(2026, 3, 1)) == rounded(
        [(5, 4), (5, 2.0, 6.0), (5, 3, 0.6), (3, 2, 5.0, 5.7), (1, 0.2)]
    )


def test_a_deployment_at_midnight_belongs_to_the_week_that_begins(odd_warehouse: Warehouse) -> None:
    """Lead times of the first week: 1/24, 1, 2, 4; the percentile is at 0.85 x 3 = 2.55, so 2 + 0.55 x 2."""
    assert figures(odd_warehouse, "week", date(2026, 3, 2)) == rounded(
        [(3, 2), (4, 1.5, 3.1), (3, 1, 1 / 3), (1, 1, 4.0, 4.0), (1, 1 / 3)]
    )
    assert figures(odd_warehouse, "week", date(2026, 3, 9)) == rounded(
        [(1, 1), (1, 9.0, 9.0), (1, 1, 1.0), (1, 1, 6.0, 6.0), (0, 0.0)]
    )


def test_a_period_without_deployments_has_a_frequency_and_no_shares(odd_warehouse: Warehouse) -> None:
    nothing: list[tuple[Any, ...]] = [(0, 0), (0, None, None), (0, 0, None), (0, 0, None, None), (0, None)]
    assert figures(odd_warehouse, "week", date(2026, 3, 16)) == nothing


def test_every_incident_has_one_deployment_at_most(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select incident_id, deployment_id, tied_by from deployment_incidents "
        "where pipeline = 'shop' order by 1"
    ) == [
        ("I0", None, None),
        ("I1", "D2", "time"),
        ("I2", "D2", "stated"),
        ("I3", None, None),
        ("I4", "D5", "time"),
    ]


def test_incidents_of_one_deployment_make_it_fail_once(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select incidents_count, is_failed, failed_at, recovered_at from deployments "
        "where pipeline = 'shop' and deployment_id = 'D2'"
    ) == [(2, True, datetime(2026, 3, 4, 10, 30), datetime(2026, 3, 4, 14, 30))]


def test_a_change_counts_with_the_deployment_that_brought_it_first(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select deployment_id, is_first_deployment from deployment_changes "
        "where pipeline = 'shop' and change_id = 'c' order by 1"
    ) == [("D2", True), ("D3", False)]
    assert odd_warehouse.query(
        "select deployment_id, changes_count from deployments where pipeline = 'shop' order by 1"
    ) == [("D1", 2), ("D2", 1), ("D3", 1), ("D4", 1), ("D5", 0)]
