"""A small demo, and everything that is published of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

DEMO = {"DDD_DEMO": "1", "DDD_DEMO_TASKS": "50", "DDD_DEMO_END": "2026-01-31", "PYTHONUNBUFFERED": "1"}
TOLD_BY_THE_CLOCK = {"about", "streams"}
"""Tables that say when something ran."""


def published(www: Path) -> dict[str, list[str]]:
    """Everything that is published, but what tells the time of a run."""
    tables = {}
    for path in sorted(www.glob("*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
            names = file.execute("select model_name from catalog_models order by 1").fetchall()
            for (name,) in names:
                if name not in TOLD_BY_THE_CLOCK:
                    tables[name] = sorted(map(repr, file.execute(f'select * from "{name}"')))
        file.close()
    return tables
