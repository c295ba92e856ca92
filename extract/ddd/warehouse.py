"""The raw documents in DuckDB: what was fetched, when, in which run, and how far each stream is.

Layout of `documents.duckdb`, schema `raw`: one append-only table a stream, `runs`, `segments` (the
ledger of landed files), `quarantine` (what could not be read) and `visibility_changes` (what was hidden,
destroyed or shown again). A document is appended when it differs from the newest one of its key, so that
fetching the same page twice leaves one row and a change leaves its past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ddd.access import connect
from ddd.errors import WarehouseError
from ddd.segments import stream_of
from ddd.settings import Settings

LAYOUT_VERSION = 2
LANDING_BYTES = 128 * 1024 * 1024
"""Compressed size of the segments that are landed in one transaction, so that memory stays flat."""

_DOCUMENT_TABLE = """
create table if not exists raw.{table} (
    key varchar not null, modified_at timestamp, document varchar not null, document_hash varchar not null,
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
    outcome varchar not null, message varchar
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
}
"""What turns the layout before into each version; run after the tables that are missing were made."""

_LAND = """
insert into raw.{table}
with incoming as (
    select * from read_parquet($files)
    where json_valid(document)
    qualify row_number() over (
        partition by key order by fetched_at desc, modified_at desc nulls last, document_hash
    ) = 1
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

_QUARANTINE_INVALID = """
insert into raw.quarantine
select $source, $stream, key, document, 'The document is not valid JSON for DuckDB', $run_id, fetched_at,
    null, null
