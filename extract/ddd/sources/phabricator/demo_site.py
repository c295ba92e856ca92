"""Keeps documents of two simulated organisations apart."""

from __future__ import annotations

import shutil

from ddd.settings import Settings


def renew_demo(settings: Settings) -> None:
    """Start anew where the simulated organisation is another one than last time: two must not mix."""
    from ddd.demo import demo_identity  # noqa: PLC0415 - the demo is not loaded for a real server

    settings.site_dir.mkdir(parents=True, exist_ok=True)
    mark, identity = settings.site_dir / "demo.txt", demo_identity(settings.demo)
    known = mark.read_text() if mark.exists() else None
    if known is not None and known != identity:
        settings.documents_path.unlink(missing_ok=True)
        shutil.rmtree(settings.segments_dir, ignore_errors=True)
    mark.write_text(identity)
