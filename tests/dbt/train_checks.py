"""Every metric of the trains against the second computation, from the warehouse's own lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from built_warehouse import Warehouse
from reference.deployment_findings import deployment_findings
from reference.findings import Finding
from reference.metrics import trains
from reference.metrics.finished import Rows
from reference.metrics.standing import standing
from reference.metrics.trains import GROUPS, Trains

BY_PERIOD = ("version", "period", "period_started_date")
BY_GROUP = ("version", "group_name", "period", "period_started_date")
_TIMES = tuple(
    f"{name}_to_train_{one}_days" for name in ("created", "submitted") for one in ("p50", "p85", "mean")
)

Compared = tuple[tuple[str, ...], tuple[str, ...], Callable[[Trains], Rows]]
"""Key, columns, and the second computation."""

METRICS: dict[str, Compared] = {
    "metric_train_trouble": (
        BY_PERIOD,
        (
            *("trains_count", "troubled_trains_count", "rolled_back_trains_count"),
            *("trains_with_late_blockers_count", "without_trouble_share"),
        ),
        trains.trouble,
    ),
    "metric_train_delay": (
        BY_GROUP,
        (
            *("trains_count", "on_time_trains_count", "on_time_share"),
            *("delay_mean_days", "delay_max_days"),
        ),
        trains.delay,
    ),
    "metric_train_rollback_time": (
        BY_PERIOD,
        (
            *("trains_count", "rolled_back_trains_count", "rollbacks_count"),
            *("rollbacks_hours", "rollbacks_p50_hours", "rollbacks_max_hours"),
        ),
        trains.rollback_time,
    ),
    "metric_train_blockers": (
        BY_GROUP,
        (
            *("trains_count", "blocked_trains_count", "blockers_count", "resolved_blockers_count"),
            *("removed_blockers_count", "blocking_blockers_count"),
            *("blockers_per_train_mean_count", "blocking_hours"),
        ),
        trains.blockers,
    ),
    "metric_train_patches": (
        BY_PERIOD,
        (
            *("trains_count", "trains_with_patches_count", "patches_count", "backports_count"),
            *(
                "escaped_bugs_count",
                "patch_authors_count",
                "insertions_count",
                "deletions_count",
                "patches_per_train_mean_count",
            ),
        ),
        trains.patches,
    ),
    "metric_train_patch_times": (BY_PERIOD, ("patches_count", *_TIMES), trains.patch_times),
    "metric_train_conductors": (
        ("conductor", "period", "period_started_date"),
        ("trains_count", "troubled_trains_count", "rollbacks_count", "blockers_count", "trains_share"),
        trains.conductors,
    ),
    "metric_train_size_against_trouble": (
        ("size_measure", "trouble_measure"),
        ("trains_count", "spearman_correlation", "pearson_correlation"),
        trains.size_against_trouble,
    ),
    "metric_train_standing": (
        ("version", "measure"),
        (
            *("unit", "measured_value", "usual_p50_value"),
            *("trains_count", "lower_trains_count", "same_trains_count", "place_share"),
        ),
        standing,
    ),
}


def trains_of(warehouse: Warehouse) -> Trains:
    """The lists that the metrics are computed from, as the warehouse has them."""
    zone = warehouse.query("select time_zone from int_installation_given_settings")[0][0]
    started_date = f"cast(timezone('{zone}', timezone('UTC', started_at)) as date)"
    last = warehouse.query(
        f"select cast(timezone('{zone}', timezone('UTC', as_of)) as date) from int_extraction_dated"
    )
    delays = ", ".join(f"{group}_delay_days" for group in GROUPS)
    return Trains(
        trains=_rows(
            warehouse,
            f"version, epoch(started_at) as started_at, {started_date} as started_date, conductor, task_id, "
            f"rollbacks_count, rollbacks_seconds, "
            f"total_seconds, {delays} from trains",
        ),
        blockers=_rows(
            warehouse,
            "version, blocker_task_phid, group_name, unblocked_how, blocking_seconds, "
            "epoch(blocked_at) as blocked_at from train_blockers where is_published",
        ),
        patches=_rows(
            warehouse,
            "version, change_id, epoch(created_at) as created_at, epoch(submitted_at) as submitted_at, "
            "owner_name, coalesce(is_backport, false) as is_backport, insertions_count, deletions_count, "
            "created_to_train_seconds, submitted_to_train_seconds from patches",
        ),
        bugs=_rows(warehouse, "version, task_id from bugs"),
        groups=_rows(
            warehouse, "group_name, marker_wiki, expected_weekday from train_groups order by position"
        ),
        versions=_rows(
            warehouse,
            """
                wiki, version, epoch(started_at) as started_at, epoch(ended_at) as ended_at
                from wiki_versions order by wiki, commit_position
            """,
        ),
        steps=_rows(
            warehouse,
            "version, is_rollback, epoch(deployed_at) as deployed_at from train_deployments "
            "order by commit_position",
        ),
        last_day=last[0][0] if last else None,
    )


def findings_of_deployments(warehouse: Warehouse) -> set[Finding]:
    """What is wrong with deployments and trains, by the documents that a warehouse was built from."""
    as_of = warehouse.query("select as_of from int_extraction_dated")[0][0]
    documents = warehouse.path.with_name("documents.duckdb")
    return deployment_findings(documents, trains_of(warehouse), as_of)


def _rows(warehouse: Warehouse, question: str) -> list[dict[str, Any]]:
    """Rows as dicts."""
    return [row for (row,) in warehouse.query(f"select one from (select {question}) as one")]
