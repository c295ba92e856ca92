"""Odd shapes of documents through the real models."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from built_warehouse import Warehouse, build_warehouse, settings_in
from documents_file import write_documents
from hidden_histories import TOLD_TASK
from odd_histories import (
    AS_OF,
    BACKLOG,
    BOT,
    CHILD,
    DOING,
    DONE,
    GONE,
    IN_SPRINT,
    SECRET,
    SECRET_SPACE,
    SPRINT,
    TASKS,
    TEAM,
    UNSEEN,
    odd_documents,
)
from searched_histories import SEARCHED_TASK

from ddd.errors import SettingsError
from ddd.export import export

CREATED_AT = datetime(2026, 3, 1)


def spans(
    warehouse: Warehouse, task_id: int, kind: str, board: str = ""
) -> list[tuple[str, float, float | None]]:
    """Values with days since the creation at which they began and ended."""
    on_board = f"and board_phid = '{board}'" if board else ""
    rows = warehouse.query(
        f"select span_value, started_at, ended_at from task_spans "
        f"where task_id = {task_id} and span_kind = '{kind}' {on_board} order by started_at, span_value"
    )
    return [(value, days(start), None if end is None else days(end)) for value, start, end in rows]


def days(moment: datetime) -> float:
    return (moment - CREATED_AT) / timedelta(days=1)


def test_numbered_statuses_and_a_priority_that_was_null(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 1, "status") == [
        ("open", 0, 1),
        ("resolved", 1, 2),
        ("open", 2, 3),
        ("wontfix", 3, None),
    ]
    assert spans(odd_warehouse, 1, "priority") == [("90", 0, None)]


def test_a_missing_creation_is_made_up_from_the_task(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select task_id, transaction_id, occurred_at from task_events "
        "where event_type = 'created' and transaction_id = 0 order by 1"
    ) == [(1, 0, CREATED_AT), (2, 0, CREATED_AT)]
    assert odd_warehouse.query("select count(*) from task_events where event_type = 'created'") == [
        (len([*TASKS, TOLD_TASK, SEARCHED_TASK]),)
    ]


def test_old_column_moves(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 2, "column", TEAM) == [(BACKLOG, 0, 1), (DOING, 1, 2), (DONE, 2, None)]
    assert spans(odd_warehouse, 2, "project") == [(TEAM, 0, None)]


def test_edges_as_maps_and_lists(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 3, "project") == [(TEAM, 1, 2), (CHILD, 3, None), (TEAM, 4, 5)]


def test_merging_closes(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 4, "status") == [
        ("open", 0, 1),
        ("duplicate", 1, 2),
        ("open", 2, 3),
        ("duplicate", 3, None),
    ]
    assert odd_warehouse.query(
        "select is_closed, reopened_count, lead_time_days, cycle_time_days from tasks where task_id = 4"
    ) == [(True, 1, 3, None)]


def test_texts_without_nul_and_events_without_texts(odd_warehouse: Warehouse) -> None:
    title = 'beforeafter \U0001f389 "quoted" <b> "custom.fake":1'
    assert odd_warehouse.query("select title from tasks where task_id = 5") == [(title,)]
    assert odd_warehouse.query(
        "select event_type, actor_phid, field_name, old_value, new_value from task_events "
        "where task_id = 5 and event_type not in ('created') order by transaction_id"
    ) == [
        ("title", "PHID-USER-alice", None, "", title),
        ("comment", BOT, None, None, None),
        ("unknown:core:inlinestate", "PHID-USER-alice", None, None, None),
        ("custom_field", "PHID-USER-alice", "std:maniphest:notes", None, None),
    ]


def test_custom_fields_that_are_filled_in(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query("select * exclude (batch) from stg_phabricator__task_fields order by 2") == [
        (5, "odd.on", "true"),
        (5, "odd.text", 'a "b",'),
    ]


def test_no_text_of_a_description_or_comment_gets_into_marts_or_metrics(odd_warehouse: Warehouse) -> None:
    texts = odd_warehouse.query(
        "select table_name, column_name from information_schema.columns "
        "where data_type = 'VARCHAR' and table_name not like 'stg_%' and table_name not like 'int_%'"
    )
    assert len(texts) > 50
    for table, column in texts:
        sql = f"select count(*) from {table} where {column} like '%not for the public%'"
        assert odd_warehouse.query(sql) == [(0,)], (table, column)


def test_of_several_changes_in_a_second_the_last_one_counts(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 6, "column", TEAM) == [(BACKLOG, 0, None)]
    assert spans(odd_warehouse, 6, "status") == [("open", 0, None)]
    assert odd_warehouse.query("select count(*) from task_events where task_id = 6") == [(1 + 1 + 3 + 2,)]


def test_an_implied_tag_and_the_way_through_a_milestone(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 7, "project") == [(TEAM, 1, 2), (SPRINT, 2, 4), (TEAM, 4, None)]
    assert spans(odd_warehouse, 7, "column", TEAM) == [(DOING, 1, 2), (IN_SPRINT, 2, 4), (DOING, 4, None)]


def test_what_may_not_be_published_is_marked_and_counted_nowhere(odd_warehouse: Warehouse) -> None:
    def published(sql: str) -> list[tuple[object, ...]]:
        return odd_warehouse.query(sql)

    assert published("select task_id from tasks where not is_published order by 1") == [(9,), (10,), (16,)]
    assert published("select project_phid from projects where not is_published order by 1") == [
        (GONE,),
        (SECRET,),
    ]
    assert published("select project_phid, is_published from task_projects where task_id = 8 order by 1") == [
        (SECRET, False),
        (UNSEEN, False),
    ]
    assert published("select username from users where is_published") == [("alice",)]
    assert published(
        "select event_type from task_events where task_id = 13 and not is_published order by 1"
    ) == [
        ("subtask",),
        ("subtask_status",),
    ]
    ((counted,),) = published(
        "select sum(closed_tasks_count) from metric_throughput "
        "where project_phid = 'all' and subtype = 'all' and priority_name = 'all' and period = 'month'"
    )
    assert counted == len(
        [task for task in [*TASKS, SEARCHED_TASK] if task.is_closed and task.policy == "public"]
    )
    assert published("select count(*) from metric_throughput where project_phid in ('PHID-PROJ-secret')") == [
        (0,)
    ]


def test_nothing_private_is_in_any_published_table(odd_warehouse: Warehouse) -> None:
    """Whatever tables there are, now and later: no row names a private task, project or person."""
    settings = settings_in(odd_warehouse.path.parents[1], "public")
    export(settings)
    private_tasks = {task.task_id: task.phid for task in TASKS if task.policy != "public"}
    private_tasks |= {task.task_id: task.phid for task in TASKS if task.space == SECRET_SPACE}
    private_tasks[TOLD_TASK.task_id] = TOLD_TASK.phid
    secrets = {SECRET, UNSEEN, "Secret", SECRET_SPACE, *private_tasks.values()}
    found = []
    connection = sqlite3.connect(settings.metrics_path)
    tables = [row[0] for row in connection.execute("select model_name from catalog_models")]
    for table in tables:
        rows = connection.execute(f'select * from "{table}"')
        names = [column[0] for column in rows.description]
        for row in rows:
            for name, value in zip(names, row, strict=True):
                words = set(re.split(r"[^\w-]+", value)) if isinstance(value, str) else set()
                if (name.endswith("task_id") and value in private_tasks) or words & secrets:
                    found.append((table, name, value))
    connection.close()
    assert found == []
    assert len(private_tasks) == 3
    assert len(tables) > 12


def test_parents_count_a_task_of_parent_and_child_once(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select project_phid, is_direct from project_tasks where task_id = 12 order by 1"
    ) == [(CHILD, True), (TEAM, True)]
    assert odd_warehouse.query(
        f"select open_tasks_count, closed_tasks_count from projects where project_phid = '{TEAM}'"
    ) == [(5, 3)]
    assert odd_warehouse.query("select project_path from projects order by project_id") == [
        ("Team",),
        ("Team / Sprint 1",),
        ("Team / Child",),
        ("Secret",),
        ("Team / Hush",),
        ("Team / Below",),
    ]


def test_reopened_tasks_finish_at_their_last_close(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select first_closed_at, last_closed_at, closed_at, reopened_count, lead_time_days, cycle_time_days, "
        "points from tasks where task_id = 12"
    ) == [
        (
            CREATED_AT + timedelta(days=2),
            CREATED_AT + timedelta(days=9),
            CREATED_AT + timedelta(days=9),
            1,
            9,
            8,
            2.5,
        )
    ]
    assert spans(odd_warehouse, 12, "owner") == [("PHID-USER-alice", 2, None)]


def test_a_move_of_a_closed_task_starts_nothing(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select started_at, lead_time_days, cycle_time_days from tasks where task_id = 11"
    ) == [(None, 1, None)]
    assert spans(odd_warehouse, 11, "column", TEAM) == [(BACKLOG, 0, 2), (DOING, 2, 3), (IN_SPRINT, 3, None)]


def test_created_closed(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 13, "status") == [("resolved", 0, None)]
    assert odd_warehouse.query("select lead_time_days from tasks where task_id = 13") == [(0,)]


def test_the_newest_version_is_used_and_unreadable_documents_are_shown(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query("select title from tasks where task_id = 1") == [("A task",)]
    assert odd_warehouse.query(
        "select stream, document_key from stg_phabricator__quarantined_documents order by 1"
    ) == [("tasks", "9002"), ("transaction_records", "6001"), ("transactions", "9001")]


def test_what_history_cannot_explain_is_said(odd_warehouse: Warehouse) -> None:
    """Task 1's status is said to be resolved, but its last change was to wontfix."""
    assert odd_warehouse.query("select status from tasks where task_id = 1") == [("resolved",)]
    (warning,) = odd_warehouse.built.warnings
    assert "history does not end in what the server says" in warning


