"""Sweeps: what was destroyed or hidden leaves, what is shown again comes with its old history."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from landed import assert_same_as_server, gone, newest, rows
from small_site import small_site

from ddd.demo.endpoint import DocumentStore
from ddd.demo.endpoint.trouble import Trouble
from ddd.errors import DataError
from ddd.settings import Settings
from ddd.sources import Wanted, phabricator

SWEEP = Wanted(sweep=True)


@pytest.fixture
def store() -> DocumentStore:
    return small_site()


def test_hidden_and_destroyed_tasks_are_gone_after_the_next_sweep_and_not_before(
    settings: Settings, store: DocumentStore
) -> None:
    phabricator.extract(settings)
    store.hide_task(5)
    store.destroy_task(250)  # the highest one
    assert phabricator.extract(settings).gone_count == 0
    done = phabricator.extract(settings, SWEEP)
    assert (done.mode, done.gone_count, done.again_count) == ("incremental with a sweep", 2, 0)
    assert "2 objects are gone" in done.warnings[0]
    assert gone(settings, "tasks") == {"5", "250"}
    ((changed_at, run_id),) = rows(
        settings, "select distinct changed_at, run_id from raw.visibility_changes where not is_visible"
    )
    assert (changed_at, run_id) == rows(settings, "select started_at, run_id from raw.runs where run_id = 3")[
        0
    ]
    again = phabricator.extract(settings, SWEEP)
    assert again.gone_count == 0  # once is enough
    assert_same_as_server(settings, store)


def test_a_task_that_is_shown_again_comes_back_with_its_old_history(
    settings: Settings, store: DocumentStore
) -> None:
    for task_id in (5, 6):
        store.hide_task(task_id)
    phabricator.extract(settings)
    assert "5" not in newest(settings, "tasks")
    store.hide_task(7)
    phabricator.extract(settings, SWEEP)
    for task_id in (5, 7):  # old dates, low ids: one was never known, one was
        store.show_task(task_id)
    done = phabricator.extract(settings, SWEEP)
    assert (done.gone_count, done.again_count, done.fetched["tasks"]) == (0, 1, 4)  # two as ever
    assert gone(settings, "tasks") == set()
    assert_same_as_server(settings, store)


def test_a_gone_task_that_is_shown_by_an_edit_is_there_without_a_sweep(
    settings: Settings, store: DocumentStore
) -> None:
    store.edit_task(9, at=1_800_000_000, name="Edited")
    phabricator.extract(settings)
    store.hide_task(9)
    phabricator.extract(settings, SWEEP)
    store.show_task(9)
    store.edit_task(9, at=1_800_001_000, name="Edited again")
    assert phabricator.extract(settings).again_count == 1
    assert_same_as_server(settings, store)


def test_a_sweep_is_due_at_its_interval_and_after_a_full_run(
    settings: Settings, store: DocumentStore
) -> None:
    def runs_sweep(sweep_hours: int) -> bool:
        done = phabricator.extract(replace(settings, sweep_hours=sweep_hours))
        return done.mode == "incremental with a sweep"

    phabricator.extract(settings)
    assert not runs_sweep(24)
    yesterday = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=25)
    with duckdb.connect(str(settings.documents_path)) as connection:
        connection.execute("update raw.runs set started_at = ?", [yesterday])
    assert not runs_sweep(0)
    assert runs_sweep(24)
    assert not runs_sweep(24)


def test_a_task_that_the_server_cannot_give_is_not_gone(
    settings: Settings, store: DocumentStore, no_waiting: None
) -> None:
    phabricator.extract(settings)
    store.unreadable_tasks = {7}
    done = phabricator.extract(settings, SWEEP)
    assert gone(settings, "tasks") == set()
    assert done.known["quarantine"] == 1
    assert re.search(r"1 task \(T7\) could not be read .*Allowed memory size", done.warnings[0])


def test_a_sweep_that_fails_marks_nothing(settings: Settings, store: DocumentStore, no_waiting: None) -> None:
    phabricator.extract(settings)
    store.hide_task(5)
    store.troubles.plan(Trouble(500, body=b"<html></html>", times=99, after_calls=10))
    with pytest.raises(DataError):
        phabricator.extract(settings, SWEEP)
    assert gone(settings, "tasks") == set()
    store.troubles.clear()
    assert phabricator.extract(settings, SWEEP).gone_count == 1


def test_an_account_that_lost_its_rights_does_not_empty_the_warehouse(
    settings: Settings, store: DocumentStore
) -> None:
    phabricator.extract(settings)
    for task_id in range(1, 200):
        store.hide_task(task_id)
    for wanted in (SWEEP, Wanted(full=True)):
        with pytest.raises(DataError, match=r"199 of 250 known tasks.*--accept-gone"):
            phabricator.extract(settings, wanted)
    assert gone(settings, "tasks") == set()
    assert not list(settings.segments_dir.iterdir())
    done = phabricator.extract(settings, Wanted(sweep=True, accept_gone=True))
    assert done.gone_count == 199
    assert_same_as_server(settings, store)


def test_projects_and_columns_that_vanish_are_gone_after_any_run_and_come_back(
    settings: Settings, store: DocumentStore
) -> None:
    phabricator.extract(settings)
    phid, project = next(iter(store.projects.items()))
    column = next(iter(store.columns.values()))
    project.is_visible = column.is_visible = False
    assert phabricator.extract(settings).gone_count == 2
    assert gone(settings, "projects") == {phid}
    assert gone(settings, "columns") == {column.phid}
    project.is_visible = column.is_visible = True
    assert phabricator.extract(settings).again_count == 2
    assert gone(settings, "projects") == gone(settings, "columns") == set()


def test_a_column_that_is_renamed_keeps_its_past(settings: Settings, store: DocumentStore) -> None:
    phabricator.extract(settings)
    column = next(iter(store.columns.values()))
    store.put_column(column.document().replace(b'"Column 10"', b'"Doing"'))
    phabricator.extract(settings)
    names = rows(
        settings,
        "select document ->> '$.fields.name' from raw.phabricator_columns "
        f"where key = '{column.phid}' order by batch",
    )
    assert names == [("Column 10",), ("Doing",)]
