"""Fetches Phabricator's streams over Conduit: what to ask for, and in which order.

Every trap met here is described where it was observed: the server re-reads a cursor's object, so walks go
by id; histories come in one unbounded answer, so batches are halved when the server runs out of memory; one
task that the server cannot read fails the whole answer, so the batch is halved until that task stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ddd.phab import Conduit
from ddd.phab.errors import (
    ConduitError,
    NotFoundError,
    OverheatedError,
    PermissionDeniedError,
    ServerTroubleError,
)
from ddd.segments import Document, Rejected, Segment
from ddd.sources.phabricator.answers import Page, split_history, split_search

PAGE_SIZE = 100
"""The largest page that search methods of Conduit allow; smaller ones overheat sooner."""

HISTORY_SIZE = 250
"""Tasks in one request for histories: the best rate of those measured, about 1 to 3 MB an answer."""

TASK_ATTACHMENTS = {"columns": True, "projects": True, "subscribers": True}

REFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "statuses": ("maniphest.status.search", {}),
    "priorities": ("maniphest.priority.search", {}),
    # without the constraint archived projects and milestones are left out
    "projects": (
        "project.search",
        {
            "constraints": {"status": "all"},
            "attachments": {"ancestors": True, "members": True, "watchers": True},
            "limit": PAGE_SIZE,
        },
    ),
    "columns": ("project.column.search", {"limit": PAGE_SIZE}),
    "users": ("user.search", {"limit": PAGE_SIZE}),
}
"""Streams that are read whole in every run: Conduit cannot tell what changed in them."""


def references(phab: Conduit, stream: str) -> Segment:
    """Read a small stream whole."""
    method, params = REFERENCES[stream]
    segment = Segment(stream)
    for page in _pages(phab, stream, method, params):
        _collect(segment, page)
    return segment


def highest_task_id(phab: Conduit) -> int:
    """The highest id of a task that this account may see; 0 where there is none."""
    page = _page(phab, "tasks", "maniphest.search", {"order": "newest", "limit": PAGE_SIZE})
    return max((int(document.key) for document in page.documents), default=0)


def newest_change(phab: Conduit) -> int | None:
    """When a visible task was changed last, by the server's clock, in seconds since 1970.

    Asked before the first page of a walk this is the next walk's starting point: whatever changes
    while walking is newer.
    """
    page = _page(phab, "tasks", "maniphest.search", {"order": "updated", "limit": PAGE_SIZE})
    return max((document.modified_epoch or 0 for document in page.documents), default=None)


def tasks_by_id(phab: Conduit, first: int, last: int) -> Segment:
    """Tasks with ids from `first` to `last`, both included, in windows that need no cursor."""
    segment = Segment("tasks")

    def ask(ids: Sequence[int]) -> Page:
        params = {
            "constraints": {"ids": list(ids)},
            "attachments": TASK_ATTACHMENTS,
            "order": "oldest",
            "limit": PAGE_SIZE,
        }
        return _page(phab, "tasks", "maniphest.search", params)

    for start in range(first, last + 1, PAGE_SIZE):
        _in_parts(phab, range(start, min(start + PAGE_SIZE, last + 1)), ask, segment)
    return segment


def tasks_changed_since(phab: Conduit, epoch: int) -> Iterator[Segment]:
    """Pages of the tasks that were changed at or after a time, in the order of their ids.

    This order neither loses nor repeats a task that is edited while walking, and there is no upper
    bound because a task that is edited would leave the window.
    """
    params = {
        "constraints": {"modifiedStart": max(epoch, 1)},
        "attachments": TASK_ATTACHMENTS,
        "order": "oldest",
        "limit": PAGE_SIZE,
    }
    for page in _pages(phab, "tasks", "maniphest.search", params):
        segment = Segment("tasks")
        _collect(segment, page)
        yield segment


def histories(phab: Conduit, task_ids: Sequence[int]) -> Segment:
    """All transactions of some tasks; a task whose history the server cannot give is quarantined."""
    segment = Segment("transactions")

    def ask(ids: Sequence[int]) -> Page:
        return split_history(phab.call_bytes("maniphest.gettasktransactions", {"ids": list(ids)}))

    for start in range(0, len(task_ids), HISTORY_SIZE):
        _in_parts(phab, task_ids[start : start + HISTORY_SIZE], ask, segment)
    return segment


def _in_parts(
    phab: Conduit, task_ids: Sequence[int], ask: Callable[[Sequence[int]], Page], segment: Segment
) -> None:
    try:
        page = ask(task_ids)
    except ConduitError as error:
        if not _is_about_these_tasks(phab, error):
            raise
        if len(task_ids) == 1:
            reason = f"The server cannot give T{task_ids[0]}: {error.info or error.what}"
            segment.rejected.append(Rejected(segment.stream, str(task_ids[0]), "", reason))
            return
        middle = len(task_ids) // 2
        _in_parts(phab, task_ids[:middle], ask, segment)
        _in_parts(phab, task_ids[middle:], ask, segment)
    else:
        _collect(segment, page)


def _is_about_these_tasks(phab: Conduit, error: ConduitError) -> bool:
    """Whether a request for fewer tasks may succeed: the server is well, but not with this request."""
    if error.is_too_much or isinstance(error, OverheatedError | PermissionDeniedError | NotFoundError):
        return True
    if not isinstance(error, ServerTroubleError):
        return False
    try:
        phab.call("conduit.ping")
    except ConduitError:
        return False
    return True


def _page(phab: Conduit, stream: str, method: str, params: dict[str, Any]) -> Page:
    return split_search(stream, phab.call_bytes(method, params))


def _pages(phab: Conduit, stream: str, method: str, params: dict[str, Any]) -> Iterator[Page]:
    after: str | None = None
    while True:
        page = _page(phab, stream, method, params if after is None else {**params, "after": after})
        yield page
        if page.after is None:
            return
        if page.after == after:
            raise ConduitError(f"{method} repeats the cursor {after}", "Run again; if it persists, report it")
        after = page.after


def _collect(segment: Segment, page: Page) -> None:
    segment.documents.extend(page.documents)
    segment.rejected.extend(page.rejected)


def ids_of(documents: list[Document]) -> list[int]:
    """Task ids of task documents."""
    return [int(document.key) for document in documents]
