"""The pages under `/-/ddd/` that are no dashboards: overview, search, all metrics, data quality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from ddd.pages import HOME, html_page, pages_of
from ddd.views import impact
from ddd.views.all_metrics import all_metrics
from ddd.views.impact_try import suggested_day, tried
from ddd.views.overview import overview
from ddd.views.quality import quality
from ddd.views.queries import queries_of
from ddd.views.search import search, suggestions

LINKS = {"data-quality": "Data quality", "all-metrics": "All metrics"}


async def home(datasette: Datasette, request: Request) -> Response:
    """The figures of the last week, and the way to everything else."""
    return await html_page(datasette, request, "overview", await overview(datasette))


async def metrics(datasette: Datasette, request: Request) -> Response:
    """Every metric with its definition."""
    return await html_page(datasette, request, "all-metrics", all_metrics(datasette))


async def data_quality(datasette: Datasette, request: Request) -> Response:
    """What is wrong with the data, and how fresh they are."""
    return await html_page(datasette, request, "data-quality", await quality(datasette))


async def find(datasette: Datasette, request: Request) -> Response:
    """What a search found; one that names a task or a PHID leads there at once."""
    found = await search(datasette, request.args.get("q") or "")
    if request.url_vars["format"]:
        return Response.json(suggestions(found), headers={"cache-control": "max-age=5"})
    if found.exact:
        return Response.redirect(found.exact.url)
    about = pages_of(datasette).about
    server_url = about.task_url_prefix if about else ""
    return await html_page(datasette, request, "search", {"found": found, "server_url": server_url})


async def changes(datasette: Datasette, request: Request) -> Response:
    """Declared changes with their verdicts, a form to try any day, and signals that nobody explained."""
    impact.require_measured(datasette)
    about = pages_of(datasette).about
    shown = await tried(datasette, {name: request.args.get(name) or "" for name in request.args})
    weeks, weeks_count = await impact.signals(datasette, shown.subject_kind, shown.subject)
    context: dict[str, Any] = {
        "changes": await impact.declared(datasette),
        "changes_url": impact.data_url(datasette, "impact_changes"),
        "shown": shown,
        "suggested_day": suggested_day(about.as_of_date) if about else "",
        "weeks": weeks,
        "weeks_count": weeks_count,
        "signals_url": impact.data_url(datasette, "impact_signals"),
    }
    return await html_page(datasette, request, "impact", context)


async def change(datasette: Datasette, request: Request) -> Response:
    """What came of one declared change."""
    impact.require_measured(datasette)
    key = unquote(request.url_vars["change"])
    found = await impact.one(datasette, key)
    page = pages_of(datasette).dashboards.get("impact")
    if not found or not page:
        raise NotFound(f"There is no declared change {key} in these data: it may be newer than they are.")
    context = {
        "dashboard": page,
        "change": found,
        "shown": found.title,
        "lead": found.lead,
        "subject": found.key,
        "row": None,
    }
    return await html_page(datasette, request, "impact-change", context)


@hookimpl(tryfirst=True)
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The addresses of these pages; they come before those of the dashboards."""
    return [
        (r"^/-/ddd/$", home),
        (r"^/-/ddd/search(?P<format>\.json)?$", find),
        (r"^/-/ddd/all-metrics$", metrics),
        (r"^/-/ddd/data-quality$", data_quality),
        (r"^/-/ddd/impact$", changes),
        (r"^/-/ddd/impact/(?P<change>[^/]{1,200})$", change),
    ]


@hookimpl(trylast=True)
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """After the dashboards."""
    return [{"href": datasette.urls.path(f"{HOME}{slug}"), "label": label} for slug, label in LINKS.items()]


@hookimpl
def canned_queries(datasette: Datasette, database: str) -> dict[str, dict[str, str]]:
    """The queries of these pages, so that what they show can be looked at and taken away."""
    return {
        name: {"sql": query.sql, "title": query.title}
        for name, query in queries_of(datasette, database).items()
    }
