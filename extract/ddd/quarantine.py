"""What could not be read, or what the server could not give: kept, tried again, and marked when it succeeds.

There is one open row of `raw.quarantine` a source, stream and key, or a document where the key is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

_INCOMING = """
create or replace temp table quarantined as
select stream, key, document, reason, quarantined_at
from ({select})
qualify row_number() over (
    partition by stream, key, case when key = '' then document end order by quarantined_at desc, reason
) = 1
"""

_SAME = """open_rows.source = $source and open_rows.resolved_at is null
    and open_rows.stream = quarantined.stream and open_rows.key = quarantined.key
    and (open_rows.key <> '' or open_rows.document = quarantined.document)"""

_UPDATE = f"""
update raw.quarantine as open_rows
set reason = quarantined.reason, document = quarantined.document, run_id = $run_id
from quarantined where {_SAME}
"""

_INSERT = f"""
insert into raw.quarantine
select $source, stream, key, document, reason, $run_id, quarantined_at, null, null
from quarantined
where not exists (select 1 from raw.quarantine as open_rows where {_SAME})
"""


@dataclass(frozen=True)
class OpenRow:
    """A row of the quarantine that has not been resolved."""

    stream: str
    key: str
    document: str
    reason: str
    run_id: int


def quarantine_invalid(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], source: str, stream: str, run_id: int
) -> None:
    """Put a stream's documents that DuckDB cannot read as JSON into the quarantine."""
    reason = "'The document is not valid JSON for DuckDB' as reason"
    select = (
        f"select '{stream}' as stream, key, document, {reason}, fetched_at as quarantined_at "
        "from read_parquet($files) where not json_valid(document)"
    )
    _quarantine(connection, select, files, source, run_id)


def quarantine_rejected(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], source: str, run_id: int
) -> None:
    """Put into the quarantine what was rejected while fetching."""
    _quarantine(connection, "select * from read_parquet($files)", files, source, run_id)


def _quarantine(
    connection: duckdb.DuckDBPyConnection, select: str, files: Sequence[str], source: str, run_id: int
) -> None:
    row = connection.execute(_INCOMING.format(select=select), {"files": list(files)}).fetchone()
    if row and not row[0]:
        return
    named = {"source": source, "run_id": run_id}
    connection.execute(_UPDATE, named)
    connection.execute(_INSERT, named)


def open_rows(connection: duckdb.DuckDBPyConnection, source: str) -> list[OpenRow]:
    """What is still unreadable, oldest first."""
    rows = connection.execute(
        "select stream, coalesce(key, ''), coalesce(document, ''), reason, run_id from raw.quarantine "
        "where source = ? and resolved_at is null order by quarantined_at, stream, key",
        [source],
    ).fetchall()
    return [OpenRow(*row) for row in rows]


def resolve(connection: duckdb.DuckDBPyConnection, source: str, rows: Sequence[OpenRow], run_id: int) -> None:
    """Mark rows as resolved by a run."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for row in rows:
        connection.execute(
            "update raw.quarantine set resolved_at = ?, resolved_run_id = ? where source = ? and stream = ? "
            "and key = ? and (key <> '' or document = ?) and resolved_at is null",
            [now, run_id, source, row.stream, row.key, row.document],
        )


def rejected_files(folder: Path) -> list[Path]:
    """A run's segments of rejected documents."""
    return sorted(folder.glob("quarantine.*.parquet"))
