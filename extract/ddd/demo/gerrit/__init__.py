"""A Gerrit server on loopback: as much of it as the source `gerrit` asks for."""

from __future__ import annotations

from ddd.demo.gerrit.changes import Changes
from ddd.demo.gerrit.server import serve_changes

__all__ = ["Changes", "serve_changes"]
