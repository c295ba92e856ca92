"""The order of it: patches of trains from the file, backports from the server, what the file's links name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from ddd.errors import DataError, SourceError
from ddd.progress import progress_bar
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.gerrit import changes, lookups, recorded
from ddd.sources.gerrit.client import Gerrit
from ddd.sources.gerrit.known import NAME, STREAMS, known_changes, last_asked_at, links_to_ask
from ddd.sources.gerrit.lookups import Search
from ddd.sources.whole import Page, Reading, land_readings, read_known


def is_configured(settings: Settings) -> bool:
    """Whether a server or a file is named."""
    return bool(settings.gerrit.url or settings.gerrit.patches_file)


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the documents of patches up to date.

    The file is read whole. Of the server only what is new is asked: changes on trains' branches that were
    updated since the last time, and changes that links of the file name and that are not known, or not merged
    yet. Each of the three is landed by itself, so that trouble with one takes nothing from another.

    Args:
        settings: Which server and file, and where to keep what they give.
        wanted: Whether to ask for everything again, or (a sweep) for what could not be found; a choice of
            tasks means nothing here.
        console: Where to draw progress.

    Raises:
        DataError: The server or the file cannot be read; what is landed, and what was fetched, is kept.
        WarehouseError: The warehouse cannot be written; what was read is kept.
    """
    if settings.site.is_demo:
        from ddd.demo.deployments import CHANGES_FILE  # noqa: PLC0415 - the demo is not loaded for a real server
        from ddd.demo.deployments.patches import GERRIT_URL  # noqa: PLC0415
        from ddd.demo.gerrit import serve_file  # noqa: PLC0415

        with serve_file(settings.simulated_dir / CHANGES_FILE) as url:
            served = replace(settings, gerrit=replace(settings.gerrit, url=url))
            return _extract(served, wanted, console, GERRIT_URL)
    return _extract(settings, wanted, console, settings.gerrit.url)


def _extract(settings: Settings, wanted: Wanted, console: Console | None, site_url: str) -> Extracted:
    run = _Extraction(settings, wanted, console or Console(quiet=True), site_url)
    troubles: list[DataError] = []
    for step in (run.read_file, run.ask_server):
        try:
            step()
        except DataError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0] if len(troubles) == 1 else SourceError(". ".join(str(one) for one in troubles))
    return run.done


class _Extraction:
    """One run: what was asked for, and what was done so far; `site_url` is where people find the changes."""

    def __init__(self, settings: Settings, wanted: Wanted, console: Console, site_url: str) -> None:
        self.settings = settings
        self.wanted = wanted
        self.console = console
        self.site_url = site_url
        known = read_known(settings, NAME, STREAMS)
        self.done = Extracted("full" if wanted.full or known.is_new else "incremental")
        self._links: list[str] = []

    def read_file(self) -> None:
        path = self.settings.gerrit.patches_file
        if path is None:
            return
        has_server = bool(self.settings.gerrit.url)
        with self.console.status("Reading the patches of trains"):
            reading = recorded.read_recorded(path, has_server=has_server)
        self._land({recorded.STREAM: reading})
        self._links = [recorded.link_of(key) for key in reading.present_keys]

    def ask_server(self) -> None:
        if not self.settings.gerrit.url:
            return
        gerrit = Gerrit(self.settings)
        since = None if self.wanted.full else last_asked_at(self.settings)
        # before the first request: what changes meanwhile is newer
        now = datetime.now(UTC).replace(microsecond=0)
        try:
            pages = self._shown("Fetching backports", changes.read_changes(gerrit, since))
            self._land({changes.STREAM: Reading((), pages, now, is_whole=False)})
            self._ask_for_links(gerrit)
        finally:
            self.done.requests_count += gerrit.requests_count
            self.done.bytes_count += gerrit.bytes_count

    def _ask_for_links(self, gerrit: Gerrit) -> None:
        again = "all" if self.wanted.full else "nowhere" if self.wanted.sweep else "open"
        links = links_to_ask(self.settings, self._links, again=again)
        if not links:
            return
        search = Search(links)
        if not self.wanted.full:
            # a run that was killed has left some
            search.add_known(known_changes(self.settings))
        pages = self._shown("Fetching changes", search.pages(gerrit), len(search.terms))
        # the changes first: what a link led to may only be written down when that is on the disk
        self._land({
            changes.STREAM: Reading((), pages, is_whole=False),
            lookups.STREAM: Reading((), search.lookups(), is_whole=False),
        })  # fmt: skip
        if search.lost_count:
            self.done.warnings.append(
                f"{search.lost_count:,} of {len(links):,} links of patches lead to no change that is seen "
                "at GERRIT_URL: who made these is not known; --sweep asks for them again"
            )

    def _land(self, readings: Mapping[str, Reading]) -> None:
        done = land_readings(
            self.settings, NAME, STREAMS, readings, mode=self.done.mode, console=self.console,
            site_url=self.site_url,
        )  # fmt: skip
        total = self.done
        total.changed_count += done.changed_count
        total.gone_count += done.gone_count
        total.again_count += done.again_count
        total.bytes_count += done.bytes_count
        total.known = done.known
        for stream, count in done.fetched.items():
            total.fetched[stream] = total.fetched.get(stream, 0) + count
        total.warnings = list(dict.fromkeys([*total.warnings, *done.warnings]))

    def _shown(self, text: str, pages: Iterable[Page], total: int | None = None) -> Iterator[Page]:
        with progress_bar(self.console) as bar:
            shown = bar.add_task(text, total=total)
            for page in pages:
                yield page
                bar.advance(shown, len(page.documents))
