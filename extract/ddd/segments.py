"""Segment files: fetched documents on disk, before they are landed in the warehouse.

A segment is one Parquet file of one stream, written beside its place and moved into it, so that it
is either whole or absent. It says in its metadata which ids were asked for (`covers`): what a killed run
has fetched is not fetched again, also where the server had nothing to give.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
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

_COVERS = b"covers"


class Document(msgspec.Struct, frozen=True, gc=False):
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
    """Documents of one stream on their way to one file; not shared between threads.

    Attributes:
        stream: Their stream.
        documents: What could be read.
        rejected: What could not; of any stream.
        covers: The ids that were asked for.
    """

    stream: str
    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    covers: list[int] = field(default_factory=list)
    _arrivals: list[tuple[int, int]] = field(default_factory=list, repr=False)

    def add(self, documents: Iterable[Document], *, at: float | None = None) -> None:
        """Add documents of one answer, and remember when it arrived (in seconds since 1970; now)."""
        before = len(self.documents)
        self.documents.extend(documents)
        micros = int((time.time() if at is None else at) * 1e6)
        self._arrivals.append((len(self.documents) - before, micros))

    def arrivals_micros(self, otherwise: datetime) -> list[int]:
        """When each document arrived, in microseconds since 1970."""
        micros = [moment for count, moment in self._arrivals for _ in range(count)]
        return micros + [int(otherwise.timestamp() * 1e6)] * (len(self.documents) - len(micros))


def segment_path(folder: Path, stream: str, part: str) -> Path:
    """Where the segment of a stream and part belongs."""
    return folder / f"{stream}.{part}.parquet"


def stream_of(path: Path) -> str:
    """The stream that a segment file belongs to."""
    return path.name.split(".", 1)[0]


def covered_ids(path: Path) -> list[int]:
    """The ids that were asked for when a segment was fetched."""
    metadata = pq.read_schema(path).metadata or {}
    return msgspec.json.decode(metadata.get(_COVERS, b"[]"), type=list[int])


def write_segment(folder: Path, part: str, segment: Segment, fetched_at: datetime) -> None:
    """Write a segment, and its rejected documents as a segment of the stream `quarantine`.

    Args:
        folder: The run's folder.
        part: Name of this part of the stream, unique in the run.
        segment: The documents.
        fetched_at: When the server's answers arrived, UTC, where `Segment.add` was not told.

    Raises:
        OSError: The disk is full or cannot be written; no half-written segment remains in place.
    """
    bodies = _texts(segment)
    if segment.rejected:
        stamp = fetched_at.replace(tzinfo=None)
        rows = [(r.stream, r.key, r.document, r.reason, stamp) for r in segment.rejected]
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        write_table(
            segment_path(folder, "quarantine", f"{segment.stream}-{part}"), QUARANTINE_SCHEMA, columns
        )
    documents = segment.documents
    write_table(
        segment_path(folder, segment.stream, part),
        SCHEMA,
        [
            pa.array([document.key for document in documents], pa.string()),
            timestamps(document.modified_epoch for document in documents),
            bodies,
            pa.array([hashlib.sha256(document.body).hexdigest() for document in documents], pa.string()),
            pa.array(segment.arrivals_micros(fetched_at), pa.timestamp("us")),
        ],
        covers=segment.covers,
    )


def timestamps(epochs: Iterable[int | None]) -> pa.Array:
    """Seconds since 1970 as an Arrow column of timestamps, made in bulk."""
    return pa.array(list(epochs), pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp("us"))


def _texts(segment: Segment) -> pa.Array:
    """The bodies as text; those that are no text, which JSON must be, are rejected."""
    try:
        return pa.array([document.body for document in segment.documents], pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        pass
    good: list[Document] = []
    arrivals: list[tuple[int, int]] = []
    for document, micros in zip(segment.documents, segment.arrivals_micros(datetime.now(UTC)), strict=True):
        try:
            document.body.decode()
        except UnicodeDecodeError as error:
            text = document.body.decode(errors="replace")
            segment.rejected.append(Rejected(segment.stream, document.key, text, f"Not UTF-8: {error}"))
        else:
            good.append(document)
            arrivals.append((1, micros))
    segment.documents, segment._arrivals = good, arrivals
    return pa.array([document.body for document in good], pa.binary()).cast(pa.string())


def write_table(
    path: Path, schema: pa.Schema, columns: Sequence[pa.Array], covers: Sequence[int] = ()
) -> None:
    """Write columns as a Parquet file, whole or not at all.

    Args:
        path: Where it belongs.
        schema: Names and types of the columns, to which they are cast.
        columns: Their values.
        covers: The ids that were asked for.

    Raises:
        OSError: The disk is full or cannot be written.
    """
    arrays = [column.cast(wanted.type) for column, wanted in zip(columns, schema, strict=True)]
    described = schema.with_metadata({_COVERS: msgspec.json.encode(list(covers))})
    beside = path.with_suffix(".part")
    try:
        # documents hardly repeat each other: dictionaries and statistics of them only cost time
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=described),
            beside,
            compression="zstd",
            use_dictionary=False,
            write_statistics=False,
        )
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
