"""Where data come from: one module or folder a source, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ddd.errors import SettingsError
from ddd.sources import phabricator
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted

__all__ = ["SOURCES", "WHAT_IS_NEW", "Extracted", "Wanted", "chosen_sources"]

SOURCES: Final[dict[str, Callable[..., Extracted]]] = {phabricator.NAME: phabricator.extract}
"""Each source's name and the function that brings its raw documents up to date."""


def chosen_sources(name: str | None) -> dict[str, Callable[..., Extracted]]:
    """The source of that name, or all where none is named.

    Raises:
        SettingsError: There is no such source.
    """
    if name is None:
        return SOURCES
    if name not in SOURCES:
        raise SettingsError(f"There is no source {name!r}", f"Known sources: {', '.join(SOURCES)}")
    return {name: SOURCES[name]}
