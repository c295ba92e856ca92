"""The dashboards under `/-/ddd/`, and what every page shares: navigation, whose data these are, errors."""

from __future__ import annotations

import re
import sqlite3
import sys
import traceback
from collections.abc import Awaitable, Callable, Generator
from typing import Any
from urllib.parse import quote, unquote

from datasette import Forbidden, NotFound, Request, Response, hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Base400
from datasette.views.base import DatasetteError
from jinja2 import Environment

from ddd.dashboards import Dashboard
from ddd.dashboards.page import asked_of
from ddd.errors import OutdatedError
from ddd.pages import HOME, definition, entered, first_paragraph, html_page, pages_of, prose
from ddd.views.queries import require_answerable

UNREADABLE = (ValueError, OverflowError, TypeError, sqlite3.ProgrammingError)
"""What Datasette's own pages fail with when asked for what makes no sense, such as a facet of `{{`."""

SERVER_ERROR = "The server could not answer. Its log says why."


async def dashboard(datasette: Datasette, request: Request) -> Response:
    """One dashboard; its charts are drawn by the browser."""
    found = pages_of(datasette).dashboards.get(request.url_vars["slug"])
    if not found:
        raise NotFound(f"There is no dashboard called {request.url_vars['slug']}")
    if request.url_vars.get("format"):
        return Response.json(definition(datasette, found))
    if found.subject:
        return await _subjects(datasette, request, found)
    return await html_page(datasette, request, "dashboard", {"dashboard": found, "shown": found.title})


async def _subjects(datasette: Datasette, request: Request, found: Dashboard) -> Response:
    """Ask which subject it is to be, or go there."""
    if subject := request.args.get("subject", "").strip():
        return Response.redirect(datasette.urls.path(f"{HOME}{found.slug}/{quote(subject, safe='')}"))
    choices: list[dict[str, Any]] = []
    if found.subject and found.subject.choices:
        choices = await _rows(datasette, found, found.subject.choices, "")
    return await html_page(datasette, request, "subjects", {"dashboard": found, "choices": choices})


async def subject(datasette: Datasette, request: Request) -> Response:
    """A dashboard about one thing, such as a task, which must be there."""
    found = pages_of(datasette).dashboards.get(request.url_vars["slug"])
    if not found or not found.subject:
        raise NotFound("")
    name = unquote(request.url_vars["subject"])
    fits = re.fullmatch(found.subject.pattern, name)
    value = fits[1] if fits and fits.re.groups else name
    rows = await _rows(datasette, found, found.subject.query, value) if fits else []
    if not rows:
        wanted = f"There is no {found.subject.noun} {name} in these data"
        raise NotFound(f"{wanted}: it may be newer than they are, or not open to the public.")
    context = {
        "dashboard": found,
        "shown": filled(found.subject.title, rows[0]),
        "lead": filled(found.subject.lead, rows[0]),
        "subject": value,
        "row": rows[0],
    }
    return await html_page(datasette, request, "dashboard", context)


async def _rows(datasette: Datasette, page: Dashboard, query: str, value: str) -> list[dict[str, Any]]:
    require_answerable(datasette, page.database, page.query_name(query))
    sql = page.queries[query]
    parameters = dict.fromkeys(asked_of(sql), "") | {"subject": value}
    answer = await datasette.execute(page.database, sql, parameters)
    return [dict(row) for row in answer.rows]


