"""Where data come from: one module or folder a source, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ddd.sources import phabricator
from ddd.sources.phabricator import Extracted

SOURCES: Final[dict[str, Callable[..., Extracted]]] = {phabricator.NAME: phabricator.extract}
"""Each source's name and the function that brings its raw documents up to date."""
