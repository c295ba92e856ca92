"""The small streams, which are read whole in every run: Conduit cannot tell what changed in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.progress import Progress

from ddd.parallel import in_parallel
from ddd.phab import Conduit
from ddd.phab.errors import BadRequestError, OverheatedError, PermissionDeniedError
from ddd.segments import Rejected, Segment
from ddd.sources.phabricator.answers import Page
from ddd.sources.phabricator.pages import PAGE_SIZE, pages, windows
from ddd.sources.runs import Run

# by ids: an object that is renamed during a walk in the order of names could be missed
_BY_ID = {"order": "oldest", "limit": PAGE_SIZE}

REFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "statuses": ("maniphest.status.search", {}),
    "priorities": ("maniphest.priority.search", {}),
    # without the constraint archived projects and milestones are left out
    "projects": (
        "project.search",
        {
            "constraints": {"status": "all"},
            "attachments": {"ancestors": True, "members": True, "watchers": True},
            **_BY_ID,
        },
    ),
    "columns": ("project.column.search", _BY_ID),
    "users": ("user.search", _BY_ID),
}
"""Each stream's method and parameters."""


def fetch_references(run: Run, phab: Conduit, bar: Progress, *, threads_count: int) -> None:
    """Fetch all reference streams that the run does not have yet.

    A stream that the account may not read is quarantined as a whole, and the others go on.

    Args:
        run: The run.
        phab: The server.
        bar: Where to draw progress.
        threads_count: Requests under way at once; each stream is read page by page.

    Raises:
        ConduitError: The server says no; streams that are read are on disk.
    """
    shown = bar.add_task("Fetching projects, columns and users", total=None)

    def fetch(stream: str) -> Segment:
        method, params = REFERENCES[stream]
        segment = Segment(stream)
        try:
            for page in read_reference(phab, stream, method, params):
                segment.add(page.documents)
                segment.rejected.extend(page.rejected)
                bar.advance(shown, len(page.documents))
        except PermissionDeniedError as error:
            segment.rejected.append(Rejected(stream, "", "", f"{method} is denied: {error.info}"))
        return segment

    missing = [stream for stream in REFERENCES if not run.has(stream, "all")]
    for _, segment in in_parallel(fetch, missing, threads_count=threads_count):
        run.keep("all", segment)


def read_reference(phab: Conduit, stream: str, method: str, params: dict[str, Any]) -> Iterator[Page]:
    """All pages of a reference stream, or of a choice from it.

    Args:
        phab: The client.
        stream: Which stream the rows belong to.
        method: Its method, as in `REFERENCES`.
        params: Its parameters from there, with constraints where only some objects are wanted.

    Raises:
        ConduitError: The server says no.
    """
    try:
        yield from pages(phab, stream, method, params)
    except OverheatedError:
        yield from windows(phab, stream, method, params)
    except BadRequestError as error:
        if "order" not in params or "order" not in error.info:
            raise
        without = {name: value for name, value in params.items() if name != "order"}
        yield from read_reference(phab, stream, method, without)
