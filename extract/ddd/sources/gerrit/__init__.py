"""The patches of a train; `docs/deployments.md` says what is read and kept."""

from __future__ import annotations

from ddd.sources.contract import Source
from ddd.sources.gerrit.extraction import extract, is_configured
from ddd.sources.gerrit.known import NAME, STREAMS

__all__ = ["SOURCE"]

SOURCE = Source(NAME, STREAMS, extract, is_configured)
