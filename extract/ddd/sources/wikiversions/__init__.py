"""Which version of MediaWiki was deployed to which wiki, and when: the history of `wikiversions.json` in git.

`docs/deployments.md` says what is read and kept.
"""

from __future__ import annotations

from ddd.sources.contract import Source
from ddd.sources.wikiversions.extraction import NAME, STREAMS, extract, is_configured

__all__ = ["NAME", "SOURCE", "STREAMS", "extract", "is_configured"]

SOURCE = Source(NAME, STREAMS, extract, is_configured)
