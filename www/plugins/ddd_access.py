"""What leaves the server: security headers on every answer, and open SQL only for this machine."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

from datasette import hookimpl
from datasette.app import Datasette
from datasette.database import Database

from ddd.errors import DataError
from ddd.pages import pages_of
from ddd.serve import is_loopback
from ddd.vega import write_vega

CONTENT_SECURITY_POLICY = "; ".join([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",  # charts set styles on their elements
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
])  # fmt: skip

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

# Their answers name files and threads of this machine.
MACHINE_PAGES = ("/-/databases", "/-/databases.json", "/-/threads", "/-/threads.json")
INDEX_TABLE = re.compile(r"_fts(_(data|idx|docsize|config|content))?$|^sqlite_")
CLOSED_ACTIONS = {"execute-sql", "view-database-download"}


class Visit(NamedTuple):
    """The request that is being answered."""

    path: str
    is_remote: bool


_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]


@hookimpl
def startup(datasette: Datasette) -> None:
    """Open published files immutable, also where the plain command opened them otherwise.

    `datasette FOLDER` opens every `*.db` of the folder as a file that may change: it then asks for locks,
    counts rows anew for every page and mixes old and new rows when the file is replaced.
    """
    for name, database in list(datasette.databases.items()):
        if database.path and database.is_mutable:
            datasette.remove_database(name)
            datasette.add_database(Database(datasette, path=database.path, is_mutable=False), name=name)
    try:
        write_vega(pages_of(datasette).www_dir)
    except DataError:
        return  # a folder that cannot be written: the pages say that the chart library is missing


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Application], Application]:
    """Add the security headers to every answer, and note whether the visitor is on this machine."""

    def wrap(application: Application) -> Application:
        async def with_headers(scope: Scope, receive: Any, send: Send) -> None:
            if scope["type"] != "http":
                await application(scope, receive, send)
                return
            is_versioned = scope["path"].startswith(f"{datasette.setting('base_url')}static/") and scope[
                "query_string"
            ].startswith(b"v=")

            async def send_with_headers(event: dict[str, Any]) -> None:
                if event["type"] == "http.response.start":
                    added = dict(HEADERS)
                    if is_versioned and event["status"] == 200:
                        added["cache-control"] = "public, max-age=31536000, immutable"
                    kept = [pair for pair in event["headers"] if pair[0].decode().lower() not in added]
                    headers = [*kept, *((name.encode(), value.encode()) for name, value in added.items())]
                    event = {**event, "headers": headers}
                await send(event)

            # Datasette answers a search for nothing with an error of SQLite, not with all rows.
            asked = scope["query_string"].split(b"&")
            scope = scope | {"query_string": b"&".join(one for one in asked if one != b"_search=")}
            token = _visit.set(Visit(scope["path"], is_remote(scope)))
            try:
                await application(scope, receive, send_with_headers)
            finally:
                _visit.reset(token)

        return with_headers

    return wrap


@hookimpl
def permission_allowed(datasette: Datasette, action: str, resource: Any) -> bool | None:
    """Open SQL, downloads and pages about the machine are for its own visitors, however it was started.

    The tables that SQLite keeps for itself are shown to nobody: rows of a full-text index cannot be.
    """
    if action == "view-table" and INDEX_TABLE.search(resource[1]):
        return False
    visit = _visit.get()
    is_about_machine = action == "view-instance" and visit is not None and visit.path.endswith(MACHINE_PAGES)
    return False if (is_about_machine or action in CLOSED_ACTIONS) and is_closed(datasette) else None


@hookimpl
def extra_template_vars(datasette: Datasette, template: str) -> dict[str, bool]:
    """Datasette's own page offers a download by its setting alone."""
    return {"allow_download": False} if template.startswith("database") and is_closed(datasette) else {}


def is_closed(datasette: Datasette) -> bool:
    """Whether open SQL is off: by setting, or for this visitor."""
    visit = _visit.get()
    return (visit is not None and visit.is_remote) or not datasette.setting("default_allow_sql")


def is_remote(scope: Scope) -> bool:
    """Whether a request may come from another machine, or from another site in this machine's browser.

    The address of either end, or a host name that is not this machine's own, gives it away.
    """
    ends = [end[0] for end in (scope.get("client"), scope.get("server")) if end]
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    names = [host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host for host in hosts]
    return not all(is_loopback(name.strip("[]")) for name in [*ends, *names])
