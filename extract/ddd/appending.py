"""Appends documents of segment files to a stream's table, where they differ from the newest of their key."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ddd import quarantine

_LAND = """
insert into raw.{table}
with incoming as (
    select * from read_parquet($files) {filters}
),
newest as (
    select key, arg_max(document_hash, batch) as document_hash
    from raw.{table}
    where key in (select key from incoming)
    group by key
)
select incoming.key, incoming.modified_at, incoming.document, incoming.document_hash,
    $batch, $run_id, incoming.fetched_at
from incoming
left join newest on newest.key = incoming.key
where newest.document_hash is distinct from incoming.document_hash
"""

_EXAMINE = """
select
    count(*) filter (where not json_valid(document)) > 0 as has_invalid,
    count(distinct key) < count(*) as has_repeated
from read_parquet($files)
"""
_ONLY_VALID = "where json_valid(document)"
_ONLY_NEWEST = """
    qualify row_number() over (
        partition by key order by fetched_at desc, modified_at desc nulls last, document_hash
    ) = 1
"""


def append_documents(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    *,
    source: str,
    stream: str,
    run_id: int,
    batch: int,
) -> int:
    """Append what is new or changed, and quarantine what DuckDB cannot read; within the caller's transaction.

    Args:
        connection: To the raw documents.
        files: Segment files of one stream.
        source: Prefix of the tables.
        stream: Which stream.
        run_id: The run that fetched them.
        batch: The number that the rows get.

    Returns:
        How many documents were new or changed.
    """
    found = connection.execute(_EXAMINE, {"files": files}).fetchone()
    has_invalid, has_repeated = found or (False, False)
    if has_invalid:
        quarantine.quarantine_invalid(connection, files, source, stream, run_id)
    # both filters take as long as all the rest, and are seldom needed
    filters = (_ONLY_VALID if has_invalid else "") + (_ONLY_NEWEST if has_repeated else "")
    land = _LAND.format(table=f"{source}_{stream}", filters=filters)
    row = connection.execute(land, {"files": files, "run_id": run_id, "batch": batch}).fetchone()
    return int(row[0]) if row else 0
