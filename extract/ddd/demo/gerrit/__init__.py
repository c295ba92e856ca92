"""A Gerrit server on loopback: as much of it as the source `gerrit` asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ddd.demo.gerrit.changes import Change, Changes
from ddd.demo.gerrit.server import serve_changes

__all__ = ["Changes", "serve_changes", "serve_file"]


@contextmanager
def serve_file(path: Path) -> Iterator[str]:
    """Serve the changes of a file, one a line, on loopback while the context lasts; yields the address."""
    lines = path.read_bytes().splitlines()
    with serve_changes(Changes([msgspec.json.decode(line, type=Change) for line in lines])) as url:
        yield url
