"""Removes what killed processes and sources of the past have left: the rule is in docs/operations.md."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ddd import logs
from ddd.settings import Settings

KEPT = timedelta(days=30)
"""What a source fetched and never landed, because it is configured no longer, is kept for so long."""


def tidy(settings: Settings, configured: Collection[str], now: datetime | None = None) -> list[Path]:
    """Remove what nobody will need; call it with the site's lock held.

    Args:
        settings: Which site.
        configured: Names of the sources that will look for their own killed runs.
        now: The present.

    Returns:
        What was removed.
    """
    oldest = (now or datetime.now(UTC)) - KEPT
    left = [
        settings.site_dir / "building",
        *settings.site_dir.glob("*.part"),
        *settings.www_dir.glob("*.db.new*"),  # of an older Data³
        *(
            run
            for run in settings.site_dir.glob("segments*/run-*")
            if _source_of(run) not in configured and _changed_at(run) < oldest
        ),
    ]
    removed = [path for path in left if path.exists()]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        logs.event("removed", path=str(path))
    return removed


def _source_of(run: Path) -> str:
    return run.parent.name.removeprefix("segments").removeprefix("-") or "phabricator"


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
