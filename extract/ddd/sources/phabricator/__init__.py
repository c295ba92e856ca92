"""The Phabricator source: tasks with their whole history, projects, columns, users, statuses, priorities.

`docs/extraction.md` says what is fetched when; `extraction` is the order of it, the other modules are its
steps.
"""

from __future__ import annotations

from ddd.sources.phabricator.extraction import extract
from ddd.sources.phabricator.streams import HIDEABLE_STREAMS, NAME, STREAMS

__all__ = ["HIDEABLE_STREAMS", "NAME", "STREAMS", "extract"]
