"""Where data come from: one module or folder a source, and the list of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rich.console import Console

from ddd.errors import SettingsError
from ddd.settings import Settings
from ddd.sources import delivery, gerrit, phabricator, wikiversions
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Source, Wanted
from ddd.sources.phabricator.demo_site import renew_demo

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
    if settings.site.is_demo and name != phabricator.NAME:
        return {name: _with_files(configured[name])}
    return {name: configured[name]}


def _with_files(source: Source) -> Source:
    """A source of the demo by itself: Phabricator, which writes its files otherwise, is not asked."""

    def extract(
        settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None
    ) -> Extracted:
        from ddd.demo import write_files  # noqa: PLC0415 - the demo is not loaded for a real server

        renew_demo(settings)
        with (console or Console(quiet=True)).status("Simulating deployments"):
            write_files(settings.demo, settings.simulated_dir)
        return source.extract(settings, wanted, console=console)

    return replace(source, extract=extract)


def raw_tables() -> list[str]:
    """Names of the tables of all sources in the schema `raw`: models read them, whatever is configured."""
    return [table for source in SOURCES.values() for table in source.tables]
