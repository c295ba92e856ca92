"""Collects fetched documents until there are enough for a segment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from ddd.segments import Document, Rejected, Segment

SEGMENT_BYTES = 8_000_000
"""JSON in one segment: enough that files are few, little enough that memory is small."""

SEGMENT_SECONDS = 10.0
"""How long documents of a slow server stay in memory: a killed process loses no more than that."""


class Split(Protocol):
    """An answer, split into what could be read and what could not."""

    documents: list[Document]
    rejected: list[Rejected]


class Shelf:
    """Documents of one stream on their way to disk; used by one thread.

    Args:
        stream: Their stream.
        keep: Writes a segment.
    """

    def __init__(self, stream: str, keep: Callable[[Segment], None]) -> None:
        self.stream = stream
        self._keep = keep
        self._start()

    def _start(self) -> None:
        self._segment = Segment(self.stream)
        self._bytes_count = 0
        self._since = time.monotonic()

    def add_pages(self, pages: Iterable[Split], covers: Iterable[int] = ()) -> None:
        """Add what the answers to one request, or to the parts of one, brought.

        Args:
            pages: The answers.
            covers: The ids that were asked for.

        Raises:
            OSError: The disk is full or cannot be written.
        """
        segment = self._segment
        for page in pages:
            segment.add(page.documents)
            segment.rejected.extend(page.rejected)
            self._bytes_count += sum(len(document.body) for document in page.documents)
        segment.covers.extend(covers)
        if self._bytes_count >= SEGMENT_BYTES or time.monotonic() - self._since >= SEGMENT_SECONDS:
            self.empty()

    def empty(self) -> None:
        """Write what is there."""
        segment = self._segment
        self._start()
        if segment.documents or segment.rejected or segment.covers:
            self._keep(segment)
