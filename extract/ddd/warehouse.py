"""The raw documents in DuckDB: what was fetched, when, in which run, and how far each stream is.

A document is appended when it differs from the newest one of its key, so that fetching the same page twice
leaves one row and a change leaves its past. The tables are described in `ddd.layout`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ddd import logs, quarantine, visibility
from ddd.access import connect, create_database
from ddd.appending import append_documents
from ddd.errors import WarehouseError
from ddd.layout import FILE_FORMAT, LAYOUT_VERSION, is_ready, prepare
from ddd.segments import stream_of
from ddd.settings import Settings

__all__ = ["LAYOUT_VERSION", "Documents", "StreamRun", "prepare_documents"]

LANDING_BYTES = 8 * 1024 * 1024
"""Compressed size of the segments that are landed in one transaction, about 50 MB of JSON: with more,
memory grows with the number of tasks; with less, transactions cost more than what is in them."""


@dataclass(frozen=True)
class StreamRun:
    """What one run did to one stream; a row of `raw.runs`. Times are UTC.

    Attributes:
        since_at: Only what was changed since then was fetched; all where there is none.
        site_url: Address of the server, where it is another one than the site's.
    """

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
    since_at: datetime | None = None
    site_url: str | None = None


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
        create_database(settings.documents_path, FILE_FORMAT)
        self.connection = connect(settings.documents_path, wait_seconds=settings.lock_wait_seconds)
        try:
            self.connection.execute(f"set memory_limit = '{settings.memory_limit}'")
            # each thread holds a piece of the table in memory; two are a quarter faster at 1.5 times the cost
            self.connection.execute("set threads = 1")
            own = [f"{source}_{stream}" for stream in streams]
            prepare(self.connection, settings.documents_path, [*own, *_raw_tables()])
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Documents:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def last_watermark(self) -> datetime | None:
        """The watermark of the newest complete run that has one, UTC; none before the first one."""
        return self._moment(
            "select arg_max(watermark_at, run_id) from raw.runs "
            "where source = ? and stream = 'tasks' and outcome = 'complete'"
        )

    def last_start(self, stream: str) -> datetime | None:
        """When the newest complete run of a stream started, UTC; none before the first one."""
        return self._moment(
            "select max(started_at) from raw.runs where source = ? and stream = ? and outcome = 'complete'",
            stream,
        )

    def known_since(self) -> datetime | None:
        """Only tasks changed since then are known, UTC; none where all are, or where there is none yet."""
        return self._moment(
            """
            select case when not bool_or(mode = 'full') then min(since_at) end
            from raw.runs
            where source = ? and stream = 'tasks' and outcome = 'complete' and watermark_at is not null
            """
        )

    def _moment(self, sql: str, *values: object) -> datetime | None:
        row = self.connection.execute(sql, [self.source, *values]).fetchone()
        return row[0].replace(tzinfo=UTC) if row and row[0] else None

    def next_run_id(self) -> int:
        """A number no run has had, also none that was killed before it was recorded."""
        row = self.connection.execute(
            "select greatest((select coalesce(max(run_id), 0) from raw.runs),"
            " (select coalesce(max(run_id), 0) from raw.segments))"
        ).fetchone()
        # a killed run of another source has its number in the name of its folder only
        folders = self.settings.site_dir.glob("segments*/run-*")
        numbers = [int(path.name.removeprefix("run-")) for path in folders if path.name[4:].isdecimal()]
        return max(int(row[0] if row else 0), *numbers, 0) + 1

    def highest_key(self, stream: str) -> int:
        """The highest key of a stream whose keys are numbers; 0 where it is empty."""
        row = self.connection.execute(
            f"select coalesce(max(try_cast(key as bigint)), 0) from raw.{self.source}_{stream}"
        ).fetchone()
        return int(row[0]) if row else 0

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
                logs.event("landing", source=self.source, stream=stream, segments_count=len(group))
                with self._landing(stream, group, run_id) as batch:
                    count = self._insert(stream, group, run_id, batch)
                    self._enter(group, stream, run_id, batch, count)
                changed += count if stream != "quarantine" else 0
                advance(sum(path.stat().st_size for path in group))
            for path in files:
                path.unlink()
        return changed

    def mark_visibility(
        self, folder: Path, run_id: int, found_at: datetime, streams: Sequence[str], complete: Iterable[str]
    ) -> tuple[int, int]:
        """Write down which objects a run found gone or there again; once, however often it is called.

        Args:
            folder: The run's folder, with the file of `ddd.visibility.write_seen`.
            run_id: The run.
            found_at: When it began, UTC.
            streams: The streams whose objects can be gone.
            complete: Those that the run has read whole.

        Returns:
            How many objects are gone, and how many there again.

        Raises:
            WarehouseError: The disk is full; the next run does it.
        """
        path = visibility.seen_file(folder)
        if path.name in self.landed_segments(run_id) or not path.exists():
            return 0, 0
        with self._landing(visibility.SEEN_STREAM, [path], run_id) as batch:
            facts = {"changed_at": found_at.replace(tzinfo=None), "batch": batch, "run_id": run_id}
            counts = visibility.mark(
                self.connection, folder, self.source, streams=streams, complete_streams=complete, facts=facts
            )
            self._enter([path], visibility.SEEN_STREAM, run_id, batch, sum(counts))
        return counts

    @contextmanager
    def _landing(self, stream: str, group: Sequence[Path], run_id: int) -> Iterator[int]:
        """A transaction, and the number of the batch that it lands."""
        self.connection.execute("begin")
        try:
            row = self.connection.execute("select coalesce(max(batch), 0) + 1 from raw.segments").fetchone()
            yield row[0] if row else 1
            self.connection.execute("commit")
        except BaseException as error:
            self.connection.execute("rollback")
            if not isinstance(error, duckdb.Error):
                raise
            reason = str(error).splitlines()[0]
            raise WarehouseError(
                f"Landing {len(group)} segments of {stream} (run {run_id}) in {self.settings.documents_path} "
                f"failed: {reason}",
                "Make room on the disk or raise DDD_MEMORY_LIMIT, then run again: "
                "what was fetched is kept and nothing is fetched twice",
            ) from None

    def _insert(self, stream: str, group: Sequence[Path], run_id: int, batch: int) -> int:
        files = [str(path) for path in group]
        if stream == "quarantine":
            quarantine.quarantine_rejected(self.connection, files, self.source, run_id)
            return 0
        return append_documents(
            self.connection, files, source=self.source, stream=stream, run_id=run_id, batch=batch
        )

    def _enter(self, group: Sequence[Path], stream: str, run_id: int, batch: int, changed: int) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        self.connection.execute(
            """
            insert into raw.segments
            select parse_filename(filename), $run_id, $stream, $batch, count(*), $changed, $now
            from read_parquet($files, filename = true, union_by_name = true)
            group by filename
            """,
            {
                "files": [str(path) for path in group], "run_id": run_id, "stream": stream,
                "batch": batch, "changed": changed, "now": now,
            },
        )  # fmt: skip

    def record(self, runs: Sequence[StreamRun]) -> None:
        """Write the finished runs; from now on the next run starts from their watermark.

        What is written already, by a process that was killed right after it, stays as it is.
        """
        now = datetime.now(UTC)
        site = self.settings.site
        about = {
            "site_name": site.name, "is_demo": site.is_demo, "finished_at": now, "outcome": "complete",
        }  # fmt: skip
        url = "" if site.is_demo else site.url
        rows = [
            {**asdict(run), **about, "site_url": url if run.site_url is None else run.site_url}
            for run in runs
        ]
        for row in rows:
            row.update({name: _naive(value) for name, value in row.items() if isinstance(value, datetime)})
        columns = sorted(rows[0])
        table = pa.table({name: pa.array([row[name] for row in rows]) for name in columns})
        self.connection.register("runs_to_record", table)
        self.connection.execute(
            f"insert into raw.runs by name select {', '.join(columns)} from runs_to_record as wanted "
            "where not exists (select 1 from raw.runs as known where known.run_id = wanted.run_id "
            "and known.source = wanted.source and known.stream = wanted.stream)"
        )
        self.connection.unregister("runs_to_record")
        self.connection.execute("checkpoint")

    def counts(self) -> dict[str, int]:
        """Objects known per stream, and what is in the quarantine."""
        counts = {}
        for stream in self.streams:
            row = self.connection.execute(
                f"select count(distinct key) from raw.{self.source}_{stream}"
            ).fetchone()
            counts[stream] = int(row[0]) if row else 0
        counts["quarantine"] = len(quarantine.open_rows(self.connection, self.source))
        return counts


def _raw_tables() -> list[str]:
    # the sources land through this module
    from ddd.sources import raw_tables  # noqa: PLC0415

    return raw_tables()


def prepare_documents(settings: Settings) -> None:
    """Make the tables of all sources that are missing, so that the models can read them.

    Raises:
        WarehouseError: The file cannot be opened, or was laid out by a newer Data³.
    """
    with connect(settings.documents_path, read_only=True, wait_seconds=settings.lock_wait_seconds) as known:
        if is_ready(known, set(_raw_tables())):
            return  # somebody may be reading it, who would be in the way of a writer
    with Documents(settings, "", ()):
        pass


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


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
