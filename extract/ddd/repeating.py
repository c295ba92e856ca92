"""Repeats what dbt sent to the database when the warehouse last grew.

dbt prepares each model and test anew, some 30 ms of Python for every one, whatever they read. What it sends
depends on models, settings and versions and on the tables that are there at first, never on rows. So the
first build that grows writes down what dbt sent, beside what it built, and those that follow send the same
without dbt.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from ddd.access import quoted_path
from ddd.built import NodeResult
from ddd.progress import progress_bar
from ddd.settings import Settings

TABLE = "built_statements"
_AT_ONCE = 2
_COMMENT = re.compile(r"^\s*/\*.*?\*/\s*", re.DOTALL)
_CHANGES = re.compile(r"(begin|create|delete|insert|alter|drop|commit)\b", re.IGNORECASE)
_TESTS = "dbt_internal_test"

_COLUMNS = "position, node_id, kind, name, description, severity, parents, statements"
_CREATE = f"""
create table if not exists {TABLE} (
    began_with varchar, position integer, node_id varchar, kind varchar, name varchar, description varchar,
    severity varchar, parents varchar[], statements varchar[]
)
"""


@dataclass(frozen=True, order=True)
class SentNode:
    """What dbt sent for one model or test.

    Attributes:
        position: When it was done, among all.
        severity: Of a test: `error` or `warn`.
        parents: What must be built before.
        statements: Its SQL, in order; of a test the question that counts failures.
    """

    position: int
    node_id: str
    kind: str
    name: str
    description: str
    severity: str
    parents: tuple[str, ...]
    statements: tuple[str, ...]


class Recorder:
    """Listens to dbt and keeps what it sends.

    Attributes:
        results: What dbt says in the end of each node.
    """

    def __init__(self) -> None:
        self.results: list[Any] = []
        self._sent: defaultdict[str, list[str]] = defaultdict(list)

    def __call__(self, event: Any) -> None:
        """Take in one of dbt's events."""
        if event.info.name == "SQLQuery" and event.data.node_info.unique_id:
            self._sent[event.data.node_info.unique_id].append(_COMMENT.sub("", event.data.sql).strip())

    def nodes(self) -> Iterator[SentNode]:
        """What was sent for each model and test; seeds stay as they are while settings do."""
        for position, result in enumerate(self.results):
            node = result.node
            kind = node.resource_type.value
            if kind not in {"model", "test"}:
                continue
            sent = self._sent[node.unique_id]
            is_kept = _is_question if kind == "test" else _CHANGES.match
            yield SentNode(
                position,
                node.unique_id,
                kind,
                node.name,
                node.description or "",
                str(node.config.severity).lower() if kind == "test" else "",
                tuple(node.depends_on.nodes),
                tuple(sql for sql in sent if is_kept(sql)),
            )


def tables_of(warehouse: Path) -> str:
    """What is in a warehouse that a build begins with: what dbt sends depends on it."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (names,) = connection.execute(
            "select coalesce(string_agg(table_name, ' ' order by table_name), '') from duckdb_tables()"
            f" where database_name = current_database() and table_name != '{TABLE}'"
        ).fetchall()[0]
    return str(names)


def keep(warehouse: Path, began_with: str, nodes: Iterable[SentNode]) -> None:
    """Write down what dbt sent to a warehouse that began with these tables."""
    rows = [
        (began_with, one.position, one.node_id, one.kind, one.name, one.description, one.severity,
         list(one.parents), list(one.statements))
        for one in nodes
    ]  # fmt: skip
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_CREATE)
        connection.execute(f"delete from {TABLE} where began_with = ?", [began_with])
        connection.executemany(f"insert into {TABLE} values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def kept(warehouse: Path, began_with: str) -> list[SentNode]:
    """What dbt sent to a warehouse that began with the same tables; empty where none has."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        try:
            rows = connection.execute(
                f"select {_COLUMNS} from {TABLE} where began_with = ? order by position", [began_with]
            ).fetchall()
        except duckdb.CatalogException:
            return []
    return [
        SentNode(position, node_id, kind, name, description, severity, tuple(parents), tuple(statements))
        for position, node_id, kind, name, description, severity, parents, statements in rows
    ]


def repeat(settings: Settings, warehouse: Path, nodes: list[SentNode], console: Console) -> list[NodeResult]:
    """Send to a warehouse what dbt sent before.

    Args:
        settings: Which site; its documents are attached.
        warehouse: A copy of the last one.
        nodes: What to send.
        console: Where to draw progress.

    Returns:
        What became of each; nothing of what depends on a model that failed.
    """
    by_id = {node.node_id: node for node in nodes}
    order = TopologicalSorter({node.node_id: [one for one in node.parents if one in by_id] for node in nodes})
    order.prepare()
    results: list[NodeResult] = []
    ready: list[tuple[bool, SentNode]] = []
    running: dict[Future[NodeResult], SentNode] = {}
    with (
        duckdb.connect(str(warehouse), config=_config(settings, warehouse)) as connection,
        ThreadPoolExecutor(_AT_ONCE) as pool,
        progress_bar(console) as bar,
    ):
        connection.execute(f"attach {quoted_path(settings.documents_path)} as documents (read_only)")
        shown = bar.add_task("Building and testing models", total=len(nodes))
        while True:
            for node_id in order.get_ready():
                # models first, for others wait for them
                heapq.heappush(ready, (by_id[node_id].kind == "test", by_id[node_id]))
            while ready and len(running) < _AT_ONCE:
                node = heapq.heappop(ready)[1]
                running[pool.submit(_send, connection.cursor(), node)] = node
            if not running:
                return results
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                node, result = running.pop(future), future.result()
                results.append(result)
                bar.advance(shown)
                if not result.has_failed or node.kind == "test":
                    order.done(node.node_id)


def _send(cursor: duckdb.DuckDBPyConnection, node: SentNode) -> NodeResult:
    began_at = datetime.now(UTC)
    status, message, failures = "success", "", 0
    try:
        with cursor:
            for sql in node.statements:
                cursor.execute(sql)
            if node.kind == "test":
                failures, should_warn, should_fail = cursor.fetchall()[0]
                status = _status(node.severity, should_warn=should_warn, should_fail=should_fail)
                message = f"Got {failures} results" if failures else ""
    except duckdb.Error as error:
        status, message = "error", str(error)
    ran_at = [(began_at, datetime.now(UTC))]
    return NodeResult(node.kind, node.name, status, message, node.description, failures, ran_at)


def _status(severity: str, *, should_warn: bool, should_fail: bool) -> str:
    if severity == "error" and should_fail:
        return "fail"
    return "warn" if should_warn else "pass"


def _config(settings: Settings, warehouse: Path) -> dict[str, str | bool | int | float | list[str]]:
    """As the profile of dbt has it (dbt_project/profiles.yml)."""
    return {
        "memory_limit": settings.memory_limit,
        "preserve_insertion_order": False,
        "temp_directory": str(warehouse.parent / "spill"),
    }


def _is_question(sql: str) -> bool:
    return _TESTS in sql
