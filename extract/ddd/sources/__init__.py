"""Where data come from: one module or folder a source, and the list of them."""

from __future__ import annotations

from typing import Final

from ddd.errors import SettingsError
from ddd.settings import Settings
from ddd.sources import delivery, gerrit, phabricator, wikiversions
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Source, Wanted

__all__ = ["SOURCES", "WHAT_IS_NEW", "Extracted", "Source", "Wanted", "chosen_sources", "raw_tables"]


SOURCES: Final[dict[str, Source]] = {
    source.name: source
    for source in (
        phabricator.SOURCE,
        wikiversions.SOURCE,
        gerrit.SOURCE,
        delivery.SOURCE,
    )
}
"""All sources by name, in the order in which they are extracted."""


def chosen_sources(settings: Settings, name: str | None = None) -> dict[str, Source]:
    """The source of that name, or all that are configured where none is named.

    Raises:
        SettingsError: There is no such source, or it is not configured.
    """
    configured = {source.name: source for source in SOURCES.values() if source.is_configured(settings)}
    if name is None:
        return configured
    if name not in SOURCES:
        raise SettingsError(f"There is no source {name!r}", f"Known sources: {', '.join(SOURCES)}")
    if name not in configured:
        raise SettingsError(
            f"The source {name} is not configured",
            f"Set its variables (.env.example); configured: {', '.join(configured) or 'none'}",
        )
    return {name: configured[name]}


def raw_tables() -> list[str]:
    """Names of the tables of all sources in the schema `raw`: models read them, whatever is configured."""
    return [table for source in SOURCES.values() for table in source.tables]
