"""A published train.db made by hand, in the shape that the export promises, with names that break pages.

Like `sample`, it is written with sqlite3 alone: sixty trains, a week between two of them, and two services.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from www.sample import AS_OF, HOSTILE

TRAINS_COUNT = 60
GROUPS = ("testwikis", "group0", "group1", "group2")
PERIODS = {"week": 7, "month": 30, "quarter": 91}
"""Periods of the sample begin at fixed distances: pages must take them as the tables have them."""

COLUMNS = {
    "trains": "version, version_sort_key, task_id, previous_version, conductor, rollbacks_count,"
    " rollbacks_hours, total_days, group0_delay_days, group1_delay_days, group2_delay_days,"
    " is_abandoned, started_at, ended_at, group0_at, group1_at, group2_at",
    "train_deployments": "deployment_id, version, to_version, group_name, deployed_by, subject, wikis_count,"
    " is_rollback, deployed_at",
    "train_events": "version, event_type, group_name, person_name, detail, link, task_id, wikis_count,"
    " train_started_to_occurred_hours, occurred_at",
    "train_group_spans": "group_name, version, group_position, expected_weekday, started_at, ended_at",
    "train_wiki_counts": "version, wikis_count, all_wikis_count, wikis_share, changed_at",
    "train_blockers": "version, task_id, blocker_task_id, blocker_task_phid, blocked_by, unblocked_by,"
    " blocker_title, unblocked_how, group_name, addition_number, blocking_hours, blocked_at, unblocked_at",
    "patches": "patch_id, version, link, project, owner_name, insertions_count, deletions_count,"
    " comments_count, created_to_train_days, submitted_to_train_days, is_backport, created_at, submitted_at",
    "bugs": "version, task_id, subtype, title, link, fixes_count, fixed_at",
    "deployments": "pipeline, environment, deployment_id, version, outcome, deployed_by, recovery_told_by,"
    " changes_count, incidents_count, recovery_time_hours, is_failed, deployed_at",
    "metric_train_trouble": "version, period, period_started_date, trains_count, troubled_trains_count,"
    " rolled_back_trains_count, trains_with_late_blockers_count, without_trouble_share",
    "metric_train_delay": "version, group_name, period, period_started_date, trains_count,"
    " on_time_trains_count, on_time_share, delay_mean_days, delay_max_days",
    "metric_train_rollback_time": "version, period, period_started_date, trains_count,"
    " rolled_back_trains_count, rollbacks_count, rollbacks_hours, rollbacks_p50_hours, rollbacks_max_hours",
    "metric_train_blockers": "version, group_name, period, period_started_date, blockers_count,"
    " resolved_blockers_count, removed_blockers_count, blocking_blockers_count,"
    " blockers_per_train_mean_count, blocking_hours",
    "metric_train_patches": "version, period, period_started_date, trains_count, trains_with_patches_count,"
    " patches_count, backports_count, escaped_bugs_count, patch_authors_count, insertions_count,"
    " deletions_count",
    "metric_train_patch_times": "version, period, period_started_date, patches_count,"
    " created_to_train_p50_days, created_to_train_p85_days, created_to_train_mean_days,"
    " submitted_to_train_p50_days, submitted_to_train_p85_days, submitted_to_train_mean_days",
    "metric_train_conductors": "conductor, period, period_started_date, trains_count, troubled_trains_count,"
    " rollbacks_count, blockers_count",
    "metric_train_size_against_trouble": "size_measure, trouble_measure, trains_count, spearman_correlation,"
    " pearson_correlation",
    "metric_train_standing": "version, measure, unit, measured_value, usual_p50_value, trains_count,"
    " lower_trains_count, same_trains_count, place_share",
    "metric_deployment_frequency": "pipeline, environment, period, period_started_date, deployments_count,"
    " deployment_days_count, is_complete",
    "metric_change_lead_time": "pipeline, environment, period, period_started_date, changes_count,"
    " measured_changes_count, committed_to_deployed_p50_days, committed_to_deployed_p85_days, is_complete",
    "metric_change_fail_rate": "pipeline, environment, period, period_started_date, judged_deployments_count,"
    " failed_deployments_count, failed_deployments_share, is_complete",
    "metric_failed_deployment_recovery_time": "pipeline, environment, period, period_started_date,"
    " failed_deployments_count, recovered_deployments_count, recovery_time_p50_hours,"
    " recovery_time_p85_hours, is_complete",
    "metric_deployment_rework_rate": "pipeline, environment, period, period_started_date,"
    " planned_or_not_deployments_count, unplanned_deployments_count, unplanned_deployments_share,"
    " is_complete",
}

EVENTS = """
insert into train_events select
    event.version, event_type, group_name, person_name, detail, link, event.task_id, wikis_count,
    24 * (julianday(occurred_at) - julianday(trains.started_at)), occurred_at