from read_parquet($files) where not json_valid(document)
"""

_QUARANTINE_REJECTED = """
insert into raw.quarantine
select $source, stream, key, document, reason, $run_id, quarantined_at, null, null
from read_parquet($files)
"""


@dataclass(frozen=True)
class StreamRun:
    """What one run did to one stream; a row of `raw.runs`. Times are UTC."""

    run_id: int
    source: str
    stream: str
    mode: str
    started_at: datetime
    server_time_at: datetime
    watermark_at: datetime | None
    requests_count: int
    documents_count: int
    bytes_count: int


class Documents:
    """The raw documents of one site, open for landing."""

    def __init__(self, settings: Settings, source: str, streams: tuple[str, ...]) -> None:
        """Open or create the file and its tables.

        Args:
            settings: Which site.
            source: Prefix of the tables, such as `phabricator`.
            streams: The source's streams, such as `tasks`.

        Raises:
            WarehouseError: The file cannot be opened, or was laid out by a newer Data³.
        """
        self.settings, self.source, self.streams = settings, source, streams
        settings.site_dir.mkdir(parents=True, exist_ok=True)
        self.connection = connect(settings.documents_path, wait_seconds=settings.lock_wait_seconds)
        try:
            self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Documents:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _prepare(self) -> None:
        self.connection.execute(f"set memory_limit = '{self.settings.memory_limit}'")
        self.connection.execute(_TABLES)
        for stream in self.streams:
            self.connection.execute(_DOCUMENT_TABLE.format(table=f"{self.source}_{stream}"))
        row = self.connection.execute("select max(version) from raw.layout").fetchone()
        version = row[0] if row else None
        if version is None:
            self.connection.execute("insert into raw.layout values (?)", [LAYOUT_VERSION])
        elif version > LAYOUT_VERSION:
            raise WarehouseError(
                f"{self.settings.documents_path} has layout {version}, this Data³ knows {LAYOUT_VERSION}",
                "Use the newer Data³ that wrote it",
            )
        elif version < LAYOUT_VERSION:
            self._migrate(version)

    def _migrate(self, version: int) -> None:
        self.connection.execute("begin")
        for target in range(version + 1, LAYOUT_VERSION + 1):
            self.connection.execute(_MIGRATIONS[target])
        self.connection.execute("insert into raw.layout values (?)", [LAYOUT_VERSION])
        self.connection.execute("commit")

    def last_watermark(self) -> datetime | None:
        """The watermark of the newest complete run, UTC; none before the first one."""
        row = self.connection.execute(
            "select arg_max(watermark_at, run_id) from raw.runs "
            "where source = ? and stream = 'tasks' and outcome = 'complete'",
            [self.source],
        ).fetchone()
        return row[0].replace(tzinfo=UTC) if row and row[0] else None

    def next_run_id(self) -> int:
        """A number no run has had, also none that was killed before it was recorded."""
        row = self.connection.execute(
            "select greatest((select coalesce(max(run_id), 0) from raw.runs),"
            " (select coalesce(max(run_id), 0) from raw.segments))"
        ).fetchone()
        return int(row[0] if row else 0) + 1

    def landed_segments(self, run_id: int) -> set[str]:
        """File names of a run's segments that are in the warehouse already."""
        rows = self.connection.execute(
            "select segment from raw.segments where run_id = ?", [run_id]
        ).fetchall()
        return {name for (name,) in rows}

    def land(self, folder: Path, run_id: int, advance: Callable[[int], None] = lambda _: None) -> int:
        """Land a run's segment files in transactions of bounded size, and delete what is landed.

        Args:
            folder: The run's folder.
            run_id: The run that fetched them.
            advance: Is told the number of bytes landed, for a progress bar.

        Returns:
            How many documents were new or changed.

        Raises:
            WarehouseError: The disk is full; the segments stay and the next run lands them.
        """
        changed = 0
        landed = self.landed_segments(run_id)
        for stream in (*self.streams, "quarantine"):
            files = sorted(path for path in folder.glob("*.parquet") if stream_of(path) == stream)
            for group in _groups([path for path in files if path.name not in landed]):
                try:
                    changed += self._land_group(stream, group, run_id)
                except duckdb.Error as error:
                    reason = str(error).splitlines()[0]
                    raise WarehouseError(
                        f"Landing {stream} in {self.settings.documents_path} failed: {reason}",
                        "Make room on the disk or raise DDD_MEMORY_LIMIT, then run again: "
                        "what was fetched is kept and nothing is fetched twice",
                    ) from None
                advance(sum(path.stat().st_size for path in group))
            for path in files:
                path.unlink()
        return changed

    def _land_group(self, stream: str, group: list[Path], run_id: int) -> int:
        files = [str(path) for path in group]
        facts = {"files": files, "run_id": run_id}
        self.connection.execute("begin")
        try:
            row = self.connection.execute("select coalesce(max(batch), 0) + 1 from raw.segments").fetchone()
            batch = row[0] if row else 1
            if stream == "quarantine":
                result = self.connection.execute(_QUARANTINE_REJECTED, {**facts, "source": self.source})
            else:
                named = {**facts, "source": self.source, "stream": stream}
                self.connection.execute(_QUARANTINE_INVALID, named)
                land = _LAND.format(table=f"{self.source}_{stream}")
                result = self.connection.execute(land, {**facts, "batch": batch})
            counted = result.fetchone()
            changed = int(counted[0]) if counted else 0
            for path in group:
                self.connection.execute(
                    "insert into raw.segments select ?, ?, ?, ?, count(*), ?, ? from read_parquet(?)",
                    [
                        path.name,
                        run_id,
                        stream,
                        batch,
                        changed,
                        datetime.now(UTC).replace(tzinfo=None),
                        str(path),
                    ],
                )
            self.connection.execute("commit")
        except BaseException:
            self.connection.execute("rollback")
            raise
        return changed

    def record(self, runs: list[StreamRun]) -> None:
        """Write the finished runs; from now on the next run starts from their watermark."""
        finished_at = datetime.now(UTC).replace(tzinfo=None)
        site = self.settings.site
        for run in runs:
            self.connection.execute(
                "insert into raw.runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'complete', null)",
                [
                    run.run_id, run.source, run.stream,
                    site.name, "" if site.is_demo else site.url, site.is_demo,
                    run.mode, run.started_at.replace(tzinfo=None), finished_at,
                    run.server_time_at.replace(tzinfo=None),
                    run.watermark_at.replace(tzinfo=None) if run.watermark_at else None,
                    run.requests_count, run.documents_count, run.bytes_count,
                ],
            )  # fmt: skip
        self.connection.execute("checkpoint")

    def counts(self) -> dict[str, int]:
        """Objects known per stream, and quarantined documents."""
        counts = {}
        for stream in self.streams:
            row = self.connection.execute(
                f"select count(distinct key) from raw.{self.source}_{stream}"
            ).fetchone()
            counts[stream] = int(row[0]) if row else 0
        row = self.connection.execute(
            "select count(*) from raw.quarantine where resolved_at is null"
        ).fetchone()
        counts["quarantine"] = int(row[0]) if row else 0
        return counts


def _groups(files: list[Path]) -> Iterator[list[Path]]:
    group: list[Path] = []
    size = 0
    for path in files:
        group.append(path)
        size += path.stat().st_size
        if size >= LANDING_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
