"""The page on the data's quality: findings by severity and kind, and how fresh each stream is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette

from ddd.health import age_text
from ddd.pages import HOME, pages_of
from ddd.views.overview import DATABASE
from ddd.views.queries import query_url, rows_of

SHOWN = 20
"""So many objects of a kind of finding are shown; the table has all."""

SEVERITIES = {
    "error": "Figures lack something.",
    "warning": "Some figures may be wrong.",
    "info": "Worth knowing.",
}


async def quality(datasette: Datasette) -> dict[str, Any]:
    """Everything that the template shows."""
    pages = pages_of(datasette)
    kinds = await rows_of(datasette, DATABASE, "data_quality_kinds")
    for kind in kinds:
        given = {"severity": kind["severity"], "finding": kind["finding"]}
        objects = await rows_of(datasette, DATABASE, "data_quality_objects", given)
        kind["objects"] = [_object(datasette, row) for row in objects[:SHOWN]]
        table = datasette.urls.table(DATABASE, "data_quality")
        kind["url"] = f"{table}?{urlencode({'finding': kind['finding']})}"
    streams = await rows_of(datasette, DATABASE, "data_quality_streams")
    return {
        "is_checked": any("data_quality" in one.models for one in pages.published.values()),
        "severities": [
            (severity, text, [kind for kind in kinds if kind["severity"] == severity])
            for severity, text in SEVERITIES.items()
        ],
        "streams": [_stream(row) for row in streams],
        "streams_url": query_url(datasette, DATABASE, "data_quality_streams") if streams else "",
        "kinds_url": query_url(datasette, DATABASE, "data_quality_kinds") if kinds else "",
    }


def _object(datasette: Datasette, row: dict[str, Any]) -> dict[str, Any]:
    task = row["task_id"]
    return {
        "kind": row["object_kind"],
        "name": f"T{task}" if task is not None else row["object_key"] or "",
        "title": row["title"] or "",
        "url": datasette.urls.path(f"{HOME}task/T{task}") if task is not None and row["title"] else "",
        "detail": row["detail"] or "",
    }


def _stream(row: dict[str, Any]) -> dict[str, Any]:
    """A stream, and how long before the tasks it was last fetched whole; less than a day is none."""
    behind = ""
    if not row["complete_at"]:
        behind = "never complete"
    elif row["behind_days"] is not None and row["behind_days"] > 1:
        behind = f"{age_text(timedelta(days=row['behind_days']))} behind the tasks"
    return {**row, "behind": behind, "name": row["stream"].replace("_", " ")}