from (
    select version, iif(is_rollback, 'rolled back', 'promoted') as event_type, group_name,
        deployed_by as person_name, subject as detail, null as link, null as task_id, wikis_count,
        deployed_at as occurred_at
    from train_deployments
    union all
    select version, 'blocker added', group_name, blocked_by, blocker_title, null, blocker_task_id, null,
        blocked_at
    from train_blockers
    union all
    select version, 'blocker ' || unblocked_how, group_name, unblocked_by, blocker_title, null,
        blocker_task_id, null, unblocked_at
    from train_blockers where unblocked_at is not null
    union all
    select version, 'backport merged', null, owner_name, project, link, null, null, submitted_at
    from patches where is_backport
) as event inner join trains on event.version = trains.version
"""


def build_trains_sample(path: Path, *, with_trains: bool = True) -> Path:
    """Write a published file of trains and of a service; or of the service alone."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as file:
        for name, columns in COLUMNS.items():
            file.execute(f"create table {name} ({columns})")
        if with_trains:
            for number in range(TRAINS_COUNT):
                _train(file, number)
            _measures(file)
            file.executescript(EVENTS)
        for pipeline, environment in (("wiki-service", "production"), (HOSTILE, "staging & <b>")):
            _service(file, pipeline, environment)
        _describe(file)
        file.commit()
    file.close()
    return path


def version_of(number: int) -> str:
    """The version of a train; the last is the newest."""
    return f"1.46.0-wmf.{number + 1}"


def started(number: int) -> datetime:
    """When a train started: the last on the day before the extraction."""
    return AS_OF - timedelta(days=1 + 7 * (TRAINS_COUNT - 1 - number))


def _train(file: sqlite3.Connection, number: int) -> None:
    version, start = version_of(number), started(number)
    is_back, has_blockers, delay = number % 3 == 0, number % 2 == 0, number % 4
    at = [start + timedelta(days=days) for days in (0, 0, 1, 2 + delay)]
    later = version_of(number - 1) if number else None
    _add(
        *(file, "trains", version, 1046000000 + number, 1 + number, later),
        *(HOSTILE if number % 5 == 0 else f"Deployer {number % 3}", int(is_back), 1.5 * is_back),
        *(2.0 + delay, 0, 0, delay, 0, *map(_stamp, (at[0], at[3], *at[1:]))),
    )
    for place, group in enumerate(GROUPS):
        next_at = at[place] + timedelta(days=7) if number < TRAINS_COUNT - 1 else None
        weekday = None if place == 0 else 1 + place
        _add(file, "train_group_spans", group, version, place, weekday, _stamp(at[place]), _stamp(next_at))
        _add(
            file, "train_wiki_counts", version, 10 * place, 40, place / 4, _stamp(at[place])
        ) if place else None
        title = HOSTILE if number % 5 == 0 else f"{group} wikis to {version}"
        if place:
            identity = f"{version}:{group}"
            _add(
                *(file, "train_deployments", identity, version, version, group, HOSTILE, title, 10 * place),
                *(0, _stamp(at[place])),
            )
    if is_back:
        undone = at[2] + timedelta(hours=3)
        link = "javascript:alert(8)" if number % 2 else f"https://gerrit.example.org/r/c/core/+/{number}"
        _add(file, "bugs", version, 20 + number, "error", HOSTILE, link, 1, _stamp(undone))
        _add(
            *(file, "train_deployments", f"{version}:back", version, later, "group1", "Ada", "Revert", 10, 1),
            _stamp(undone),
        )
    for which in range(3 if has_blockers else 0):
        added, ended = at[which + 1] + timedelta(hours=1), at[which + 1] + timedelta(hours=9)
        is_open = which == 2
        _add(
            *(file, "train_blockers", version, 1 + number, 10 + which, f"PHID-TASK-{which}", "ann"),
            *(None if is_open else "bob", HOSTILE if which == 1 else "It breaks"),
            *(None if is_open else "resolved", None if which == 0 else GROUPS[which], 1, 8.0),
            *(_stamp(added), None if is_open else _stamp(ended)),
        )
    for which in range(4):
        link = (
            "javascript:alert(9)" if which == 1 else f"https://gerrit.example.org/r/c/core/+/{number}{which}"
        )
        created = start - timedelta(days=6 + which)
        _add(
            *(file, "patches", f"{version}:{which}", version, link, HOSTILE, f"Author {which}", 10, 3, which),
            *(6 + which, 2, int(which == 3), _stamp(created), _stamp(start - timedelta(days=2))),
        )


