"""Published files filled by hand: two teams over thirty weeks, one that finished nothing, two trains."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

from .contracts import create_published, insert

AS_OF = date(2026, 11, 23)
"""A Monday, so that the last complete week began on 16 November."""
LAST_WEEK = AS_OF - timedelta(days=7)
SEARCH, DOCS, QUIET = (f"PHID-PROJ-{name}" for name in ("search", "docs", "quiet"))
NAMES = {SEARCH: "Search / Backend", DOCS: "Docs <b>bold</b>", QUIET: "O'Brien's undefined project"}
PAGES = {SEARCH: "search", DOCS: "project-2", QUIET: "project-3"}
"""Slugs that are no file names of ASCII letters become numbers."""
SLUGS = {SEARCH: "search", DOCS: "doks_дока", QUIET: None}
HOSTILE = '<script>alert(1)</script> & "quoted"\nin two lines'
# Closed tasks per week, the oldest first; of both teams together 19 in the last four weeks and 12 before.
CLOSED = {SEARCH: [2] * 26 + [3, 3, 3, 3], DOCS: [1] * 26 + [1, 2, 1, 3], QUIET: [0] * 30}
TIMES = (3.14, 10.96, 15.5, 5.0)
"""Cycle times of every period in which something was finished: P50, P85, P95 and mean."""

SLICE = {"subtype": "all", "priority_name": "all"}


def weeks() -> list[date]:
    """First days of thirty complete weeks and of the one that has just begun."""
    return [AS_OF - timedelta(weeks=back) for back in range(30, -1, -1)]


def write_published(path: Path, *, is_demo: bool = True, has_finished_tasks: bool = True) -> Path:
    """Write `metrics.db`, and `train.db` beside it; without finished tasks as on a new installation."""
    name = "demo" if is_demo else "phab.example.org"
    about = (name, "", int(is_demo), f"{AS_OF}T00:05:00Z", "", "0", "[]")
    trains = path.with_name("train.db")
    create_published(path, about)
    create_published(trains, about)
    with sqlite3.connect(path) as file:
        _write_projects(file)
        closed = {phid: [*counts, 0] for phid, counts in CLOSED.items()}
        if not has_finished_tasks:
            closed = {phid: [0] * 31 for phid in closed}
        closed["all"] = [sum(counts) for counts in zip(*closed.values(), strict=True)]
        for phid, counts in closed.items():
            _write_metrics(file, phid, dict(zip(weeks(), counts, strict=True)))
        if has_finished_tasks:
            _write_headlines(file)
            _write_promises(file)
            _write_statistics(file)
            _write_quality(file)
    file.close()
    if has_finished_tasks:
        with sqlite3.connect(trains) as file:
            _write_trains(file)
        file.close()
    return path


def _write_projects(file: sqlite3.Connection) -> None:
    for number, (phid, name) in enumerate(NAMES.items(), 1):
        insert(
            file, "projects", project_phid=phid, project_id=number, project_name=name, project_path=name,
            slug=SLUGS[phid], project_status="active", is_archived=0,
        )  # fmt: skip
        for month, rank in ((AS_OF.replace(day=1), number), (date(2026, 10, 1), number)):
            insert(
                file, "metric_active_projects", project_phid=phid, period="month", activity_rank=rank,
                period_started_date=str(month), created_tasks_count=4, closed_tasks_count=3,
                column_moves_count=5,
                events_count=40 - number, active_people_count=2,
            )  # fmt: skip


def _write_metrics(file: sqlite3.Connection, phid: str, per_week: dict[date, int]) -> None:
    per_month: dict[date, int] = {}
    for week, count in per_week.items():
        per_month[week.replace(day=1)] = per_month.get(week.replace(day=1), 0) + count
    for period, counts in (("week", per_week), ("month", per_month)):
        for started, count in counts.items():
            for subtype in ("all", "bug"):
                key = {
                    "project_phid": phid, "subtype": subtype, "priority_name": "all", "period": period,
                    "period_started_date": str(started),
                }  # fmt: skip
                times = dict(
                    zip(
                        (f"cycle_time_{which}_days" for which in ("p50", "p85", "p95", "mean")),
                        TIMES if count else [None] * 4,
                        strict=True,
                    )
                )
                insert(file, "metric_throughput", **key, closed_tasks_count=count)
                insert(file, "metric_net_flow", **key, created_tasks_count=count + 1, open_tasks_count=30)
                insert(file, "metric_cycle_time", **key, finished_tasks_count=count, **times)


def _write_headlines(file: sqlite3.Connection) -> None:
    """Of the last week; cycle time of Search is beyond its range since three weeks."""
    since, before = str(LAST_WEEK), str(LAST_WEEK - timedelta(weeks=2))
    rows = (
        ("all", "closed tasks", 1, "tasks", "usual", 6, 4, 1.2, 8.8, None, since),
        ("all", "created tasks", 2, "tasks", "above", 9, 4, 1.2, 8.8, 0.1, since),
        ("all", "cycle time of 85 %", 6, "days", "usual", 10.96, 10.96, 0, 12.34, None, since),
        ("all", "median lead time", 7, "days", "too little data", 20.5, None, None, None, None, since),
        (SEARCH, "closed tasks", 1, "tasks", "usual", 3, 3, 0, 5.5, None, since),
        (SEARCH, "cycle time of 85 %", 6, "days", "above", 9.24, 7.0, 2.01, 8.19, 0.7, before),
        (DOCS, "closed tasks", 1, "tasks", "too little data", 3, 1, None, None, None, since),
        (DOCS, "cycle time of 85 %", 6, "days", "no value", None, 2.0, None, None, None, since),
    )
    for phid, figure, sequence, unit, verdict, value, previous, low, high, beyond, began in rows:
        change = None if value is None or previous is None else value - previous
        insert(
            file, "metric_headlines", project_phid=phid, figure=figure, metric_name="metric_throughput",
            unit=unit,
            period="week", period_started_date=str(LAST_WEEK), verdict=verdict, figure_value=value,
            previous_value=previous, change_value=change, usual_lowest_value=low, usual_highest_value=high,
            beyond_usual_ratio=beyond, usual_weeks_count=26, sequence=sequence, verdict_since_date=began,
            is_last_week=1,
        )  # fmt: skip
        if phid == "all":
            insert(
                file, "metric_headlines", project_phid=phid, figure=figure, metric_name="metric_throughput",
                unit=unit, period="week", period_started_date=str(LAST_WEEK - timedelta(weeks=1)),
                verdict="usual", figure_value=previous, usual_lowest_value=low, usual_highest_value=high,
                sequence=sequence, verdict_since_date=before, is_last_week=0,
            )  # fmt: skip


def _write_promises(file: sqlite3.Connection) -> None:
    """Search keeps its expectation in 5 of 6 tasks of two weeks; one of two tasks takes too long."""
    for phid in ("all", SEARCH):
        for week, within in ((LAST_WEEK - timedelta(weeks=1), 3), (LAST_WEEK, 2)):
            insert(
                file, "metric_service_level", project_phid=phid, period="week", period_started_date=str(week),
                service_level_percentile=85, service_level_window_days=84, window_tasks_count=12,
                cycle_time_p50_days=3.0, expected_cycle_time_days=8.25, finished_tasks_count=3,
                tasks_within_expectation_count=within, within_expectation_share=within / 3,
                has_enough_tasks=0,
            )  # fmt: skip
        for task, age, title in ((7, 30.61, HOSTILE), (8, 2.0, "Quick")):
            insert(
                file, "metric_work_item_age", project_phid=phid, task_id=task, column_name="Doing",
                status="open",
                status_name="Open", subtype="default", priority_name="High", work_item_age_days=age,
                quicker_tasks_share=0.5, expected_cycle_time_days=9.2, is_beyond_expectation=age > 9.2,
                started_at="2026-10-23T10:00:00Z",
            )  # fmt: skip
            if phid == "all":
                insert(file, "tasks", task_id=task, title=title)


def _write_statistics(file: sqlite3.Connection) -> None:
    names = (
        ("created tasks", "tasks", 78), ("closed tasks", "tasks", 74), ("active people", "people", 16),
        ("task authors", "people", 15), ("task closers", "people", 14),
        ("projects with moves", "projects", 19),
        ("open tasks", "tasks", 348), ("stalled tasks", "tasks", 30), ("accounts created", "accounts", 0),
        ("median age of open tasks", "days", 291.4),
    )  # fmt: skip
    for month, less in (("2026-09-01", 5), ("2026-10-01", 0), ("2026-11-01", 11)):
        for sequence, (name, unit, value) in enumerate(names, 1):
            previous = None if less == 5 else max(value - 5, 0)
            insert(
                file, "metric_monthly_statistics", period="month", period_started_date=month, statistic=name,
                priority_name="all", unit=unit, statistic_value=max(value - less, 0), previous_value=previous,
                change_value=None if previous is None else max(value - less, 0) - previous, sequence=sequence,
            )  # fmt: skip
        insert(
            file, "metric_monthly_statistics", period="month", period_started_date=month,
            statistic="median age of open tasks", priority_name=f"High {HOSTILE}", unit="days",
            statistic_value=100, previous_value=120.5, change_value=-20.5, sequence=10, priority=80,
        )  # fmt: skip


def _write_quality(file: sqlite3.Connection) -> None:
    for number in range(7):
        insert(
            file, "data_quality", object_key=f"PHID-PCOL-{number}", object_kind="column", severity="info",
            finding="column without role", detail=f"column {number} {HOSTILE}",
            consequence="It starts no clock.",
        )  # fmt: skip
    for stream, behind in (("tasks", 0.0), ("columns", 3.2)):
        insert(
            file, "streams", source="phabricator", stream=stream, last_mode="full", last_outcome="complete",
            runs_count=1, complete_runs_count=1, behind_days=behind, is_behind=behind > 1,
            complete_at="2026-11-19T19:00:00Z", tried_at="2026-11-19T19:00:00Z",
        )  # fmt: skip


def _write_trains(file: sqlite3.Connection) -> None:
    """One train with a rollback, and one that is under way; a service beside them."""
    for version, day, group2, rollbacks in (
        ("1.46.0-wmf.4", 10, "2026-11-12T15:00:00Z", 2),
        ("1.46.0-wmf.5", 17, None, 0),
    ):
        insert(
            file, "trains", version=version, conductor="Kofi <b>", roll_forwards_count=3, is_abandoned=0,
            rollbacks_count=rollbacks, rollbacks_hours=rollbacks / 2, total_days=2.0,
            group2_delay_days=0, started_at=f"2026-11-{day}T15:00:00Z", group0_at=f"2026-11-{day}T15:00:00Z",
            group2_at=group2,
        )  # fmt: skip
        key = {"version": version, "period": "train", "period_started_date": f"2026-11-{day}"}
        troubled = int(rollbacks > 0)
        insert(
            file, "metric_train_trouble", **key, trains_count=1, troubled_trains_count=troubled,
            rolled_back_trains_count=troubled, trains_with_late_blockers_count=troubled,
            without_trouble_share=1 - troubled,
        )  # fmt: skip
        insert(file, "metric_train_patches", **key, patches_count=25)
        insert(file, "metric_train_blockers", **key, group_name="all", blockers_count=troubled)
        insert(
            file, "metric_train_standing", version=version, measure="first to last roll-forward", unit="days",
            measured_value=2.0, usual_p50_value=2.5, trains_count=50, place_share=0.3,
        )  # fmt: skip
    for quarter, trains, troubled in (("2026-07-01", 13, 10), ("2026-10-01", 8, 7)):
        insert(
            file, "metric_train_trouble", version="all", period="quarter", period_started_date=quarter,
            trains_count=trains, troubled_trains_count=troubled, rolled_back_trains_count=1,
            trains_with_late_blockers_count=6, without_trouble_share=(trains - troubled) / trains,
        )  # fmt: skip
    for month, is_complete in (("2026-09-01", 1), ("2026-10-01", 1), ("2026-11-01", 0)):
        key = {
            "pipeline": "shop <i>", "environment": "production", "period": "month",
            "period_started_date": month, "is_complete": is_complete,
        }  # fmt: skip
        insert(file, "metric_deployment_frequency", **key, deployments_count=57, deployment_days_count=22)
        insert(
            file, "metric_change_fail_rate", **key, judged_deployments_count=57, failed_deployments_count=5,
            failed_deployments_share=5 / 57,
        )  # fmt: skip
        insert(
            file,
            "metric_change_lead_time",
            **key,
            measured_changes_count=130,
            committed_to_deployed_p50_days=0.28,
        )
        insert(file, "metric_failed_deployment_recovery_time", **key, recovery_time_p50_hours=0.335)
