"""A site that a file stands in for: its histories are landed, and nothing is asked of any server."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ddd.errors import DataError, ExportError
from ddd.published import read_published
from ddd.segments import Segment, write_segment
from ddd.settings import MOCK_SITE, Settings, load_settings
from ddd.sources.phabricator import NAME, STREAMS
from ddd.sources.phabricator.answer_file import Histories
from ddd.sources.runs import run_folder
from ddd.warehouse import Documents, StreamRun

POLICIES = ("public", "unknown")
"""Who may see the tasks is not in the file; who names it wants to see them."""

_RUN_ID = 1


def mock_settings() -> Settings:
    """The settings for a file; what they say about a server does not matter."""
    return replace(load_settings(site=MOCK_SITE), export_policies=POLICIES)


def require_replaceable(settings: Settings) -> None:
    """Check that the published file holds nothing that somebody would miss.

    Raises:
        ExportError: It holds figures of a real server, or something unknown.
    """
    for path in (settings.metrics_path, settings.trains_path):
        if path.exists():
            _require_replaceable(path)


def _require_replaceable(path: Path) -> None:
    try:
        about = read_published(path).about
        holds = f"the figures of {about.site_name}"
        is_replaceable = about.is_demo or about.site_name == MOCK_SITE.name
    except DataError:
        holds, is_replaceable = "something that is no published file", False
    if not is_replaceable:
        raise ExportError(
            f"{path} holds {holds}, which a mock must not replace",
            "Name another folder with DATASETTE_DIR, such as DATASETTE_DIR=/tmp/mock",
        )


def land_histories(settings: Settings, histories: Histories) -> None:
    """Make the site anew from the histories of a file.

    The newest change in the file is the site's present: ages count up to then.

    Raises:
        WarehouseError: The warehouse is open in another program, or the disk is full.
    """
    for path in settings.site_dir.glob(f"{settings.documents_path.name}*"):
        path.unlink()
    shutil.rmtree(settings.segments_dir, ignore_errors=True)
    now = datetime.now(UTC)
    folder = run_folder(settings.segments_dir, _RUN_ID)
    folder.mkdir(parents=True)
    write_segment(folder, "all", Segment("transactions", histories.documents, histories.rejected), now)
    present = histories.newest_change_at
    with Documents(settings, NAME, STREAMS) as documents:
        documents.land(folder, _RUN_ID)
        documents.record(
            [
                StreamRun(
                    run_id=_RUN_ID,
                    source=NAME,
                    stream=stream,
                    mode="mock",
                    started_at=now,
                    server_time_at=present,
                    watermark_at=None,
                    requests_count=0,
                    documents_count=len(histories.documents) if stream == "transactions" else 0,
                    bytes_count=0,
                )
                for stream in STREAMS
            ]
        )
    shutil.rmtree(folder)