def _measures(file: sqlite3.Connection) -> None:
    for number in range(TRAINS_COUNT):
        _measure(file, version_of(number), "train", [number])
    for period, days in PERIODS.items():
        spans: dict[int, list[int]] = {}
        for number in range(TRAINS_COUNT):
            spans.setdefault((started(number) - started(0)).days // days, []).append(number)
        for numbers in spans.values():
            _measure(file, "all", period, numbers)
    for place, size in enumerate(("patches", "changed lines", "patch authors")):
        for trouble in ("rollbacks", "rollback time", "blockers", "any trouble", "total time"):
            _add(
                file, "metric_train_size_against_trouble", size, trouble, 60 if place < 2 else 0, -0.001, 0.25
            )


def _measure(file: sqlite3.Connection, version: str, period: str, numbers: list[int]) -> None:
    count, back = len(numbers), sum(number % 3 == 0 for number in numbers)
    blocked = sum(number % 2 == 0 for number in numbers)
    troubled = sum(number % 3 == 0 or number % 2 == 0 for number in numbers)
    key = (version, period, str(started(numbers[0]).date()))
    delays = [number % 4 for number in numbers]
    _add(file, "metric_train_trouble", *key, count, troubled, back, blocked, 1 - troubled / count)
    hours = 1.5 if back else None
    _add(file, "metric_train_rollback_time", *key, count, back, back, 1.5 * back, hours, hours)
    _add(file, "metric_train_patches", *key, count, count, 3 * count, count, back, 4, 40 * count, 12 * count)
    _add(file, "metric_train_patch_times", *key, 3 * count, 7, 8, 7, 2, 2 + count / 10, 2)
    for place, group in enumerate(GROUPS):
        days = delays if place == 3 else [0] * count
        on_time = days.count(0)
        found = (*(count, on_time, on_time / count), sum(days) / count, max(days))
        if place:
            _add(file, "metric_train_delay", version, group, *key[1:], *found)
    for group, share in {"none": 1, "testwikis": 0, "group0": 1, "group1": 1, "group2": 0, "all": 3}.items():
        per_train = blocked * share / count
        _add(
            *(file, "metric_train_blockers", version, group, *key[1:], blocked * share),
            *(blocked * share, 0, 0, per_train, 8.0 * blocked * share),
        )
    if period == "month":
        for person in (HOSTILE, "Deployer 1"):
            _add(file, "metric_train_conductors", person, *key[1:], count, troubled, back, 3 * blocked)
    if period == "train":
        for measure, unit in (("patches", ""), ("first to last roll-forward", "days"), ("blockers", "")):
            others = min(numbers[0], 52)
            place = 0.25 if others else None
            _add(file, "metric_train_standing", version, measure, unit, 3, 2, others, others // 4, 0, place)


def _service(file: sqlite3.Connection, pipeline: str, environment: str) -> None:
    for period, days in PERIODS.items():
        if period == "quarter":
            continue
        for number in range(400 // days):
            start = (AS_OF - timedelta(days=days * (number + 1) - 2)).date()
            key = (pipeline, environment, period, str(start))
            failed, over = number % 3, int(number > 0)
            _add(file, "metric_deployment_frequency", *key, 4 if pipeline == HOSTILE else 10, 3, over)
            _add(file, "metric_change_lead_time", *key, 30, 28, 0.5, 1.5 + number / 10, over)
            _add(file, "metric_change_fail_rate", *key, 10, failed, failed / 10, over)
            hours = (1.0, 2.0) if failed else (None, None)
            _add(file, "metric_failed_deployment_recovery_time", *key, failed, failed, *hours, over)
            _add(file, "metric_deployment_rework_rate", *key, 10, 1, 0.1, over)
    for number in range(40):
        moment = _stamp(AS_OF - timedelta(days=9 * number))
        _add(
            *(file, "deployments", pipeline, environment, f"D{number}", HOSTILE, "failed", HOSTILE),
            *("told", 3, 1, 1.5, int(number % 2 == 0), moment),
        )


def _describe(file: sqlite3.Connection) -> None:
    file.execute(
        "create table about (site_name, site_url, is_demo, as_of, exported_at, ddd_version, export_policies)"
    )
    site = "https://phabricator.example.org/api/"
    _add(file, "about", "phabricator.example.org", site, 0, _stamp(AS_OF), _stamp(AS_OF), "0.1.0", "[]")
    file.execute(
        "create table catalog_models (model_name, model_kind, label, question, description, sql_path,"
        " rows_count integer, columns_count integer)"
    )
    file.execute(
        "create table catalog_columns (model_name, column_name, position, data_type, label, unit,"
        " description)"
    )
    for name, columns in COLUMNS.items():
        names = columns.split(", ")
        rows = file.execute(f"select count(*) from {name}").fetchone()[0]
        kind = "metric" if name.startswith("metric") else "mart"
        label = name.replace("_", " ").capitalize()
        path = f"dbt_project/models/{kind}s/{name}.sql"
        _add(file, "catalog_models", name, kind, label, "Why?", "One row per one.", path, rows, len(names))
        for position, column in enumerate(names):
            head = column.replace("_", " ").capitalize()
            _add(file, "catalog_columns", name, column, position, "", head, "", f"What {column} is.")
        if "version" in names:
            file.execute(f"create index {name}__version on {name} (version)")


def _add(file: sqlite3.Connection, table: str, *values: Any) -> None:
    file.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)


def _stamp(moment: datetime | None) -> str | None:
    return moment and moment.strftime("%Y-%m-%dT%H:%M:%SZ")
