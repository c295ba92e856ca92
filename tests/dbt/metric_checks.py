"""Every metric against the second computation: one check a table, for whichever installation."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from built_warehouse import Warehouse
from reference.metrics import finished, stock
from reference.metrics.cumulative_flow import cumulative_flow
from reference.metrics.finished import Rows
from reference.site import EVERY, Site

SLICED = ("project_phid", "subtype", "priority_name", "period", "period_started_date")


def require_equal_rows(
    warehouse: Warehouse, table: str, keys: tuple[str, ...], columns: tuple[str, ...], expected: Rows
) -> None:
    """Fail where a row is missing, too many or has another figure; numbers may differ by a billionth."""
    found: Rows = {}
    for row in warehouse.query(f"select {', '.join((*keys, *columns))} from {table}"):
        key = tuple(row[: len(keys)])
        assert key not in found, f"{table} has {key} twice"
        found[key] = [_plain(value) for value in row[len(keys) :]]
    wrong = [
        f"{key}\n    the reference: {expected.get(key)}\n    the models:    {found.get(key)}"
        for key in sorted(expected.keys() | found.keys(), key=str)
        if key not in expected or key not in found or not _are_equal(expected[key], found[key])
    ]
    if wrong:
        raise AssertionError(
            f"{len(wrong)} of {len(expected)} rows of {table} differ ({', '.join(columns)}):\n  "
            + "\n  ".join(wrong[:5])
        )


def _plain(value: Any) -> Any:
    return int((value - datetime(1970, 1, 1)).total_seconds()) if isinstance(value, datetime) else value


def _are_equal(expected: list[Any], found: list[Any]) -> bool:
    return len(expected) == len(found) and all(
        math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(one, (int, float)) and isinstance(other, (int, float))
        else one == other
        for one, other in zip(expected, found, strict=True)
    )


def _throughput(site: Site, warehouse: Warehouse) -> None:
    columns = ("closed_tasks_count", "closed_points")
    require_equal_rows(warehouse, "metric_throughput", SLICED, columns, finished.throughput(site))


def _lead_time(site: Site, warehouse: Warehouse) -> None:
    columns = ("finished_tasks_count", *(f"lead_time_{one}_days" for one in ("p50", "p85", "p95", "mean")))
    require_equal_rows(warehouse, "metric_lead_time", SLICED, columns, finished.lead_time(site))


def _cycle_time(site: Site, warehouse: Warehouse) -> None:
    columns = ("finished_tasks_count", *(f"cycle_time_{one}_days" for one in ("p50", "p85", "p95", "mean")))
    require_equal_rows(warehouse, "metric_cycle_time", SLICED, columns, finished.cycle_time(site))


def _cumulative_flow(site: Site, warehouse: Warehouse) -> None:
    expected = {
        (board, column, day): [arrivals, departures, arrivals - departures]
        for (board, column), days in cumulative_flow(site).items()
        for day, (arrivals, departures) in days.items()
    }
    require_equal_rows(
        warehouse,
        "metric_cumulative_flow",
        ("board_phid", "column_phid", "flow_date"),
        ("arrivals_count", "departures_count", "wip_count"),
        expected,
    )


def _net_flow(site: Site, warehouse: Warehouse) -> None:
    columns = (
        "created_tasks_count",
        "reopenings_count",
        "closings_count",
        "net_flow_count",
        "open_tasks_count",
    )
    require_equal_rows(warehouse, "metric_net_flow", SLICED, columns, stock.net_flow(site))


def _reopen_rate(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("reopened_within_days", "once_closed_tasks_count", "reopened_tasks_count"),
        *("reopened_share", "is_complete"),
    )
    require_equal_rows(warehouse, "metric_reopen_rate", SLICED, columns, stock.reopen_rate(site))


def _open_task_age(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("oldest_task_id", "open_tasks_count"),
        *(f"age_{one}_days" for one in ("p50", "p85", "mean", "max")),
        "oldest_created_at",
    )
    require_equal_rows(warehouse, "metric_open_task_age", SLICED[:3], columns, stock.open_task_age(site))


def _work_item_age(site: Site, warehouse: Warehouse) -> None:
    columns = ("column_phid", "work_item_age_days", "quicker_tasks_share", "started_at")
    keys = ("project_phid", "task_id")
    require_equal_rows(warehouse, "metric_work_item_age", keys, columns, stock.work_item_age(site))


def _wip(site: Site, warehouse: Warehouse) -> None:
    """Of single slices a period may be left out whose count, all the time, was that of the row before."""
    expected = stock.wip(site)
    rows = set(warehouse.query(f"select {', '.join(SLICED)} from metric_wip"))
    last: dict[tuple[Any, ...], int] = {}
    for key in sorted(expected):
        project, *of_slice, period, start = key
        if key in rows:
            last[key[:4]] = expected[key][0]
        elif tuple(of_slice) == EVERY and start in site.dense_periods(project, period):
            continue
        elif period == "day" or expected[key] == [last.get(key[:4], 0)] * 2:
            del expected[key]
    require_equal_rows(warehouse, "metric_wip", SLICED, ("wip_count", "wip_mean_count"), expected)


def check(table: str, site: Site, warehouse: Warehouse) -> None:
    """Compare a metric's table with the second computation."""
    if not warehouse.query(f"select 1 from duckdb_tables() where table_name = '{table}'"):
        pytest.skip(f"there is no {table} yet")
    CHECKS[table](site, warehouse)


CHECKS: dict[str, Callable[[Site, Warehouse], None]] = {
    "metric_throughput": _throughput,
    "metric_lead_time": _lead_time,
    "metric_cycle_time": _cycle_time,
    "metric_cumulative_flow": _cumulative_flow,
    "metric_net_flow": _net_flow,
    "metric_wip": _wip,
    "metric_reopen_rate": _reopen_rate,
    "metric_open_task_age": _open_task_age,
    "metric_work_item_age": _work_item_age,
}
