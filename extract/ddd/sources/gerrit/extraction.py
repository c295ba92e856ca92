"""The order of it: read the file of past trains' patches, and land what is new in it."""

from __future__ import annotations

from rich.console import Console

from ddd.errors import SourceError
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.gerrit.recorded import STREAM, read_recorded
from ddd.sources.whole import land_readings, read_known

NAME = "gerrit"
STREAMS = ("changes", STREAM)


def is_configured(settings: Settings) -> bool:
    """Whether a server or a file is named."""
    return bool(settings.gerrit.url or settings.gerrit.patches_file)


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the documents of patches up to date.

    Args:
        settings: Which file, and where to keep it.
        wanted: Whether to call the run a full one; the file is read whole in any case.
        console: Where to draw progress.

    Raises:
        SourceError: The file cannot be read, or only a server is named; what is landed is kept.
        WarehouseError: The warehouse cannot be written; what was read is kept.
    """
    console = console or Console(quiet=True)
    if settings.gerrit.patches_file is None:
        raise SourceError(
            "Patches cannot be read from a Gerrit server yet",
            "Set GERRIT_PATCHES_FILE to a CSV file of patches, and leave GERRIT_URL empty",
        )
    known = read_known(settings, NAME, STREAMS)
    with console.status("Reading the patches of past trains"):
        reading = read_recorded(settings.gerrit.patches_file)
    mode = "full" if wanted.full or known.is_new else "incremental"
    return land_readings(settings, NAME, STREAMS, {STREAM: reading}, mode=mode, console=console)
