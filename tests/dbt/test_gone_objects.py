"""What was destroyed or hidden, what came back, and what its history alone tells: in models and export."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from built_warehouse import Warehouse, settings_in
from hidden_histories import GONE_TASK, TOLD_TASK
from odd_histories import (
    ALICE,
    BACKLOG,
    BELOW,
    DOING,
    GONE,
    GONE_COLUMN,
    GONE_USER,
    TEAM,
)
from test_odd_histories import CREATED_AT, spans

from ddd.export import export


@pytest.fixture(scope="module")
def published(odd_warehouse: Warehouse) -> Iterator[sqlite3.Connection]:
    """The file that is published of the warehouse."""
    settings = settings_in(odd_warehouse.path.parent.parent, "public")
    export(settings)
    connection = sqlite3.connect(settings.metrics_path)
    yield connection
    connection.close()


def _cells(published: sqlite3.Connection) -> Iterator[tuple[str, str, object]]:
    tables = published.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (table,) in tables:
        rows = published.execute(f'select * from "{table}"')
        columns = [description[0] for description in rows.description]
        for row in rows:
            for column, value in zip(columns, row, strict=True):
                yield table, column, value


def test_nothing_that_is_gone_is_in_the_published_file(published: sqlite3.Connection) -> None:
    # who acted or owned a task stays the owner: the PHID says nothing without the name
    hidden = ("Gone for good", "Hush", "hush_user", GONE_TASK.phid, GONE, GONE_COLUMN)
    for table, column, value in _cells(published):
        assert not (column == "task_id" and value == GONE_TASK.task_id), table
        assert not any(text in str(value) for text in hidden), (table, column, value)


def test_the_past_of_what_is_gone_stays_in_the_warehouse(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 15, "project") == [(BELOW, 0, None), (GONE, 0, 5), (TEAM, 0, None)]
    assert spans(odd_warehouse, 15, "column", TEAM) == [
        (BACKLOG, 0, 1),
        (GONE_COLUMN, 1, 4),
        (DOING, 4, None),
    ]
    assert odd_warehouse.query("select count(*) from stg_phabricator__tasks where task_id = 14") == [(1,)]


def test_a_task_that_came_back_has_its_old_history(
    published: sqlite3.Connection, odd_warehouse: Warehouse
) -> None:
    assert published.execute("select title, status from tasks where task_id = 15").fetchall() == [
        ("Back again", "progress")
    ]
    assert spans(odd_warehouse, 15, "status") == [("open", 0, 3), ("progress", 3, None)]
    rows = published.execute(
        "select event_type from task_events where task_id = 15 order by transaction_id, event_index"
    )
    # not the subtask that is gone, nor the moves and the tags of what is
    assert [kind for (kind,) in rows] == ["created", "project", "project", "owner", "status", "column"]


def test_a_project_below_one_that_is_gone_has_no_trace_of_its_name(published: sqlite3.Connection) -> None:
    paths = published.execute("select project_path from projects order by project_path").fetchall()
    assert paths == [("Team",), ("Team / Below",), ("Team / Child",), ("Team / Sprint 1",)]


def test_a_task_known_by_its_history_is_what_that_says(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select task_phid, title, status, status_name, is_closed, priority, priority_name, owner_phid, "
        "author_phid, view_policy, subtype, created_at, lead_time_days, cycle_time_days, transactions_count, "
        "is_published from tasks where task_id = 16"
    ) == [
        (None, "Told by its history alone", "resolved", "Resolved", True, 50, None, ALICE, ALICE,
         "unknown", "default", CREATED_AT, 3, 1, len(TOLD_TASK.transactions), False)
    ]  # fmt: skip
    assert spans(odd_warehouse, 16, "status") == [("open", 0, 3), ("resolved", 3, None)]
    assert odd_warehouse.query(
        "select project_phid, column_phid, is_published from task_projects where task_id = 16"
    ) == [(TEAM, DOING, False)]


def test_a_task_known_by_its_history_is_published_only_where_policies_say_so(
    published: sqlite3.Connection,
) -> None:
    assert published.execute("select count(*) from tasks where task_id = 16").fetchall() == [(0,)]


def test_the_owner_of_a_task_may_be_a_user_who_is_gone(published: sqlite3.Connection) -> None:
    owner = published.execute("select owner_phid from tasks where task_id = 15").fetchall()
    assert owner == [(GONE_USER,)]
    assert published.execute("select count(*) from users where user_phid = ?", owner[0]).fetchall() == [(0,)]