def filled(text: str, row: dict[str, Any]) -> str:
    """A text with the columns of a row in their places, times to the minute; the template escapes it."""

    def value(name: re.Match[str]) -> str:
        found = "" if row.get(name[1]) is None else str(row[name[1]])
        return found[:16].replace("T", " ") if name[1].endswith("_at") else found

    return re.sub(r"\{(\w+)\}", value, text).strip()


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The addresses of our pages."""
    return [
        (r"^/-/ddd$", lambda datasette: Response.redirect(datasette.urls.path(HOME))),
        (r"^/-/ddd/(?P<slug>[a-z0-9][a-z0-9-]{0,63})(?P<format>\.json)?$", dashboard),
        (r"^/-/ddd/(?P<slug>[a-z0-9][a-z0-9-]{0,63})/(?P<subject>[^/]{1,200})$", subject),
    ]


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """Descriptions of the dbt YAML as HTML."""
    env.filters["prose"] = prose
    env.filters["first_paragraph"] = first_paragraph
    env.filters["entered"] = entered


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """Home and every dashboard, in the navigation of every page."""
    slugs = pages_of(datasette).dashboards
    links = [{"href": datasette.urls.path(HOME), "label": "Overview"}]
    return links + [
        {"href": datasette.urls.path(f"{HOME}{slug}"), "label": found.title} for slug, found in slugs.items()
    ]


@hookimpl
def extra_template_vars(datasette: Datasette) -> dict[str, Any]:
    """What our templates show on every page."""
    pages = pages_of(datasette)
    return {
        "pages": pages,
        "about": pages.about,
        "home_url": datasette.urls.path(HOME),
        "asset": lambda path: f"{datasette.urls.path(f'/static/{path}')}?v={pages.version}",
    }


@hookimpl(tryfirst=True)
def asgi_wrapper(datasette: Datasette) -> Callable[[Any], Any]:
    """Say of queries of ours that the published file is too old for them, in whatever form they are asked.

    Datasette itself would show SQLite's words on their page, and give an empty CSV file.
    """

    def wrap(application: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def with_outdated(scope: dict[str, Any], receive: Any, send: Any) -> None:
            path = scope.get("path", "").removeprefix(datasette.setting("base_url").rstrip("/"))
            database, _, query = path.removeprefix("/").partition("/")
            try:
                if database in pages_of(datasette).published:
                    require_answerable(datasette, database, query.partition(".")[0])
            except OutdatedError as error:
                without_forms = {"csrftoken": str}  # which Datasette adds later, and its templates ask for
                answer = await _error(datasette, Request(scope | without_forms, receive), error)
                await answer.asgi_send(send)
            else:
                await application(scope, receive, send)

        return with_outdated

    return wrap


@hookimpl(hookwrapper=True)
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Generator[None, Any, None]:
    """Answer errors with a page of ours that leads back, instead of Datasette's bare one.

    Datasette's own handler would also print every 404 with the values of all local variables.
    """
    outcome = yield
    outcome.force_result([lambda: _error(datasette, request, exception)])


@hookimpl
def forbidden(datasette: Datasette, request: Request, message: str) -> Callable[[], Any]:
    """Answer what is closed in public like any other error."""
    return lambda: _error(datasette, request, Forbidden(message))


async def _error(datasette: Datasette, request: Request, exception: Exception) -> Response:
    status, title, message = 500, "Something went wrong", SERVER_ERROR
    if isinstance(exception, Forbidden):
        status, title, message = 403, "Not open to visitors", "This server does not offer that."
    elif isinstance(exception, NotFound):
        status, title, message = 404, "There is no such page", str(exception)
    elif isinstance(exception, OutdatedError):
        status, title, message = 503, "These figures are older than the pages", f"{exception}."
    elif isinstance(exception, Base400):
        status, title, message = exception.status, "That request makes no sense", str(exception)
    elif isinstance(exception, DatasetteError):
        # It calls what a visitor asked wrongly, such as to sort by what is no column, an error of the server.
        status = 400 if exception.status == 500 else exception.status
        title, message = exception.title or "That did not work", exception.message
        if exception.message_is_html:  # the only such message of Datasette
            message = "The query took longer than the server allows. Choose less, or aggregate first."
    else:
        if isinstance(exception, UNREADABLE) and request.query_string and "/-/" not in request.path:
            status, title, message = (
                400,
                "That request makes no sense",
                "Something in the address is not valid.",
            )
        traceback.print_exception(exception, file=sys.stderr)
    if message in {"404", ""}:
        message = f"Nothing is at {request.path}."
    if request.path.endswith((".json", ".rows")):
        body = {"ok": False, "error": message, "status": status, "title": title}
        return Response.json(body, status=status)
    html = await datasette.render_template(
        "error.html", {"status": status, "title": title, "error": message}, request=request
    )
    return Response.html(html, status=status)
