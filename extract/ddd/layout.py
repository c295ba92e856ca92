"""The tables of `documents.duckdb`, schema `raw`, and the way there from older layouts.

One append-only table a stream, `runs`, `segments` (the ledger of landed files), `quarantine` (what could not
be read) and `visibility_changes` (what was hidden, destroyed or shown again).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from ddd.errors import WarehouseError

LAYOUT_VERSION = 3

FILE_FORMAT = "v1.2.0"
"""The oldest format of DuckDB's files that compresses texts with zstd: documents take half the room or
less, and landing them less time. A file of an older format keeps it."""

_DOCUMENT_TABLE = """
create table if not exists raw.{table} (
    key varchar not null, modified_at timestamp,
    document varchar not null{compression}, document_hash varchar not null,
    batch bigint not null, run_id bigint not null, fetched_at timestamp not null
)"""

_TABLES = """
create schema if not exists raw;
create table if not exists raw.layout (version integer not null);
create table if not exists raw.runs (
    run_id bigint not null, source varchar not null, stream varchar not null,
    site_name varchar not null, site_url varchar not null, is_demo boolean not null, mode varchar not null,
    started_at timestamp not null, finished_at timestamp not null,
    server_time_at timestamp not null, watermark_at timestamp,
    requests_count bigint not null, documents_count bigint not null, bytes_count bigint not null,
    outcome varchar not null, message varchar, since_at timestamp
);
create table if not exists raw.segments (
    segment varchar not null, run_id bigint not null, stream varchar not null, batch bigint not null,
    documents_count bigint not null, changed_count bigint not null, landed_at timestamp not null
);
create table if not exists raw.quarantine (
    source varchar not null, stream varchar not null, key varchar, document varchar, reason varchar not null,
    run_id bigint not null, quarantined_at timestamp not null,
    resolved_at timestamp, resolved_run_id bigint
);
create table if not exists raw.visibility_changes (
    source varchar not null, stream varchar not null, key varchar not null, is_visible boolean not null,
    changed_at timestamp not null, batch bigint not null, run_id bigint not null
);
"""

_MIGRATIONS = {
    2: """
alter table raw.quarantine add column if not exists resolved_at timestamp;
alter table raw.quarantine add column if not exists resolved_run_id bigint;
""",
    3: "alter table raw.runs add column if not exists since_at timestamp;",
}
"""What turns the layout before into each version; run after the tables that are missing were made."""


def prepare(connection: duckdb.DuckDBPyConnection, path: Path, tables: Iterable[str]) -> None:
    """Make the tables that are missing, and bring an older layout up to date.

    Args:
        connection: To the file, open for writing.
        path: The file, for messages.
        tables: Names of the streams' tables.

    Raises:
        WarehouseError: A newer Data³ has laid it out.
    """
    tables = set(tables)
    if is_ready(connection, tables):
        return
    connection.execute("begin")
    connection.execute(_TABLES)
    compression = " using compression zstd" if _has_zstd(connection) else ""
    for table in sorted(tables):
        connection.execute(_DOCUMENT_TABLE.format(table=table, compression=compression))
    row = connection.execute("select max(version) from raw.layout").fetchone()
    version = row[0] if row else None
    if version is not None and version > LAYOUT_VERSION:
        connection.execute("rollback")
        raise WarehouseError(
            f"{path} has layout {version}, this Data³ knows {LAYOUT_VERSION}",
            "Use the newer Data³ that wrote it",
        )
    if version is not None:
        for target in range(version + 1, LAYOUT_VERSION + 1):
            connection.execute(_MIGRATIONS[target])
    if version != LAYOUT_VERSION:
        connection.execute("insert into raw.layout values (?)", [LAYOUT_VERSION])
    connection.execute("commit")


def _has_zstd(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file's format knows it; where it does not, DuckDB would not compress at all."""
    row = connection.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    return row is not None and row[0] is not None and not row[0].startswith(("v0.", "v1.0", "v1.1"))


def is_ready(connection: duckdb.DuckDBPyConnection, tables: set[str]) -> bool:
    """Whether there is nothing to do, which saves a tenth of a second at every start."""
    rows = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    if not tables | {"layout"} <= {name for (name,) in rows}:
        return False
    row = connection.execute("select max(version) from raw.layout").fetchone()
    return row is not None and row[0] == LAYOUT_VERSION
