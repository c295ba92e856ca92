"""The recorded installation of ../shared/conduit, for tests: its recordings, and a store that serves them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ddd.demo.endpoint import DocumentStore
from ddd.settings import PROJECT_DIR

SHARED_DIR = Path(PROJECT_DIR).parent / "shared"

TASKS_COUNT = 666
TRANSACTIONS_COUNT = 11_498
PROJECTS_COUNT = 25
COLUMNS_COUNT = 79
USERS_COUNT = 12
RECORDED_AT = datetime(2026, 11, 23, 21, 0)

BASE_URI = "http://phab.localhost.test:8081"


@dataclass(frozen=True)
class Recording:
    """A recorded request and its answer."""

    name: str
    group: str
    method: str
    params: dict[str, Any]
    encoding: str
    status: int
    content_type: str
    verb: str
    path: str
    request_body: str
    body: bytes


class _Result(msgspec.Struct):
    data: list[msgspec.Raw]


class _SearchAnswer(msgspec.Struct):
    result: _Result


class _HistoryAnswer(msgspec.Struct):
    result: dict[str, list[msgspec.Raw]]


class _WhoamiAnswer(msgspec.Struct):
    result: msgspec.Raw


def require_shared() -> Path:
    """The folder of recordings; skips the test where it is absent."""
    if not (SHARED_DIR / "conduit" / "index.json").exists():
        pytest.skip(f"the recordings are not there: {SHARED_DIR / 'conduit'}")
    return SHARED_DIR


def recordings(shared_dir: Path, group: str) -> Iterator[Recording]:
    """All recordings of a group, in the order of the index."""
    folder = shared_dir / "conduit"
    for entry in json.loads((folder / "index.json").read_text()):
        if entry["group"] != group:
            continue
        body = (folder / entry["file"]).read_bytes()
        yield Recording(
            name=entry["name"],
            group=group,
            method=entry.get("method") or "",
            params=entry.get("params") or {},
            encoding=entry.get("encoding") or "",
            status=entry["status"],
            content_type=entry["content_type"],
            verb=entry.get("http_verb") or "POST",
            path=entry.get("http_path") or f"/api/{entry.get('method')}",
            request_body=entry.get("request_body") or "",
            body=gzip.decompress(body) if entry["gz"] else body,
        )


def recorded_store(shared_dir: Path, *, with_search_rows: bool = True, token: str = "") -> DocumentStore:
    """The installation that the group full-baseline walks, every document with its recorded bytes.

    Args:
        shared_dir: The folder that holds `conduit/`.
        with_search_rows: Answer transaction.search with the recorded rows, too; else they are worked out.
        token: The one token to accept; any where it is empty.
    """
    rows: dict[str, list[bytes]] = {}
    whoami = b"null"
    for recording in recordings(shared_dir, "full-baseline"):
        kind = recording.name.removeprefix("full/").rstrip("0123456789").rstrip("_")
        found = rows.setdefault(kind, [])
        if kind == "gtt":
            histories = msgspec.json.decode(recording.body, type=_HistoryAnswer).result
            found.extend(bytes(row) for history in histories.values() for row in history)
        elif kind == "whoami":
            whoami = bytes(msgspec.json.decode(recording.body, type=_WhoamiAnswer).result)
        elif kind != "edges":
            data = msgspec.json.decode(recording.body, type=_SearchAnswer).result.data
            found.extend(bytes(row) for row in data)
    return DocumentStore.from_documents(
        tasks=rows["tasks"],
        transactions=rows["gtt"],
        projects=rows["projects"],
        columns=rows["columns"],
        users=rows["users"],
        statuses=rows["statuses"],
        priorities=rows["priorities"],
        search_transactions=rows["xact"] if with_search_rows else (),
        whoami=whoami,
        base_uri=BASE_URI,
        token=token,
        now=datetime(2026, 11, 23, 21, 0, tzinfo=UTC),
    )