def test_what_is_wrong_is_found_and_only_what_is_public_is_told(odd_warehouse: Warehouse) -> None:
    found = odd_warehouse.query(
        "select finding, severity, object_key, is_published from data_quality order by 1, 3"
    )
    assert found == [
        ("history ends elsewhere", "warning", "1", True),
        ("incidents before any deployment", "info", "shop to production", True),
        ("task known by history only", "warning", "16", False),
        ("unknown project", "info", "PHID-PROJ-unseen", False),
        ("unknown transaction type", "warning", "unknown:core:inlinestate", True),
        ("unknown transaction type", "warning", "unknown:some:new", True),
        ("unknown transaction type", "warning", "unknown:untyped", True),
        ("unknown user", "info", "PHID-APPS-harbormaster", False),
        ("unreadable document", "error", "tasks 9002", False),
        ("unreadable document", "error", "transaction_records 6001", False),
        ("unreadable document", "error", "transactions 9001", False),
    ]
    counts = {(one.severity, one.finding): one.objects_count for one in odd_warehouse.built.findings}
    assert counts["error", "unreadable document"] == 3
    assert sum(counts.values()) == len(found)
    assert odd_warehouse.built.findings[0].severity == "error"


def test_the_files_are_left_closed(odd_warehouse: Warehouse) -> None:
    assert not Path(f"{odd_warehouse.path}.wal").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"settings.csv": "setting,project,value\ntime_zone,,Mars/Base\nclock_stat,,status\n"},
            r"clock_stat is no setting.*time_zone is 'Mars/Base': name a",
        ),
        (
            {
                "holiday_periods.csv": "holiday,first_day,last_day\nEaster,5.4.2026,2026-04-06\n",
                "definition_changes.csv": "metric_name,changed_date,holds_for,what\nmetric_wip,,,it\n",
            },
            r"metric_wip needs a changed_date as 2026-01-31.*Easter needs a first_day",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_build_and_is_named(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    settings = replace(settings_in(tmp_path, "public"), settings_dir=tmp_path)
    write_documents(settings, odd_documents(), AS_OF)
    settings.dbt_dir.mkdir()
    settings.manifest_path.write_text("of the last build")
    with pytest.raises(SettingsError, match=said):
        build_warehouse(settings)
    assert not settings.warehouse_path.exists()
    assert settings.manifest_path.read_text() == "of the last build"
