"""The recorded answers beside the checkout: request, status, content type and bytes of a real server."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ddd.settings import PROJECT_DIR

from .loopback import Answer

FOLDER = Path(PROJECT_DIR).parent / "shared" / "conduit"

needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"{FOLDER.parent.name}/{FOLDER.name} is not beside the checkout"
)


@dataclass(frozen=True)
class Recording:
    """One recorded exchange."""

    name: str
    group: str
    method: str
    params: Any
    answer: Answer

    @property
    def envelope(self) -> Any:
        body = self.answer.body
        return json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)


@cache
def recordings() -> tuple[Recording, ...]:
    """All of them; none where the folder is absent."""
    if not FOLDER.is_dir():
        return ()
    return tuple(_recording(entry) for entry in json.loads((FOLDER / "index.json").read_text()))


def of_groups(*groups: str) -> list[Recording]:
    return [one for one in recordings() if one.group in groups]


def named(name: str) -> Recording:
    return next(one for one in recordings() if one.name == name)


def _recording(entry: dict[str, Any]) -> Recording:
    body = (FOLDER / entry["file"]).read_bytes()
    if entry["gz"]:
        body = gzip.decompress(body)  # so it is kept; what was sent compressed is so on its own
    encoding = {"Content-Encoding": entry["content_encoding"]} if entry.get("content_encoding") else {}
    return Recording(
        entry["name"],
        entry["group"],
        entry["method"],
        entry.get("params"),
        Answer(body, entry["status"], entry["content_type"], encoding),
    )
