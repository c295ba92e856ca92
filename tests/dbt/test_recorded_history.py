"""The models of the recorded installation: every count, and every task's last state as the server has it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest
from built_warehouse import Warehouse
from comparing import require_equal_events, require_equal_spans
from documents_file import Document
from reference.installation import Installation

from recorded import COLUMNS_COUNT, PROJECTS_COUNT, TASKS_COUNT, TRANSACTIONS_COUNT, USERS_COUNT

IN_TWO_COLUMNS = {12, 93, 132, 321, 437, 647}
"""Tasks that the server shows in two columns of MediaWiki-Core at once.

They were on that board, then in a milestone, and came back. The position from before the milestone had
stayed behind, so that coming back gave them a second one (T12, T93, T132, T321, T437, T647, and the
`fromColumnPHIDs` with two entries in the later history of T152, T321 and T394 show how it goes on).
History says the column that they were last moved to, which is one of the two.
"""

IN_A_MILESTONE_OF_MEDIAWIKI_CORE = 17


@pytest.fixture(scope="module")
def last_spans(recorded_warehouse: Warehouse) -> dict[int, dict[tuple[str, str | None], list[str]]]:
    """Lasting values per task, by kind and board."""
    spans: dict[int, dict[tuple[str, str | None], list[str]]] = defaultdict(lambda: defaultdict(list))
    for task_id, kind, board, value in recorded_warehouse.query(
        "select task_id, span_kind, board_phid, span_value from task_spans where ended_at is null"
    ):
        spans[task_id][kind, board].append(value)
    return spans


def test_nothing_is_lost(recorded_warehouse: Warehouse) -> None:
    def count(sql: str) -> int:
        ((found,),) = recorded_warehouse.query(sql)
        return int(found)

    assert count("select count(*) from tasks") == TASKS_COUNT
    assert count("select count(*) from stg_phabricator__transactions") == TRANSACTIONS_COUNT
    assert count("select sum(transactions_count) from tasks") == TRANSACTIONS_COUNT
    assert count("select count(*) from projects") == PROJECTS_COUNT
    assert count("select count(*) from projects where is_archived") == 1
    assert count("select count(*) from projects where is_milestone") == 12
    assert count("select count(*) from project_columns") == COLUMNS_COUNT
    assert count("select count(*) from project_columns where is_hidden") == 1
    assert count("select count(*) from users") == USERS_COUNT
    assert count("select count(*) from stg_phabricator__quarantined_documents") == 0
    assert count("select count(*) from task_events where event_type like 'unknown:%'") == 0


def test_every_transaction_of_a_task_is_among_its_events(
    recorded_warehouse: Warehouse, recorded_installation: Installation
) -> None:
    found = {row[0] for row in recorded_warehouse.query("select transaction_id from task_events")}
    rows = [row for rows in recorded_installation.transactions.values() for row in rows]
    silent = [row["transactionType"] for row in rows if int(row["transactionID"]) not in found]
    assert silent == []


def test_no_warnings(recorded_warehouse: Warehouse) -> None:
    assert recorded_warehouse.built.warnings == []


def test_spans_and_events_are_those_of_the_second_computation(
    recorded_warehouse: Warehouse, recorded_installation: Installation
) -> None:
    require_equal_spans(recorded_installation, recorded_warehouse)
    require_equal_events(recorded_installation, recorded_warehouse)


def test_last_status_priority_owner_and_tags_are_the_servers(
    last_spans: dict[int, dict[tuple[str, str | None], list[str]]], recorded_installation: Installation
) -> None:
    assert len(last_spans) == TASKS_COUNT
    for task_id, task in recorded_installation.tasks.items():
        fields, spans = task["fields"], last_spans[task_id]
        assert spans["status", None] == [fields["status"]["value"]], task_id
        assert spans["priority", None] == [str(fields["priority"]["value"])], task_id
        assert spans["owner", None] == ([fields["ownerPHID"]] if fields["ownerPHID"] else []), task_id
        assert sorted(spans["project", None]) == sorted(task["attachments"]["projects"]["projectPHIDs"])


def test_last_columns_are_the_servers_with_six_explained_exceptions(
    last_spans: dict[int, dict[tuple[str, str | None], list[str]]], recorded_installation: Installation
) -> None:
    exceptions = set()
    for task_id, task in recorded_installation.tasks.items():
        for board, columns in dict(task["attachments"]["columns"]["boards"]).items():
            servers = [column["phid"] for column in columns["columns"]]
            ours = last_spans[task_id]["column", board]
            if ours != servers:
                exceptions.add(task_id)
                assert len(servers) == 2
                assert ours == [_last_move(recorded_installation, task_id, board)]
                assert ours[0] in servers
    assert exceptions == IN_TWO_COLUMNS


def test_only_boards_of_milestones_parents_are_unknown_to_the_server(
    last_spans: dict[int, dict[tuple[str, str | None], list[str]]], recorded_installation: Installation
) -> None:
    """On the board of a milestone's parent a task is in the milestone's column; Conduit does not say so."""
    found = 0
    for task_id, task in recorded_installation.tasks.items():
        boards = dict(task["attachments"]["columns"]["boards"])
        for (kind, board), values in last_spans[task_id].items():
            if kind != "column" or board in boards or not values:
                continue
            milestone = recorded_installation.milestone_of(values[0])
            assert milestone in task["attachments"]["projects"]["projectPHIDs"]
            found += 1
    assert found == IN_A_MILESTONE_OF_MEDIAWIKI_CORE


def test_task_projects_name_the_servers_column(
    recorded_warehouse: Warehouse, recorded_installation: Installation
) -> None:
    found = recorded_warehouse.query(
        "select task_id, project_phid, column_phid, tagged_at from task_projects"
    )
    assert len(found) == sum(
        len(task["attachments"]["projects"]["projectPHIDs"]) for task in recorded_installation.tasks.values()
    )
    for task_id, project, column, tagged_at in found:
        boards = dict(recorded_installation.tasks[task_id]["attachments"]["columns"]["boards"])
        servers = [one["phid"] for one in boards[project]["columns"]] if project in boards else [None]
        assert column in servers
        assert tagged_at is not None


def test_closing_times_are_the_servers(
    recorded_warehouse: Warehouse, recorded_installation: Installation
) -> None:
    closed = dict(recorded_warehouse.query("select task_id, closed_at from tasks where is_closed"))
    servers = {
        task_id: datetime.fromtimestamp(task["fields"]["dateClosed"], UTC).replace(tzinfo=None)
        for task_id, task in recorded_installation.tasks.items()
        if task["fields"]["dateClosed"]
    }
    assert closed == servers


def _last_move(installation: Installation, task_id: int, board: str) -> str:
    moves = [
        move["columnPHID"]
        for row in installation.transactions[task_id]
        if row["transactionType"] == "core:columns"
        for move in row["newValue"]
        if move["boardPHID"] == board and not installation.milestone_of(move["columnPHID"])
    ]
    return str(moves[-1])


def _tasks(documents: list[Document]) -> list[dict[str, Any]]:
    return [json.loads(one.text) for one in documents if one.stream == "tasks"]


def test_custom_fields_are_those_of_the_server(
    recorded_warehouse: Warehouse, recorded_documents: list[Document]
) -> None:
    def text(value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))

    expected = {
        (task["id"], key.removeprefix("custom."), text(value))
        for task in _tasks(recorded_documents)
        for key, value in task["fields"].items()
        if key.startswith("custom.") and value not in (None, False, "", [])
    }
    found = recorded_warehouse.query(
        "select task_id, field_key, field_value from stg_phabricator__task_fields"
    )
    assert len(expected) > 200
    assert set(found) == expected
    assert len(found) == len(expected)


def test_tasks_with_a_chosen_field_are_changes_to_the_process(
    recorded_warehouse: Warehouse, recorded_documents: list[Document]
) -> None:
    def day(seconds: int) -> date:
        return datetime.fromtimestamp(seconds, UTC).date()

    expected = set()
    for task in _tasks(recorded_documents):
        fields = task["fields"]
        if fields["custom.release.date"]:
            assert fields["status"]["value"] == "resolved"
            expected.add((f"T{task['id']}", fields["name"], day(fields["custom.release.date"])))
        elif fields["custom.mood"] and fields["status"]["value"] == "resolved":
            expected.add((f"T{task['id']}", fields["name"], day(fields["dateClosed"])))
    found = recorded_warehouse.query("select change_key, title, started_date from process_changes")
    assert len(expected) == 25
    assert set(found) == expected
