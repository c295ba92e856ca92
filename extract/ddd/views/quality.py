"""The page on the data's quality: findings by severity and kind, and how fresh each stream is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

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
        "url": _page_of(datasette, row),
        "detail": row["detail"] or "",
    }


def _page_of(datasette: Datasette, row: dict[str, Any]) -> str:
    """Where the object itself is shown; empty where it is on no page."""
    dashboards = pages_of(datasette).dashboards
    place = ""
    if row["task_id"] is not None:
        place = f"task/T{row['task_id']}" if row["title"] else ""
    elif row["version"] and "train" in dashboards:
        place = f"train/{quote(row['version'], safe='')}"
    elif row["pipeline"] and "deployments" in dashboards:
        chosen = {"tab": "dora", "pipeline": row["pipeline"], "environment": row["environment"]}
        place = f"deployments?{urlencode(chosen)}"
    return str(datasette.urls.path(f"{HOME}{place}")) if place else ""


def _stream(row: dict[str, Any]) -> dict[str, Any]:
    """A stream, and for how long it has not been fetched whole where that is too long."""
    behind = ""
    if not row["complete_at"]:
        behind = "never complete"
    elif row["is_behind"]:
        behind = f"{age_text(timedelta(days=row['behind_days']))} behind"
    return {**row, "behind": behind, "name": row["stream"].replace("_", " ")}
