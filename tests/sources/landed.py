"""What an extraction has left in the raw documents, for comparison with what the server has."""

from __future__ import annotations

from typing import Any

import duckdb

from ddd.demo.endpoint import DocumentStore
from ddd.settings import Settings
from ddd.sources.phabricator import STREAMS


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question to the raw documents."""
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def newest(settings: Settings, stream: str) -> dict[str, str]:
    """The newest document of every key."""
    sql = f"select key, arg_max(document, batch) from raw.phabricator_{stream} group by key"
    return dict(rows(settings, sql))


def gone(settings: Settings, stream: str) -> set[str]:
    """Keys that are gone now."""
    sql = (
        "select key from raw.visibility_changes where source = 'phabricator' and "
        f"stream = '{stream}' group by key having not arg_max(is_visible, batch)"
    )
    return {key for (key,) in rows(settings, sql)}


def everything(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all streams, what is gone and what is quarantined, without times and numbers of runs."""
    found = {
        stream: rows(
            settings,
            f"select key, modified_at, document, document_hash from raw.phabricator_{stream} order by all",
        )
        for stream in STREAMS
    }
    found["visibility"] = rows(
        settings, "select stream, key, is_visible from raw.visibility_changes order by all"
    )
    found["quarantine"] = rows(
        settings, "select stream, key, document, reason, resolved_at is null from raw.quarantine order by all"
    )
    return found


def assert_same_as_server(settings: Settings, store: DocumentStore) -> None:
    """Every visible task and its history, byte for byte, and nothing that is not visible counts as there."""
    visible = {str(number): task for number, task in store.tasks.items() if task.is_visible}
    known = newest(settings, "tasks")
    away = gone(settings, "tasks")
    there = {key: text for key, text in known.items() if key not in away}
    assert there == {key: task.document().decode() for key, task in visible.items()}
    transactions = newest(settings, "transactions")
    for task in visible.values():
        for one in store.history(task.id):
            assert transactions[str(one.id)] == one.row.decode()
