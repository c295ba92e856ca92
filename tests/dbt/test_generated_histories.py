"""A thousand histories that Hypothesis made up: the models against the second computation, task by task.

dbt builds all of them at once. Of histories that come out wrong, the one with the fewest transactions is
shown, with both results.
"""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from built_warehouse import Warehouse, build_warehouse, settings_in
from comparing import (
    require_equal,
    require_equal_events,
    require_equal_findings,
    require_equal_spans,
    require_equal_work,
)
from documents_file import Document, write_deliveries, write_documents
from generated.batch import Batch
from generated.deliveries import many_deliveries
from generated.organisation import AS_OF, CHILD, PLAIN, SPRINT_1, UNSEEN
from metric_checks import CHECKS, check
from reference.findings import Finding, findings
from reference.replay import Replay
from reference.roles import seed
from reference.rules import Setting
from reference.site import Site
from train_checks import findings_of_deployments

from ddd.seeds import SEEDS_DIR


@pytest.fixture(scope="module", params=[1000, pytest.param(6000, marks=pytest.mark.proof)])
def batch(request: pytest.FixtureRequest) -> Batch:
    return Batch(request.param, longest=16 if request.param == 1000 else 30)


SETTINGS = [
    Setting("time_zone", "", "America/St_Johns"),
    Setting("reopened_within_days", "", "5"),
    Setting("forecast_trials", "", "400"),
    Setting("forecast_seed", "", "7"),
    Setting("service_level_percentile", "", "70"),
    Setting("service_level_window_days", "team", "40"),
    Setting("flow_window_days", "plain", "30"),
    Setting("forecast_window_days", "plain", "50"),
    Setting("publish_people", "team", "true"),
    Setting("clock_start", "team", "column"),
    Setting("clock_start", CHILD, "status"),
    Setting("clock_start", PLAIN, "created"),
    Setting("reopening_policy", "team", "first close"),
    Setting("reopening_policy", SPRINT_1, "last close"),
    Setting("excluded_subtypes", "late", "epic, bug"),
    Setting("reopened_within_days", "tag", "1"),
]
"""What these projects decide otherwise than the rest; the time zone is three and a half hours behind UTC."""


FOR_NOTHING = [Setting("reopened_within_days", "nosuch", "3")]
ODD_DOCUMENTS = [("tasks", "9002", '{"id": "no number", "fields": {"dateModified": 1}}')]
BEHIND = {"users": timedelta(days=3), "priorities": timedelta(hours=12)}
"""Settings, documents and streams with which something is wrong that changes no figure."""

OWN_ROLES = [
    *seed("column_roles"),
    {"priority": "99", "project": "nosuch", "pattern": "^x$", "role": "done"},
]

CHANGES = [
    {"change_key": "everybody", "title": "Review within a day", "started_date": "2026-01-05"},
    {"change_key": "team", "title": "Pairs", "started_date": "2026-01-05", "projects": "team; nosuch"},
    {"change_key": "typo", "title": "Limits", "started_date": "2026-01-32"},
    {"change_key": "nobody", "title": "Rest", "started_date": "2026-01-05", "projects": "nosuch"},
]
CHANGES_IN_TROUBLE = {"team": "in part", "typo": "left out", "nobody": "left out"}
"""Declared changes, and what becomes of those with which something is wrong."""


@pytest.fixture(scope="module")
def site(batch: Batch) -> Site:
    return Site(batch.installation, AS_OF, settings=[*SETTINGS, *FOR_NOTHING])


