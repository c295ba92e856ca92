"""What is there and what is gone, from what a run has seen.

A run ends with a file that says which objects it saw (`visible.all.parquet`). Where it has read a stream
whole, known objects that it did not see are gone: destroyed, or hidden from the account. So are objects
that it asked for by name in vain. An object that the server could not give is neither there nor gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ddd.access import quoted_path
from ddd.segments import segment_path

SEEN_STREAM = "visible"
VANISHED_STREAM = "vanished"
"""Segments of tasks that were asked for by name, and were not there."""

GUARDED_COUNT = 100
GUARDED_SHARE = 0.5
"""More than this share of at least so many known objects do not vanish at once, unless an admin says so."""

_NOW_GONE = """
    select key from raw.visibility_changes
    where source = $source and stream = $stream
    group by key having not arg_max(is_visible, batch)"""

_UNTOLD, SEEN, _VANISHED = 0, 1, 2
"""What is known of an object after a run; the greater one counts, which is the later one."""

_MISSING = f"""
    select distinct key from raw.{{table}}
    where key not in (select key from read_parquet($seen) where stream = $stream and evidence < {_VANISHED})
        and ($is_complete or key in (select key from read_parquet($seen) where stream = $stream))
        and key not in ({_NOW_GONE})"""


@dataclass(frozen=True)
class Missing:
    """How many of a stream's known objects a run has not seen."""

    stream: str
    known_count: int
    missing_count: int

    @property
    def is_suspicious(self) -> bool:
        """Whether so many are missing that the account has rather lost its rights."""
        return self.known_count >= GUARDED_COUNT and self.missing_count > GUARDED_SHARE * self.known_count


def seen_file(folder: Path) -> Path:
    """Where a run says what it has seen."""
    return segment_path(folder, SEEN_STREAM, "all")


def write_seen(connection: duckdb.DuckDBPyConnection, folder: Path, streams: Iterable[str]) -> None:
    """Gather what a run has seen from its segments into one file.

    Args:
        connection: Any; only its engine is used.
        folder: The run's folder.
        streams: The streams whose objects can be gone.

    Raises:
        duckdb.Error: The disk is full or cannot be written.
    """
    selects = ["select null::varchar as stream, null::varchar as key, null::integer as evidence where false"]
    files: dict[str, list[str]] = {}
    for stream in (*streams, "sweep", "quarantine", VANISHED_STREAM):
        files[stream] = sorted(quoted_path(path) for path in folder.glob(f"{stream}.*.parquet"))
    for stream, paths in files.items():
        name = {"sweep": "'tasks'", VANISHED_STREAM: "'tasks'", "quarantine": "stream"}.get(
            stream, f"'{stream}'"
        )
        evidence = {"quarantine": _UNTOLD, VANISHED_STREAM: _VANISHED}.get(stream, SEEN)
        if paths:
            selects.append(f"select {name}, key, {evidence} from read_parquet([{', '.join(paths)}])")
    target = seen_file(folder)
    beside = target.with_suffix(".part")
    gathered = f"select stream, key, max(evidence) as evidence from ({' union all '.join(selects)})"
    connection.execute(f"copy ({gathered} group by all) to {quoted_path(beside)} (format parquet)")
    beside.replace(target)


def missing(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: str, streams: Iterable[str]
) -> list[Missing]:
    """How many known objects a run has not seen, by stream."""
    found = []
    for stream in streams:
        table = f"{source}_{stream}"
        named = {"source": source, "stream": stream}
        known = f"select count(distinct key) from raw.{table} where key not in ({_NOW_GONE})"
        gone = f"select count(*) from ({_MISSING.format(table=table)})"
        seen = {**named, "seen": str(seen_file(folder)), "is_complete": True}
        counts = [_number(connection.execute(known, named)), _number(connection.execute(gone, seen))]
        found.append(Missing(stream, *counts))
    return found


def differing_tasks(
    connection: duckdb.DuckDBPyConnection, source: str, sightings: Iterable[Path], since_epoch: int
) -> list[int]:
    """Ids of tasks that a sweep saw otherwise than they are known: unknown, gone, or changed at another time.

    Args:
        connection: To the raw documents.
        source: Prefix of the tables.
        sightings: The sweep's segments.
        since_epoch: Unknown tasks that were not changed since then were never wanted.
    """
    files = [str(path) for path in sightings]
    if not files:
        return []
    rows = connection.execute(
        f"""
        with known as (
            select key, arg_max(modified_at, batch) as modified_at from raw.{source}_tasks group by key
        ),
        now_gone as ({_NOW_GONE})
        select distinct cast(sightings.key as bigint) as task_id
        from read_parquet($files) as sightings
        left join known on known.key = sightings.key
        where known.modified_at is distinct from sightings.modified_at
                and (known.key is not null or epoch(sightings.modified_at) >= $since_epoch)
            or sightings.key in (select key from now_gone)
        order by task_id
        """,
        {"source": source, "stream": "tasks", "files": files, "since_epoch": since_epoch},
    ).fetchall()
    return [number for (number,) in rows]


def mark(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    source: str,
    *,
    streams: Iterable[str],
    complete_streams: Iterable[str],
    facts: dict[str, object],
) -> tuple[int, int]:
    """Write down what is gone and what is there again, within the caller's transaction.

    Args:
        connection: To the raw documents.
        folder: The run's folder, with the file of `write_seen`.
        source: Prefix of the tables.
        streams: The streams whose objects can be gone.
        complete_streams: Those of them that the run has read whole.
        facts: `changed_at`, `batch` and `run_id` of the rows.

    Returns:
        How many objects are gone, and how many there again.
    """
    columns = "$source, $stream, key, {visible}, $changed_at, $batch, $run_id"
    counts = {True: 0, False: 0}
    for stream in streams:
        named: dict[str, object] = {
            "source": source, "stream": stream, "seen": str(seen_file(folder)), **facts,
        }  # fmt: skip
        seen = f"select key from read_parquet($seen) where stream = $stream and evidence = {SEEN}"
        again = (
            f"insert into raw.visibility_changes select {columns.format(visible=True)} from ({_NOW_GONE}) "
            f"where key in ({seen})"
        )
        gone = (
            f"insert into raw.visibility_changes select {columns.format(visible=False)} from "
            f"({_MISSING.format(table=f'{source}_{stream}')})"
        )
        counts[True] += _number(connection.execute(again, named))
        named["is_complete"] = stream in complete_streams
        counts[False] += _number(connection.execute(gone, named))
    return counts[False], counts[True]


def _number(result: duckdb.DuckDBPyConnection) -> int:
    row = result.fetchone()
    return int(row[0]) if row else 0
