"""`/-/ddd/health.json` for monitoring, and the line on every page that says when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from datasette import Response, hookimpl
from datasette.app import Datasette

from ddd.health import HTTP_STATUS, Health, as_json, health_of
from ddd.pages import pages_of
from ddd.published import About
from ddd.refresh_status import read_status


def _files(datasette: Datasette) -> dict[str, About]:
    return {name: one.about for name, one in pages_of(datasette).published.items()}


def _health(datasette: Datasette) -> Health:
    pages = pages_of(datasette)
    status = read_status(pages.published_dir) if pages.published_dir else None
    return health_of(_files(datasette), status, datetime.now(UTC))


async def health(datasette: Datasette) -> Response:
    """Freshness, last refresh, last failure and versions; 503 where somebody must act."""
    found = _health(datasette)
    answer = Response.json(as_json(found, _files(datasette)), status=HTTP_STATUS[found.state])
    answer.headers["cache-control"] = "no-store"
    return answer


@hookimpl(tryfirst=True)
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Before the dashboards, whose addresses look like this one."""
    return [(r"^/-/ddd/health\.json$", health)]


@hookimpl
def extra_template_vars(datasette: Datasette) -> dict[str, Any]:
    """What the frame of every page needs to say it."""
    return {"health": _health(datasette)}
