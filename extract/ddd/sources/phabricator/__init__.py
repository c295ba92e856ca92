"""The Phabricator source: tasks with their whole history, projects, columns, users, statuses, priorities.

`docs/extraction.md` says what is fetched when; `extraction` is the order of it, the other modules are its
steps.
"""

from __future__ import annotations

from ddd.settings import Settings
from ddd.sources.contract import Source
from ddd.sources.phabricator.extraction import extract
from ddd.sources.phabricator.streams import HIDEABLE_STREAMS, NAME, STREAMS

__all__ = ["HIDEABLE_STREAMS", "NAME", "SOURCE", "STREAMS", "extract", "is_configured"]


def is_configured(settings: Settings) -> bool:
    """Whether there is a Conduit server to ask; the demo brings its own."""
    return bool(settings.site.url) or settings.site.is_demo


SOURCE = Source(NAME, STREAMS, extract, is_configured)
