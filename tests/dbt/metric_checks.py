"""Every metric against the second computation: one check a table, for whichever installation."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import impact_checks
from built_warehouse import Warehouse
from reference.metrics import (
    deliveries,
    finished,
    forecasts,
    goings_on,
    headlines,
    load,
    promises,
    states,
    stock,
    waiting,
)
from reference.metrics.burnup import burnup
from reference.metrics.cumulative_flow import cumulative_flow
from reference.metrics.delivered_trains import delivered_trains
from reference.metrics.finished import Rows
from reference.site import EVERY, Site
from train_checks import METRICS as TRAIN_METRICS
from train_checks import trains_of

ROUNDED = 2e-6
"""Where the models round to the sixth decimal."""

SLICED = ("project_phid", "subtype", "priority_name", "period", "period_started_date")


def require_equal_rows(
    warehouse: Warehouse,
    table: str,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    expected: Rows,
    *,
    tolerance: float = 1e-9,
) -> None:
    """Fail where a row is missing, too many or has another figure; numbers may differ by the tolerance."""
    found: Rows = {}
    for row in warehouse.query(f"select {', '.join((*keys, *columns))} from {table}"):
        key = tuple(row[: len(keys)])
        assert key not in found, f"{table} has {key} twice"
        found[key] = [_plain(value) for value in row[len(keys) :]]
    wrong = [
        f"{key}\n    the reference: {expected.get(key)}\n    the models:    {found.get(key)}"
        for key in sorted(expected.keys() | found.keys(), key=str)
        if key not in expected or key not in found or not _are_equal(expected[key], found[key], tolerance)
    ]
    if wrong:
        raise AssertionError(
            f"{len(wrong)} of {len(expected)} rows of {table} differ ({', '.join(columns)}):\n  "
            + "\n  ".join(wrong[:5])
        )


def _plain(value: Any) -> Any:
    return int((value - datetime(1970, 1, 1)).total_seconds()) if isinstance(value, datetime) else value


def _are_equal(expected: list[Any], found: list[Any], tolerance: float) -> bool:
    return len(expected) == len(found) and all(
        math.isclose(one, other, rel_tol=1e-9, abs_tol=tolerance)
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


def _time_distribution(site: Site, warehouse: Warehouse) -> None:
    keys = ("duration_kind", *SLICED[:3], "period_started_date", "at_least_days")
    columns = ("less_than_days", "tasks_count")
    require_equal_rows(warehouse, "metric_time_distribution", keys, columns, finished.time_distribution(site))


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
        "arrivals_count",
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
    columns = (
        *("column_phid", "work_item_age_days", "quicker_tasks_share"),
        *("expected_cycle_time_days", "is_beyond_expectation", "started_at"),
    )
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


def _time_in_status(site: Site, warehouse: Warehouse) -> None:
    columns = ("tasks_count", *(f"time_in_status_{one}_days" for one in ("p50", "p85", "mean")))
    keys = ("project_phid", "status", "period", "period_started_date")
    require_equal_rows(warehouse, "metric_time_in_status", keys, columns, states.time_in_status(site))


def _time_in_column(site: Site, warehouse: Warehouse) -> None:
    columns = ("tasks_count", *(f"time_in_column_{one}_days" for one in ("p50", "p85", "mean")))
    keys = ("board_phid", "column_phid", "period", "period_started_date")
    require_equal_rows(warehouse, "metric_time_in_column", keys, columns, states.time_in_column(site))


def _age_at_column_exit(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("tasks_count", *(f"age_at_exit_{one}_days" for one in ("p50", "p85", "p95"))),
        *("window_started_date", "window_ended_date"),
    )
    expected = states.age_at_column_exit(site)
    require_equal_rows(
        warehouse, "metric_age_at_column_exit", ("board_phid", "column_phid"), columns, expected
    )


def _board_progression(site: Site, warehouse: Warehouse) -> None:
    columns = ("transitions_count", "tasks_count", "is_backward")
    keys = ("project_phid", "transition_kind", "from_state", "to_state", "period", "period_started_date")
    expected = states.board_progression(site)
    require_equal_rows(warehouse, "metric_board_progression", keys, columns, expected)


def _flow_efficiency(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("finished_tasks_count", "cycle_time_total_days", "active_total_days", "waiting_total_days"),
        *("flow_efficiency_share", "flow_efficiency_p50_share"),
    )
    keys = ("project_phid", "period", "period_started_date")
    require_equal_rows(warehouse, "metric_flow_efficiency", keys, columns, waiting.flow_efficiency(site))


def _blocked_time(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("blocked_tasks_count", "blocked_at_end_tasks_count", "blocked_days"),
        *("blocked_by_subtasks_days", "blocked_by_status_days", "blocked_by_column_days"),
    )
    keys = ("project_phid", "period", "period_started_date")
    expected = waiting.blocked_time(site)
    require_equal_rows(warehouse, "metric_blocked_time", keys, columns, expected)


def _burnup(site: Site, warehouse: Warehouse) -> None:
    columns = tuple(
        f"scope_{one}{kind}"
        for kind in ("tasks_count", "points")
        for one in ("", "closed_", "added_", "removed_")
    )
    keys = ("project_phid", "period", "period_started_date")
    require_equal_rows(warehouse, "metric_burnup", keys, columns, burnup(site))


PERIODICAL = ("project_phid", "period", "period_started_date")


def _service_level(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("service_level_percentile", "service_level_window_days", "window_tasks_count"),
        *("cycle_time_p50_days", "cycle_time_p85_days", "cycle_time_p95_days", "expected_cycle_time_days"),
        *("finished_tasks_count", "tasks_within_expectation_count", "within_expectation_share"),
        "has_enough_tasks",
    )
    expected = promises.service_level(site)
    require_equal_rows(warehouse, "metric_service_level", PERIODICAL, columns, expected)


def _littles_law(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("flow_window_days", "wip_mean_count", "throughput_per_day_count", "cycle_time_mean_days"),
        *("expected_wip_count", "wip_to_expected_wip_ratio", "arrivals_count", "departures_count"),
        *("wip_at_start_count", "wip_at_end_count", "never_left_tasks_count"),
        *("age_at_start_mean_days", "age_at_end_mean_days", "is_arriving_as_departing", "is_wip_steady"),
        *("is_age_steady", "is_everything_leaving"),
    )
    require_equal_rows(warehouse, "metric_littles_law", PERIODICAL, columns, promises.littles_law(site))


def _forecast_how_many(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *(f"closed_tasks_{one}_count" for one in ("p50", "p15", "p5")),
        *("forecast_date", "horizon_date"),
    )
    keys = ("project_phid", "horizon_days")
    require_equal_rows(warehouse, "metric_forecast_how_many", keys, columns, forecasts.how_many(site))


def _forecast_when(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *(f"time_to_finish_{one}_days" for one in ("p50", "p85", "p95")),
        *("is_every_open_task", "forecast_date"),
        *(f"finished_{one}_date" for one in ("p50", "p85", "p95")),
    )
    keys = ("project_phid", "tasks_count")
    require_equal_rows(warehouse, "metric_forecast_when", keys, columns, forecasts.when(site))


def _forecast_backtest(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("horizon_days", "closed_tasks_p15_count", "closed_tasks_count"),
        *("is_hit", "forecast_hit_share"),
    )
    expected = forecasts.backtest(site)
    require_equal_rows(warehouse, "metric_forecast_backtest", PERIODICAL, columns, expected)


def _monthly_statistics(site: Site, warehouse: Warehouse) -> None:
    keys = ("period_started_date", "statistic", "coalesce(cast(priority as varchar), 'all')")
    expected = goings_on.monthly_statistics(site)
    columns = ("statistic_value", "previous_value", "change_value")
    require_equal_rows(warehouse, "metric_monthly_statistics", keys, columns, expected)


def _active_projects(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("created_tasks_count", "closed_tasks_count", "column_moves_count", "events_count"),
        *("active_people_count", "activity_rank"),
    )
    expected = goings_on.active_projects(site)
    require_equal_rows(warehouse, "metric_active_projects", PERIODICAL, columns, expected)


def _coincident_projects(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("shared_tasks_count", "shared_open_tasks_count", "shared_closed_tasks_count"),
        *("shared_share", "shared_of_smaller_share"),
    )
    keys = ("project_phid", "other_project_phid")
    expected = goings_on.coincident_projects(site)
    require_equal_rows(warehouse, "metric_coincident_projects", keys, columns, expected)


def _workload(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("open_tasks_count", "assigned_tasks_count", "unassigned_tasks_count", "unassigned_share"),
        *("people_count", "tasks_per_person_mean_count", "tasks_per_person_max_count"),
        *("wip_count", "people_with_wip_count", "wip_per_person_mean_count"),
    )
    require_equal_rows(warehouse, "metric_workload", PERIODICAL, columns, load.workload(site))


def _workload_by_person(site: Site, warehouse: Warehouse) -> None:
    keys = ("project_phid", "user_phid", "period", "period_started_date")
    columns = ("open_tasks_count", "wip_count")
    expected = load.workload_by_person(site)
    require_equal_rows(warehouse, "metric_workload_by_person", keys, columns, expected)


def _milestones(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("tasks_count", "closed_tasks_count", "wip_count", "closed_tasks_share"),
        *("total_points", "closed_points", "closed_points_share"),
        *(f"{one}_tasks_28_days_count" for one in ("created", "added", "closed")),
        *("first_created_at", "first_started_at", "last_closed_at"),
    )
    require_equal_rows(warehouse, "metric_milestones", ("project_phid",), columns, load.milestones(site))


def _headlines(site: Site, warehouse: Warehouse) -> None:
    keys = ("project_phid", "figure", "period_started_date")
    columns = (
        *("figure_value", "previous_value", "change_value", "usual_lowest_value", "usual_highest_value"),
        *("beyond_usual_ratio", "usual_weeks_count", "verdict", "verdict_since_date", "is_last_week"),
    )
    require_equal_rows(warehouse, "metric_headlines", keys, columns, headlines.headlines(site))


DELIVERED = ("pipeline", "environment", "period", "period_started_date")


def _delivered(warehouse: Warehouse) -> tuple[Path, list[deliveries.Deployment]]:
    """The raw documents that a warehouse was built from, and its trains."""
    return warehouse.path.with_name("documents.duckdb"), delivered_trains(trains_of(warehouse))


def _deployment_frequency(site: Site, warehouse: Warehouse) -> None:
    columns = ("deployments_count", "deployment_days_count", "is_complete")
    expected = deliveries.frequency(site, *_delivered(warehouse))
    require_equal_rows(warehouse, "metric_deployment_frequency", DELIVERED, columns, expected)


def _change_lead_time(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("changes_count", "measured_changes_count"),
        *("committed_to_deployed_p50_days", "committed_to_deployed_p85_days", "is_complete"),
    )
    expected = deliveries.lead_time(site, *_delivered(warehouse))
    require_equal_rows(warehouse, "metric_change_lead_time", DELIVERED, columns, expected)


def _change_fail_rate(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("judged_deployments_count", "failed_deployments_count", "failed_deployments_share"),
        "is_complete",
    )
    expected = deliveries.fail_rate(site, *_delivered(warehouse))
    require_equal_rows(warehouse, "metric_change_fail_rate", DELIVERED, columns, expected)


def _failed_deployment_recovery_time(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("failed_deployments_count", "recovered_deployments_count"),
        *("recovery_time_p50_hours", "recovery_time_p85_hours", "is_complete"),
    )
    expected = deliveries.recovery_time(site, *_delivered(warehouse))
    require_equal_rows(warehouse, "metric_failed_deployment_recovery_time", DELIVERED, columns, expected)


def _deployment_rework_rate(site: Site, warehouse: Warehouse) -> None:
    columns = (
        *("planned_or_not_deployments_count", "unplanned_deployments_count", "unplanned_deployments_share"),
        "is_complete",
    )
    expected = deliveries.rework_rate(site, *_delivered(warehouse))
    require_equal_rows(warehouse, "metric_deployment_rework_rate", DELIVERED, columns, expected)


def _change_impact(site: Site, warehouse: Warehouse) -> None:
    keys = ("change_key", "subject_kind", "subject_key", "measure")
    columns = (
        *(f"before_{one}" for one in ("value", "weeks_count", "samples_count")),
        *(f"after_{one}" for one in ("value", "weeks_count", "samples_count")),
        "after_value - before_value",
    )
    expected = impact_checks.change_impact(site, warehouse)
    require_equal_rows(warehouse, "metric_change_impact", keys, columns, expected, tolerance=ROUNDED)


def _change_weeks(site: Site, warehouse: Warehouse) -> None:
    keys = ("change_key", "subject_kind", "subject_key", "measure", "week_started_date")
    columns = ("week_window", "measured_value", "samples_count", "fitted_value")
    expected = impact_checks.change_weeks(site, warehouse)
    require_equal_rows(warehouse, "metric_change_weeks", keys, columns, expected, tolerance=ROUNDED)


def _process_behaviour(site: Site, warehouse: Warehouse) -> None:
    keys = ("subject_kind", "subject_key", "measure", "week_started_date")
    columns: tuple[str, ...] = (
        "measured_value",
        "centre_value",
        "lower_limit",
        "upper_limit",
        "signal",
        "is_baseline",
    )
    expected = impact_checks.process_behaviour(site, warehouse)
    columns = (*columns, "change_key")
    require_equal_rows(warehouse, "metric_process_behaviour", keys, columns, expected, tolerance=ROUNDED)


def _of_trains(table: str) -> Callable[[Site, Warehouse], None]:
    keys, columns, compute = TRAIN_METRICS[table]

    def compare(_: Site | None, warehouse: Warehouse) -> None:
        require_equal_rows(warehouse, table, keys, columns, compute(trains_of(warehouse)))

    return compare


def check(table: str, site: Site, warehouse: Warehouse) -> None:
    """Compare a metric's table with the second computation."""
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
    "metric_time_in_status": _time_in_status,
    "metric_time_in_column": _time_in_column,
    "metric_age_at_column_exit": _age_at_column_exit,
    "metric_board_progression": _board_progression,
    "metric_flow_efficiency": _flow_efficiency,
    "metric_blocked_time": _blocked_time,
    "metric_burnup": _burnup,
    "metric_service_level": _service_level,
    "metric_littles_law": _littles_law,
    "metric_forecast_how_many": _forecast_how_many,
    "metric_forecast_when": _forecast_when,
    "metric_forecast_backtest": _forecast_backtest,
    "metric_monthly_statistics": _monthly_statistics,
    "metric_active_projects": _active_projects,
    "metric_coincident_projects": _coincident_projects,
    "metric_workload": _workload,
    "metric_workload_by_person": _workload_by_person,
    "metric_milestones": _milestones,
    "metric_headlines": _headlines,
    "metric_change_impact": _change_impact,
    "metric_change_weeks": _change_weeks,
    "metric_process_behaviour": _process_behaviour,
    "metric_time_distribution": _time_distribution,
    "metric_deployment_frequency": _deployment_frequency,
    "metric_change_lead_time": _change_lead_time,
    "metric_change_fail_rate": _change_fail_rate,
    "metric_failed_deployment_recovery_time": _failed_deployment_recovery_time,
    "metric_deployment_rework_rate": _deployment_rework_rate,
    **{table: _of_trains(table) for table in TRAIN_METRICS},
}

DORA = (
    *("metric_deployment_frequency", "metric_change_lead_time", "metric_change_fail_rate"),
    *("metric_failed_deployment_recovery_time", "metric_deployment_rework_rate"),
)
"""The five measures of deployments."""