@pytest.fixture(scope="module")
def warehouse(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return built(batch, tmp_path_factory.mktemp("generated"))


def built(batch: Batch, folder: Path) -> Warehouse:
    """The models of the batch, with these settings, in this folder."""
    (folder / "own").mkdir()
    with (folder / "own" / "settings.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows([("setting", "project", "value"), *SETTINGS, *FOR_NOTHING])
    with (folder / "own" / "column_roles.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, OWN_ROLES[0])
        writer.writeheader()
        writer.writerows(OWN_ROLES)
    with (SEEDS_DIR / "declared_changes.csv").open(newline="") as lines:
        columns = next(csv.reader(lines))
    with (folder / "own" / "declared_changes.csv").open("w", newline="") as lines:
        changes = csv.DictWriter(lines, columns, restval="")
        changes.writeheader()
        changes.writerows(CHANGES)
    settings = settings_in(folder, "public", settings_dir=folder / "own")
    odd = [Document(stream, text, key=key) for stream, key, text in ODD_DOCUMENTS]
    write_documents(settings, [*batch.documents, *odd], AS_OF, behind=BEHIND)
    write_deliveries(settings, many_deliveries(30), AS_OF)
    return build_warehouse(settings)


def test_the_batch_holds_what_it_promises(batch: Batch) -> None:
    rows = [row for server in batch.servers.values() for row in server.rows]
    kinds = {row["transactionType"] for row in rows}
    assert {"column", "projectcolumn", "core:columns", "mergedinto", "core:edge", "status"} <= kinds
    shapes = {type(row["oldValue"]) for row in rows if row["transactionType"] == "core:edge"}
    assert shapes == {dict, list}
    assert {type(row["newValue"]) for row in rows if row["transactionType"] == "status"} == {int, str}
    assert sum(not server.is_damaged for server in batch.servers.values()) > len(batch.servers) / 2


def test_spans_of_every_kind(batch: Batch, warehouse: Warehouse) -> None:
    require_equal_spans(batch.installation, warehouse)


def test_events(batch: Batch, warehouse: Warehouse) -> None:
    require_equal_events(batch.installation, warehouse)


def test_started_closed_and_durations(batch: Batch, warehouse: Warehouse) -> None:
    require_equal_work(batch.installation, warehouse)


@pytest.mark.parametrize("table", CHECKS)
def test_metric(site: Site, warehouse: Warehouse, table: str) -> None:
    check(table, site, warehouse)


def test_findings(site: Site, warehouse: Warehouse) -> None:
    expected = findings(site, ODD_DOCUMENTS, BEHIND, OWN_ROLES, took_seconds=1)
    expected |= findings_of_deployments(warehouse)
    expected |= {
        Finding(f"process change {trouble}", "process change", key, None, True)
        for key, trouble in CHANGES_IN_TROUBLE.items()
    }
    require_equal_findings(expected, warehouse)
    # what is rare need not be in every batch; test_odd_histories.py and the unit tests have all kinds
    rare = {
        *("task known by history only", "task without history", "closed at another time"),
        *("change in the future", "change before creation", "deployments in the future"),
    }
    # these are in test_odd_trains.py
    of_trains = {
        *("unreadable documents", "train without release task", "train without a group"),
        *("group without wiki", "unknown version"),
        *("patches not asked for", "patches not found", "patches of no train"),
    }
    assert {row["finding"] for row in seed("finding_kinds")} - {
        one.finding for one in expected
    } <= rare | of_trains


def test_declared_changes_concern_whom_they_name(batch: Batch, warehouse: Warehouse) -> None:
    team = next(phid for phid, one in batch.installation.projects.items() if one["fields"]["slug"] == "team")
    places = warehouse.query("select distinct pipeline || '/' || environment from deployments")
    everybody = {("everybody", "project", "all"), *(("everybody", "pipeline", one) for (one,) in places)}
    targets = warehouse.query("select change_key, subject_kind, subject_key from process_change_targets")
    assert set(targets) == {*everybody, ("team", "project", team)}
    concerned = warehouse.query("select change_key, concerns from process_changes order by change_key")
    assert concerned == [("everybody", "all"), ("team", "projects")]


def test_every_metric_is_computed_a_second_time(warehouse: Warehouse) -> None:
    """Whoever adds a metric adds its second computation to metric_checks.py."""
    tables = warehouse.query("select table_name from duckdb_tables() where table_name like 'metric_%'")
    assert {table for (table,) in tables} == CHECKS.keys()


def test_undamaged_histories_end_where_the_server_has_the_task(batch: Batch) -> None:
    """The third witness: the model of the server knows the state without reading any transaction."""
    found: dict[int, Any] = {}
    for task_id in batch.servers:
        last = Replay(batch.installation, task_id).moments()[-1]
        columns = {board: column for board, column in last.columns.items() if board != UNSEEN}
        found[task_id] = (last.status, last.priority, last.owner, last.tags, columns)

    def expected(task_id: int) -> Any:
        server = batch.servers[task_id]
        if server.is_damaged:
            return found[task_id]
        columns = {board: server.column_on(board) for board in server.boards() if board != UNSEEN}
        return (server.status, str(server.priority), server.owner, frozenset(server.tags), columns)

    require_equal(batch.installation, expected, found)


@pytest.mark.proof
def test_the_same_documents_give_the_same_tables(
    batch: Batch, warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whenever it is built: every "now" is that of the extraction, and every draw has a seed."""
    again = built(batch, tmp_path_factory.mktemp("again"))
    tables = [
        table
        for (table,) in warehouse.query(
            "select table_name from duckdb_tables() where schema_name = 'main' "
            "and not starts_with(table_name, 'stg_') and not starts_with(table_name, 'int_')"
        )
    ]
    assert len(tables) > 30
    connection = duckdb.connect()
    for name, file in (("once", warehouse.path), ("again", again.path)):
        connection.execute(f"attach '{file}' as {name} (read_only)")
    for table in tables:
        for one, other in (("once", "again"), ("again", "once")):
            found = connection.execute(
                f"select count(*) from (from {one}.{table} except all from {other}.{table})"
            ).fetchall()
            assert found == [(0,)], table
