"""Segment files: fetched documents on disk, before they are landed in the warehouse.

A segment is one Parquet file of one stream, written beside its place and moved into it, so that it
is either whole or absent. What a killed run has fetched is not fetched again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("modified_at", pa.timestamp("us")),
        ("document", pa.string()),
        ("document_hash", pa.string()),
        ("fetched_at", pa.timestamp("us")),
    ]
)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("stream", pa.string()),
        ("key", pa.string()),
        ("document", pa.string()),
        ("reason", pa.string()),
        ("quarantined_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Document:
    """One object as the server sent it.

    Attributes:
        key: The object's natural key in its stream.
        body: Its JSON, byte for byte.
        modified_epoch: When it was changed last, in seconds since 1970 UTC, where the object says so.
    """

    key: str
    body: bytes
    modified_epoch: int | None = None


@dataclass(frozen=True)
class Rejected:
    """A document, or a reference to one, that could not be read, and why."""

    stream: str
    key: str
    document: str
    reason: str


@dataclass
class Segment:
    """Documents of one stream on their way to one file; not shared between threads."""

    stream: str
    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def segment_path(folder: Path, stream: str, part: str) -> Path:
    """Where the segment of a stream and part belongs."""
    return folder / f"{stream}.{part}.parquet"


def stream_of(path: Path) -> str:
    """The stream that a segment file belongs to."""
    return path.name.split(".", 1)[0]


def write_segment(folder: Path, part: str, segment: Segment, fetched_at: datetime) -> None:
    """Write a segment, and its rejected documents as a segment of the stream `quarantine`.

    Args:
        folder: The run's folder.
        part: Name of this part of the stream, unique in the run.
        segment: The documents.
        fetched_at: When the server's answers arrived, UTC.

    Raises:
        OSError: The disk is full or cannot be written; no half-written segment remains in place.
    """
    stamp = fetched_at.replace(tzinfo=None)
    if segment.rejected:
        rows = [(r.stream, r.key, r.document, r.reason, stamp) for r in segment.rejected]
        _write(segment_path(folder, "quarantine", f"{segment.stream}-{part}"), QUARANTINE_SCHEMA, rows)
    documents = (
        (doc.key, _naive(doc.modified_epoch), doc.body.decode(), hashlib.sha256(doc.body).hexdigest(), stamp)
        for doc in segment.documents
    )
    _write(segment_path(folder, segment.stream, part), SCHEMA, documents)


def _naive(epoch: int | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None)


def _write(path: Path, schema: pa.Schema, rows: Iterable[tuple[object, ...]]) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [
        pa.array(column, type=column_type.type) for column, column_type in zip(columns, schema, strict=True)
    ]
    beside = path.with_suffix(".part")
    try:
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), beside, compression="zstd")
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
