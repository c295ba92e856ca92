"""Lands sources that say at every run all that they hold: a file, or the history of a repository.

Such a source fetches what it does not know yet, and names the keys of everything that is there now. What is
known and not among them is gone: a line that was taken out of a file, a commit of a history that was
rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
from rich.console import Console

from ddd import quarantine, visibility
from ddd.progress import progress_bar
from ddd.segments import Document, Rejected, write_table
from ddd.settings import Settings
from ddd.sources.contract import Extracted
from ddd.sources.runs import Aims, Run, run_folder, unfinished
from ddd.warehouse import Documents, StreamRun

_SEEN_SCHEMA = pa.schema([("stream", pa.string()), ("key", pa.string()), ("evidence", pa.int32())])


@dataclass
class Page:
    """Some documents of a stream, and what could not be read."""

    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass
class Reading:
    """What a source holds of one stream.

    Attributes:
        present_keys: Keys of all that is there now, known or not, readable or not.
        pages: What is new or may have changed; read while it is written to disk.
        watermark_at: Time of the newest thing in it, UTC.
        bytes_count: Size of what was read.
        is_whole: Whether `present_keys` are all there is; else nothing is taken for gone.
    """

    present_keys: Sequence[str]
    pages: Iterable[Page] = ()
    watermark_at: datetime | None = None
    bytes_count: int = 0
    is_whole: bool = True


@dataclass(frozen=True)
class Known:
    """What the warehouse has of a source.

    Attributes:
        keys: Keys by stream of what could be read.
        unreadable_keys: Keys by stream of what could not.
        is_new: Whether no run of it was ever complete.
    """

    keys: dict[str, frozenset[str]]
    unreadable_keys: dict[str, frozenset[str]]
    is_new: bool


def read_known(settings: Settings, source: str, streams: tuple[str, ...]) -> Known:
    """Land what a killed run has left, and say what is known.

    Raises:
        WarehouseError: The file of documents cannot be opened or written.
    """
    with Documents(settings, source, streams) as documents:
        for run in unfinished(settings.source_segments_dir(source)):
            documents.land(run.folder, run.aims.run_id)
            run.close()
        unread = quarantine.open_rows(documents.connection, source)
        return Known(
            keys={stream: _keys(documents, stream) for stream in streams},
            unreadable_keys={
                stream: frozenset(row.key for row in unread if row.stream == stream and row.key)
                for stream in streams
            },
            is_new=all(documents.last_start(stream) is None for stream in streams),
        )


def land_readings(
    settings: Settings,
    source: str,
    streams: tuple[str, ...],
    readings: Mapping[str, Reading],
    *,
    mode: str,
    console: Console,
    requests_count: int = 0,
    site_url: str | None = None,
) -> Extracted:
    """Write what was read to disk, land it, mark what is gone and record the run.

    Args:
        settings: Which site.
        source: The source's name.
        streams: All its streams.
        readings: What it holds now, for the streams that were read.
        mode: `full` or `incremental`.
        console: Where to draw progress.
        requests_count: Requests that were sent.
        site_url: Address of the server, where it is another one than the site's.

    Raises:
        WarehouseError: The warehouse cannot be written; what was fetched is kept.
    """
    started_at = datetime.now(UTC)
    with Documents(settings, source, streams) as documents:
        run_id = documents.next_run_id()
    run = Run(
        run_folder(settings.source_segments_dir(source), run_id), Aims(run_id, mode, started_at, started_at)
    )
    run.save()
    for stream, reading in readings.items():
        with run.shelf(stream) as shelf:
            for page in reading.pages:
                shelf.add_pages([page])
    fetched = run.documents_counts()
    whole = tuple(stream for stream, reading in readings.items() if reading.is_whole)
    _write_seen(run, readings)
    with Documents(settings, source, streams) as documents, progress_bar(console, counted=False) as bar:
        shown = bar.add_task(f"Landing {source}", total=run.bytes_count())
        changed = documents.land(run.folder, run_id, lambda landed: bar.advance(shown, landed))
        gone, again = documents.mark_visibility(run.folder, run_id, started_at, streams, whole)
        _resolve(documents, source, run_id, readings)
        documents.record(
            [
                StreamRun(
                    run_id=run_id, source=source, stream=stream, mode=mode, started_at=started_at,
                    server_time_at=started_at, watermark_at=reading.watermark_at,
                    requests_count=requests_count, documents_count=fetched.get(stream, 0),
                    bytes_count=reading.bytes_count, site_url=site_url,
                )
                for stream, reading in readings.items()
            ]
        )  # fmt: skip
        known = documents.counts()
        unread = quarantine.open_rows(documents.connection, source)
    run.close()
    return Extracted(
        mode=mode,
        fetched={stream: fetched.get(stream, 0) for stream in streams},
        changed_count=changed,
        gone_count=gone,
        again_count=again,
        known=known,
        requests_count=requests_count,
        bytes_count=sum(reading.bytes_count for reading in readings.values()),
        warnings=_warnings(source, unread, gone),
    )


def encoded(document: Mapping[str, object]) -> bytes:
    """A document that was put together here, as JSON: the same thing always gives the same bytes."""
    return msgspec.json.encode(document)


def _keys(documents: Documents, stream: str) -> frozenset[str]:
    rows = documents.connection.execute(
        f"select distinct key from raw.{documents.source}_{stream}"
    ).fetchall()
    return frozenset(key for (key,) in rows)


def _write_seen(run: Run, readings: Mapping[str, Reading]) -> None:
    rows = [(stream, key) for stream, reading in readings.items() for key in reading.present_keys]
    columns = [
        pa.array([stream for stream, _ in rows], pa.string()),
        pa.array([key for _, key in rows], pa.string()),
        pa.array([visibility.SEEN] * len(rows), pa.int32()),
    ]
    write_table(visibility.seen_file(run.folder), _SEEN_SCHEMA, columns)


def _resolve(documents: Documents, source: str, run_id: int, readings: Mapping[str, Reading]) -> None:
    """What was unreadable is settled where it is gone, or could be read now."""
    for stream, reading in readings.items():
        present, readable = set(reading.present_keys), _keys(documents, stream)
        settled = [
            row
            for row in quarantine.open_rows(documents.connection, source)
            if row.stream == stream
            and row.run_id != run_id
            and (row.key not in present or row.key in readable)
        ]
        quarantine.resolve(documents.connection, source, settled, run_id)


def _warnings(source: str, unread: Sequence[quarantine.OpenRow], gone: int) -> list[str]:
    warnings = []
    if gone:
        are = "document of {} is" if gone == 1 else "documents of {} are"
        warnings.append(
            f"{gone:,} {are.format(source)} no longer there; what came from there leaves the models"
        )
    if unread:
        noun = "document" if len(unread) == 1 else "documents"
        shown = "; ".join(f"{row.key[:60]}: {row.reason}" for row in unread[:3])
        more = f", and {len(unread) - 3:,} more" if len(unread) > 3 else ""
        warnings.append(
            f"{len(unread):,} {noun} of {source} cannot be read ({shown}{more}); "
            "the table raw.quarantine lists them"
        )
    return warnings
