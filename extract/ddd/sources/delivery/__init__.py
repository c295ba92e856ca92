"""Deployments of anyone: from a file, from the tags of a git repository, and the incidents that they caused.

`docs/deployments.md` describes the files.
"""

from __future__ import annotations

from ddd.sources.contract import Source
from ddd.sources.delivery.extraction import NAME, STREAMS, extract, is_configured

__all__ = ["NAME", "SOURCE", "STREAMS"]

SOURCE = Source(NAME, STREAMS, extract, is_configured)
