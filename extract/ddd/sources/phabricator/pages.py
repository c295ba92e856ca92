"""Asks for pages, and finds a way on where the server loses one.

A cursor is a bare id: the server loads its object again and starts the next page at that object's present
place (FACTS.md §2). So every walk here goes in the order of ids, which no edit changes; and where the
object of a cursor was destroyed or hidden meanwhile, the walk goes on after the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ddd.phab import Conduit
from ddd.phab.errors import (
    BadRequestError,
    ConduitError,
    CursorLostError,
    NotFoundError,
    PermissionDeniedError,
)
from ddd.sources.phabricator.answers import Page, split_search

PAGE_SIZE = 100
"""The largest page that search methods of Conduit allow; smaller ones overheat sooner."""

_RESTARTS = 3
_EMPTY_WINDOWS = 50


def page(phab: Conduit, stream: str, method: str, params: Mapping[str, Any]) -> Page:
    """One page of a search method.

    Raises:
        ConduitError: The server says no, or sends something else than pages.
    """
    answer = phab.call_bytes(method, params)
    try:
        return split_search(stream, answer)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise unknown_shape(method, error) from None


def unknown_shape(method: str, error: Exception) -> ConduitError:
    """The error for an answer that is no failure, but not what the method sends either."""
    return ConduitError(
        f"{method} sent an answer of an unknown shape ({error})",
        "Run again; if it persists, report it with the server's version",
    )


def pages(phab: Conduit, stream: str, method: str, params: Mapping[str, Any]) -> Iterator[Page]:
    """All pages of a search method, in an order of ids.

    Rows can come twice, after a cursor was lost.

    Raises:
        ConduitError: The server says no, or loses its place again and again.
    """
    restarts = 0
    found = page(phab, stream, method, params)
    yield found
    while found.after is not None:
        following = _after(phab, stream, method, params, [found.after, *found.cursors()])
        if following is None:
            restarts += 1
            if restarts > _RESTARTS:
                raise CursorLostError(
                    f"{method} lost its place {restarts} times",
                    "Run again when fewer objects are being hidden",
                )
            following = page(phab, stream, method, params)
        elif following.after == found.after:
            raise ConduitError(
                f"{method} repeats the cursor {found.after}", "Run again; if it persists, report it"
            )
        found = following
        yield found


def _after(
    phab: Conduit, stream: str, method: str, params: Mapping[str, Any], cursors: list[str]
) -> Page | None:
    """The page after the first of these objects that is still there; none where none of them is."""
    for cursor in dict.fromkeys(cursors):
        try:
            return page(phab, stream, method, {**params, "after": cursor})
        except (NotFoundError, PermissionDeniedError, BadRequestError):
            continue  # the first page was not refused, so this is about the cursor
    return None


def windows(
    phab: Conduit, stream: str, method: str, params: Mapping[str, Any], *, first: int = 1
) -> Iterator[Page]:
    """All objects from an id on, by windows of explicit ids: for walks that overheat.

    The server gives up a walk where too many objects in a row are hidden; ids that were named never
    overheat. The walk ends after 5,000 ids without a visible object.

    Raises:
        ConduitError: The server says no.
    """
    empty = 0
    while empty < _EMPTY_WINDOWS:
        ids = list(range(first, first + PAGE_SIZE))
        constraints = {**params.get("constraints", {}), "ids": ids}
        found = page(phab, stream, method, {**params, "constraints": constraints})
        empty = 0 if found.rows else empty + 1
        first += PAGE_SIZE
        if found.rows:
            yield found
