"""How far the last build came, so that the next one builds only what is new.

Models of documents grow: they hold a row or more for each raw document, and cost most of a build. A build
begins with a copy of the last warehouse, and those models take in what was landed since (macros in
`dbt_project/macros/incremental.sql`). It begins with nothing where that could differ from building whole:
when a model, a macro, a version or the file of documents is another one.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from ddd.access import connect
from ddd.settings import PROJECT_DIR, Settings

_PROJECT_PARTS = ("dbt_project.yml", "profiles.yml", "macros", "models")
_DEFINES = {".sql", ".yml"}

_GROWS = "materialized='incremental'"
_BUILT_DOCUMENTS = "built_documents"

_BATCHES = """
select table_name from duckdb_columns()
where database_name = current_database() and schema_name = 'raw' and column_name = 'batch'
"""
_BORN = "select min(started_at) from raw.runs"


@dataclass(frozen=True)
class Increment:
    """What a build is made of; a row of the warehouse's table `built_documents`.

    Attributes:
        batch: The greatest batch of raw documents that it sees.
        fingerprint: Of everything that its growing models depend on, except later documents.
    """

    batch: int
    fingerprint: str


def increment_of(settings: Settings) -> Increment:
    """What a build of the site's documents is made of now.

    Raises:
        WarehouseError: The file of documents cannot be opened.
    """
    with connect(
        settings.documents_path, read_only=True, wait_seconds=settings.lock_wait_seconds
    ) as documents:
        tables = [name for (name,) in documents.execute(_BATCHES).fetchall()]
        batches = [_value(documents, f"select coalesce(max(batch), 0) from raw.{name}") for name in tables]
        born_at = _value(documents, _BORN)
    digest = hashlib.sha256(f"{born_at} {[version(name) for name in ('duckdb', 'dbt-duckdb')]}".encode())
    for path in _definitions():
        digest.update(str(path.relative_to(PROJECT_DIR)).encode())
        digest.update(path.read_bytes())
    return Increment(max(batches, default=0), digest.hexdigest())


def begin_with_last_build(settings: Settings, building: Path, increment: Increment) -> bool:
    """Copy the last warehouse to where the next one is built, if it may grow into it.

    Args:
        settings: Which site.
        building: File of the next warehouse, which does not exist yet.
        increment: What the next build is made of.

    Returns:
        Whether there is such a warehouse; if not, everything is to be built.
    """
    if not settings.warehouse_path.exists():
        return False
    try:
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as warehouse:
            last = warehouse.execute("select batch, fingerprint from built_documents").fetchone()
    except duckdb.Error:
        return False  # of an earlier Data³, damaged, or open elsewhere: building whole needs none of it
    if last is None or last[1] != increment.fingerprint or last[0] > increment.batch:
        return False
    shutil.copyfile(settings.warehouse_path, building)
    with duckdb.connect(str(building)) as copied:
        _leave_only(copied, {path.stem for path in _definitions() if _GROWS in path.read_text()})
    return True


def _leave_only(warehouse: duckdb.DuckDBPyConnection, growing: set[str]) -> None:
    """Drop what is built whole: new tables then use its room, and the file does not grow."""
    relations = warehouse.execute(
        "select table_schema, table_name, table_type from information_schema.tables"
        " where table_catalog = current_database()"
    ).fetchall()
    for schema, name, kind in relations:
        if name not in growing and name != _BUILT_DOCUMENTS:
            warehouse.execute(f'drop {"view" if kind == "VIEW" else "table"} "{schema}"."{name}"')
    warehouse.execute("force checkpoint")


def remember(warehouse: duckdb.DuckDBPyConnection, increment: Increment) -> None:
    """Write down in a finished warehouse what it is made of."""
    warehouse.execute("create or replace table built_documents (batch bigint, fingerprint varchar)")
    warehouse.execute("insert into built_documents values (?, ?)", [increment.batch, increment.fingerprint])


def _definitions() -> Iterator[Path]:
    for part in _PROJECT_PARTS:
        path = PROJECT_DIR / "dbt_project" / part
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (one for one in found if one.suffix in _DEFINES)


def _value(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
