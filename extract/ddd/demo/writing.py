"""Writes a simulated organisation of any size straight into the raw documents, for benchmarks."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime

from rich.console import Console

from ddd.access import site_lock
from ddd.demo.organisation.calendar import end_epoch
from ddd.demo.organisation.history import stream_documents
from ddd.errors import WarehouseError
from ddd.progress import progress_bar
from ddd.segments import Document, Segment, write_segment
from ddd.settings import Settings
from ddd.sources.phabricator.streams import NAME, STREAMS
from ddd.sources.runs import run_folder
from ddd.warehouse import Documents, StreamRun

_SEGMENT_DOCUMENTS = 100_000
_TALK = tuple(
    f'"transactionType":"{kind}"'.encode() for kind in ("core:comment", "core:subscribers", "description")
)


def write_documents(
    settings: Settings, *, seed: int, end_at: date | None, tasks: int, talk: bool = True, console: Console
) -> dict[str, int]:
    """Fill an empty warehouse with simulated documents, without a server in between.

    Args:
        settings: The demo's site, in a data folder that holds nothing yet.
        seed: The same seed gives the same documents.
        end_at: End of the history; midnight of today where none is given.
        tasks: About how many tasks.
        talk: Whether histories have comments, descriptions and subscribers, which no span is made of.
        console: Where to draw progress.

    Returns:
        Objects per stream, and quarantined documents.

    Raises:
        WarehouseError: The site is not the demo, or has documents already.
    """
    if not settings.site.is_demo or settings.documents_path.exists():
        raise WarehouseError(
            f"{settings.site_dir} holds documents already, or is not the demo's",
            "Name an empty folder with DDD_DATA_DIR, and unset CONDUIT_URL",
        )
    end_at = end_at or datetime.now(UTC).date()
    moment = datetime.fromtimestamp(end_epoch(end_at), UTC)
    with site_lock(settings), progress_bar(console) as bar:
        folder = run_folder(settings.segments_dir, 1)
        folder.mkdir(parents=True)
        shown = bar.add_task("Simulating tasks", total=tasks)
        waiting = {stream: Segment(stream) for stream in STREAMS}
        part = 0
        for stream, key, modified, body in stream_documents(seed, end_at, tasks):
            if not talk and stream == "transactions" and any(kind in body for kind in _TALK):
                continue
            segment = waiting[stream]
            segment.documents.append(Document(key, body, modified))
            if stream == "tasks":
                bar.advance(shown)
            if len(segment.documents) >= _SEGMENT_DOCUMENTS:
                part += 1
                write_segment(folder, f"{part:06d}", segment, moment)
                waiting[stream] = Segment(stream)
        for segment in waiting.values():
            write_segment(folder, "rest", segment, moment)
        with Documents(settings, NAME, STREAMS) as documents:
            documents.land(folder, 1)
            documents.record(
                [StreamRun(1, NAME, name, "full", moment, moment, moment, 0, 0, 0) for name in STREAMS]
            )
            known = documents.counts()
        shutil.rmtree(folder)
    return known
