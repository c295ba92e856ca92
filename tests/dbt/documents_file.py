"""A file of raw documents, as an extraction leaves it, from documents at hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from ddd.settings import Settings
from ddd.sources import delivery
from ddd.sources.phabricator import STREAMS
from ddd.warehouse import Documents

_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("modified_at", pa.timestamp("us")),
        ("document", pa.string()),
        ("document_hash", pa.string()),
        ("batch", pa.int64()),
        ("run_id", pa.int64()),
        ("fetched_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Document:
    """A document of a stream, landed with a batch; `key` is given for texts that do not say theirs."""

    stream: str
    text: str
    batch: int = 1
    key: str = ""


@dataclass(frozen=True)
class Delivery:
    """A document of the source `delivery`: of its deployments or incidents."""

    stream: str
    key: str
    text: str


@dataclass(frozen=True)
class Sweep:
    """What a sweep found of one object: that it is gone, or visible again."""

    stream: str
    key: str
    is_visible: bool
    batch: int


def write_documents(
    settings: Settings,
    documents: Iterable[Document],
    as_of: datetime,
    sweeps: Iterable[Sweep] = (),
    behind: Mapping[str, timedelta] | None = None,
) -> None:
    """Write the documents and one complete run of every stream, begun at `as_of` (UTC, naive).

    Streams in `behind` were fetched by so much earlier.
    """
    by_stream: dict[str, list[Document]] = {stream: [] for stream in STREAMS}
    for document in documents:
        by_stream[document.stream].append(document)
    with Documents(settings, "phabricator", STREAMS) as landed:
        for stream, rows in by_stream.items():
            table = pa.Table.from_pylist([_row(row, as_of) for row in rows], schema=_SCHEMA)
            landed.connection.register("rows_to_land", table)
            landed.connection.execute(f"insert into raw.phabricator_{stream} select * from rows_to_land")
            landed.connection.unregister("rows_to_land")
            began_at = as_of - (behind or {}).get(stream, timedelta())
            landed.connection.execute(
                "insert into raw.runs values (1, 'phabricator', ?, 'test', '', false, 'full', ?, ?, ?, null, "
                "1, ?, 1, 'complete', null, null)",
                [stream, began_at, began_at + timedelta(seconds=1), began_at, len(rows)],
            )
        for sweep in sweeps:
            landed.connection.execute(
                "insert into raw.visibility_changes values ('phabricator', ?, ?, ?, ?, ?, 1)",
                [sweep.stream, sweep.key, sweep.is_visible, as_of, sweep.batch],
            )


def write_deliveries(settings: Settings, deliveries: Iterable[Delivery], as_of: datetime) -> None:
    """Write documents of deployments and incidents, fetched at `as_of` (UTC, naive)."""
    by_stream: dict[str, list[Document]] = {stream: [] for stream in delivery.STREAMS}
    for one in deliveries:
        by_stream[one.stream].append(Document(one.stream, one.text, key=one.key))
    with Documents(settings, delivery.NAME, delivery.STREAMS) as landed:
        for stream, rows in by_stream.items():
            table = pa.Table.from_pylist([_row(row, as_of) for row in rows], schema=_SCHEMA)
            landed.connection.register("rows_to_land", table)
            landed.connection.execute(f"insert into raw.delivery_{stream} select * from rows_to_land")
            landed.connection.unregister("rows_to_land")


def _row(document: Document, as_of: datetime) -> dict[str, object]:
    key, modified = _key_and_modified(document)
    return {
        "key": key,
        "modified_at": modified and datetime.fromtimestamp(modified, UTC).replace(tzinfo=None),
        "document": document.text,
        "document_hash": hashlib.sha256(document.text.encode()).hexdigest(),
        "batch": document.batch,
        "run_id": 1,
        "fetched_at": as_of,
    }


def _key_and_modified(document: Document) -> tuple[str, int | None]:
    if document.key:
        return document.key, None
    found = json.loads(document.text)
    match document.stream:
        case "transactions":
            return found["transactionID"], int(found["dateCreated"])
        case "transaction_records":
            return str(found["id"]), found["dateModified"]
        case "statuses" | "priorities":
            return str(found["value"]), None
        case "tasks":
            return str(found["id"]), found["fields"]["dateModified"]
        case _:
            return found["phid"], found["fields"]["dateModified"]
