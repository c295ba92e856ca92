"""The order of it: changes on the trains' branches from the server, patches of past trains from the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console

from ddd.progress import progress_bar
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.gerrit import changes, recorded
from ddd.sources.gerrit.client import Gerrit
from ddd.sources.whole import Page, Reading, land_readings, read_known
from ddd.warehouse import Documents

NAME = "gerrit"
STREAMS = (changes.STREAM, recorded.STREAM)


def is_configured(settings: Settings) -> bool:
    """Whether a server or a file is named."""
    return bool(settings.gerrit.url or settings.gerrit.patches_file)


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the documents of patches up to date.

    Of a server only changes are asked that were updated since the newest one known; the file is read whole.

    Args:
        settings: Which server and file, and where to keep what they give.
        wanted: Whether to ask for all changes again; a choice of tasks means nothing here.
        console: Where to draw progress.

    Raises:
        DataError: The server or the file cannot be read; what is landed, and what was fetched, is kept.
        WarehouseError: The warehouse cannot be written; what was read is kept.
    """
    console = console or Console(quiet=True)
    known = read_known(settings, NAME, STREAMS)
    readings: dict[str, Reading] = {}
    if settings.gerrit.patches_file:
        with console.status("Reading the patches of past trains"):
            readings[recorded.STREAM] = recorded.read_recorded(settings.gerrit.patches_file)
    since = None
    gerrit = Gerrit(settings)
    if settings.gerrit.url:
        since = None if wanted.full else _watermark(settings)
        # before the first request: what changes meanwhile is newer
        now = datetime.now(UTC).replace(microsecond=0)
        readings[changes.STREAM] = Reading((), _counted(gerrit, since, console), now, is_whole=False)
    mode = "full" if wanted.full or known.is_new else "incremental"
    done = land_readings(settings, NAME, STREAMS, readings, mode=mode, console=console)
    done.requests_count = gerrit.requests_count
    done.bytes_count += gerrit.bytes_count
    return done


def _watermark(settings: Settings) -> datetime | None:
    """When the last complete run began to ask the server; none before the first."""
    with Documents(settings, NAME, STREAMS) as documents:
        return documents.last_start(changes.STREAM)


def _counted(gerrit: Gerrit, since: datetime | None, console: Console) -> Iterator[Page]:
    with progress_bar(console) as bar:
        shown = bar.add_task("Fetching changes", total=None)
        for page in changes.read_changes(gerrit, since):
            yield page
            bar.advance(shown, len(page.documents))
