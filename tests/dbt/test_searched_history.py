"""History from transaction.search: in the words of task_events, with the spans of gettasktransactions."""

from __future__ import annotations

import json

import pytest
from built_warehouse import Warehouse, build_models, settings_in
from documents_file import Document, write_documents
from odd_histories import ALICE, BACKLOG, DOING, SECRET, TEAM
from searched_histories import SEARCHED_ROWS
from test_odd_histories import spans

from recorded import RECORDED_AT, TASKS_COUNT, TRANSACTIONS_COUNT, recordings, require_shared

NOT_TOLD = {"mention", "mentioned", "duplicate", "duplicate_of", "subtype", "space"}
"""Types that transaction.search answers with `type: null` in every version of the server (FACTS §4)."""

ALL_TOLD_BY_OLD_SERVERS = {
    "created", "title", "description", "status", "priority", "owner", "points", "project", "subscribers",
    "comment",
}  # fmt: skip


def test_every_type_has_the_name_and_shape_of_task_events(odd_warehouse: Warehouse) -> None:
    assert odd_warehouse.query(
        "select event_type, event_index, board_phid, object_phid, field_name, old_value, new_value "
        "from task_events where task_id = 18 order by transaction_id, event_index"
    ) == [
        ("created", 1, None, None, None, None, None),
        ("project", 1, None, SECRET, None, SECRET, None),
        ("project", 2, None, TEAM, None, None, TEAM),
        ("title", 1, None, None, None, "", "A task"),
        ("description", 1, None, None, None, None, None),
        ("priority", 1, None, None, None, "50", "90"),
        ("owner", 1, None, None, None, None, ALICE),
        ("column", 1, TEAM, DOING, None, BACKLOG, DOING),
        ("points", 1, None, None, None, None, "2.5"),
        ("subtask", 1, None, "PHID-TASK-12", None, None, "PHID-TASK-12"),
        ("parent", 1, None, "PHID-TASK-13", None, "PHID-TASK-13", None),
        ("subscribers", 1, None, ALICE, None, None, ALICE),
        ("custom_field", 1, None, None, "std:maniphest:notes", None, None),
        ("subtask_status", 1, None, "PHID-TASK-12", None, "open", "resolved"),
        ("unknown:untyped", 1, None, None, None, None, None),
        ("comment", 1, None, None, None, None, None),
        ("unknown:some:new", 1, None, None, None, None, None),
        ("status", 1, None, None, None, "open", "progress"),
        ("merged", 1, None, "PHID-TASK-1", None, None, "PHID-TASK-1"),
    ]
    assert odd_warehouse.query("select transactions_count from tasks where task_id = 18") == [
        (len(SEARCHED_ROWS),)
    ]


def test_spans_follow(odd_warehouse: Warehouse) -> None:
    assert spans(odd_warehouse, 18, "status") == [("open", 0, 3), ("progress", 3, 4), ("duplicate", 4, None)]
    assert spans(odd_warehouse, 18, "priority") == [("50", 0, 1), ("90", 1, None)]
    assert spans(odd_warehouse, 18, "column", TEAM) == [(BACKLOG, 0, 1), (DOING, 1, None)]


def test_what_both_methods_told_is_there_once_as_the_one_that_says_more(odd_warehouse: Warehouse) -> None:
    """All of task 12's transactions came again, without types."""
    assert odd_warehouse.query(
        "select count(*), count(distinct transaction_id), countif(event_type like 'unknown:%') "
        "from task_events where task_id = 12"
    ) == [(8, 7, 0)]


def _records(group: str, name: str) -> list[Document]:
    return [
        Document("transaction_records", json.dumps(row))
        for recording in recordings(require_shared(), group)
        if recording.name.startswith(name) and "xact_proj" not in recording.name
        for row in json.loads(recording.body)["result"]["data"]
    ]


def _built(documents: list[Document], pytest_folder: pytest.TempPathFactory) -> Warehouse:
    settings = settings_in(pytest_folder.mktemp("searched"), "public", "users")
    write_documents(settings, documents, RECORDED_AT)
    return build_models(settings)


def _events(warehouse: Warehouse) -> dict[tuple[int, int], tuple[object, ...]]:
    rows = warehouse.query(
        "select transaction_id, event_index, task_id, event_type, actor_phid, board_phid, object_phid, "
        "field_name, old_value, new_value, edit_group, occurred_at from stg_phabricator__transaction_changes"
    )
    return {(row[0], row[1]): row[2:] for row in rows}


@pytest.mark.proof
def test_both_methods_give_the_same_history_of_all_tasks(
    recorded_documents: list[Document],
    recorded_warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    others = [document for document in recorded_documents if document.stream != "transactions"]
    searched = _built([*others, *_records("full-baseline", "full/xact_")], tmp_path_factory)

    spans_of_all = (
        "select task_id, span_kind, board_phid, span_value, started_at, ended_at from task_spans order by all"
    )
    expected = recorded_warehouse.query(spans_of_all)
    assert len({row[0] for row in expected}) == TASKS_COUNT
    assert {row[1] for row in expected} == {"status", "priority", "owner", "project", "column"}
    assert searched.query(spans_of_all) == expected
    assert searched.query("select count(*) from stg_phabricator__transactions") == [(TRANSACTIONS_COUNT,)]

    by_ids, by_search = _events(recorded_warehouse), _events(searched)
    told = {key: event for key, event in by_ids.items() if event[1] not in NOT_TOLD}
    assert {key: by_search[key] for key in told if key in by_search} == told
    # the rest is one change without a type for each transaction, whatever it changed
    rest = {key: event for key, event in by_search.items() if key not in told}
    assert {event[1] for event in rest.values()} == {"unknown:untyped"}
    assert rest.keys() == {(number, 1) for (number, _), event in by_ids.items() if event[1] in NOT_TOLD}


@pytest.mark.proof
def test_an_older_server_tells_less_and_nothing_wrong(
    recorded_documents: list[Document],
    recorded_warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    others = [document for document in recorded_documents if document.stream != "transactions"]
    records = _records("old-version", "old2025_xact_type_TASK_1000")
    old = _built([*others, *records], tmp_path_factory)

    by_ids, by_search = _events(recorded_warehouse), _events(old)
    assert len({number for number, _ in by_search}) == len(records) > 500
    known = {key: event for key, event in by_search.items() if key in by_ids}
    told = {key: event for key, event in known.items() if event[1] != "unknown:untyped"}
    assert {event[1] for event in told.values()} == ALL_TOLD_BY_OLD_SERVERS
    assert {key: by_ids[key] for key in told} == told
    untold = {by_ids[key][1] for key in known.keys() - told.keys()}
    assert "column" in untold
    assert not untold & ALL_TOLD_BY_OLD_SERVERS
