"""Tasks: by windows of ids, by what changed, by project; and how far the ids go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ddd.phab import Conduit
from ddd.phab.errors import OverheatedError
from ddd.sources.phabricator.answers import Page
from ddd.sources.phabricator.pages import PAGE_SIZE, page, pages, windows

METHOD = "maniphest.search"
ATTACHMENTS = {"columns": True, "projects": True, "subscribers": True}


def by_id(phab: Conduit, stream: str) -> Callable[[Sequence[int]], Page]:
    """What asks for tasks by their ids, at most a page of them: they need no cursor.

    Args:
        phab: The server.
        stream: `tasks` for whole tasks, `sweep` for just their ids and dates.
    """
    attachments = {"attachments": ATTACHMENTS} if stream == "tasks" else {}

    def ask(ids: Sequence[int]) -> Page:
        params = {"constraints": {"ids": list(ids)}, "order": "oldest", "limit": PAGE_SIZE, **attachments}
        return page(phab, stream, METHOD, params)

    return ask


def matching(phab: Conduit, constraints: dict[str, Any]) -> Iterator[Page]:
    """Pages of the tasks that meet constraints, in the order of their ids.

    This order neither loses nor repeats a task that is edited while walking. There must be no upper
    bound of modification times, because a task that is edited would leave the window.
    """
    params = {
        "constraints": constraints,
        "attachments": ATTACHMENTS,
        "order": "oldest",
        "limit": PAGE_SIZE,
    }
    return pages(phab, "tasks", METHOD, params)


def highest_id(phab: Conduit, known: int) -> int:
    """The highest id of a task that this account may see, or that is known; 0 where there is none.

    Args:
        phab: The server.
        known: The highest id in the warehouse.
    """
    try:
        found = page(phab, "sweep", METHOD, {"order": "newest", "limit": PAGE_SIZE})
    except OverheatedError:
        # more than a thousand newest tasks are hidden
        ids = (
            row.key for one in windows(phab, "sweep", METHOD, {}, first=known + 1) for row in one.documents
        )
        return max(map(int, ids), default=known)
    return max(known, *(int(document.key) for document in found.documents))


def newest_change(phab: Conduit) -> int | None:
    """When a visible task was changed last, by the server's clock, in seconds since 1970.

    Asked before the first page of a walk this is the next walk's starting point: whatever changes
    while walking is newer. None where there is no task.
    """
    try:
        found = page(phab, "sweep", METHOD, {"order": "updated", "limit": PAGE_SIZE})
    except OverheatedError:
        # more than a thousand tasks that changed last are hidden: the server's clock serves as well
        return int(phab.server_time.timestamp()) if phab.server_time else None
    return max((document.modified_epoch or 0 for document in found.documents), default=None)


def window_starts(highest: int) -> Iterator[int]:
    """The first ids of all windows up to an id."""
    yield from range(1, highest + 1, PAGE_SIZE)


def window(first: int, highest: int) -> range:
    """The ids of a window."""
    return range(first, min(first + PAGE_SIZE, highest + 1))
