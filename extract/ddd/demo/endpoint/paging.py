"""Pages and cursors: a cursor is a bare id, and its object's present values say where the page starts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from ddd.demo.endpoint.answers import ConduitFailure, ServerCrash, core_failure


class Pageable(Protocol):
    """What a page is made of."""

    @property
    def id(self) -> int:
        """The number that cursors are made of."""
        ...

    @property
    def is_visible(self) -> bool:
        """Whether the account may see it."""
        ...


Item = TypeVar("Item", bound=Pageable)
Key = tuple[Any, ...]


@dataclass(frozen=True)
class PageSize:
    """A page size as it was asked for, which is how the answer repeats it."""

    count: int
    asked: Any = 100


def search_page_size(asked: Any) -> PageSize:
    """The page size of a search method, which refuses more than 100."""
    if asked is None:
        return PageSize(100)
    try:
        number = float(asked)
    except (TypeError, ValueError):
        number = 101.0
    if number > 100:
        raise ConduitFailure(
            "ERR-INVALID-PAGE-SIZE",
            f"Maximum page size for Conduit API method calls is 100, but this call specified {asked}.",
        )
    if number < 1:
        raise ConduitFailure(
            "ERR-INVALID-PAGE-SIZE",
            f"Minimum page size for Conduit API method calls is 1, but this call specified {asked}.",
        )
    return PageSize(int(number), asked)


def clamped_page_size(asked: Any) -> PageSize:
    """The page size of transaction.search and edge.search, which make 1,000 of anything greater."""
    if asked is None:
        return PageSize(100)
    count = int(asked)
    return PageSize(min(count, 1000), min(count, 1000))


def read_cursor(value: Any) -> str | None:
    """A cursor as sent; null, an empty string and "0" mean the first page."""
    if isinstance(value, list | dict):
        raise ServerCrash
    if value in {None, "", "0", 0}:
        return None
    return str(value)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page, in the order asked for, and the cursors of its neighbours."""

    items: list[Item]
    after: str | None
    before: str | None


def paginate(
    ordered: Sequence[tuple[Key, Item]],
    *,
    size: PageSize,
    after: Key | None,
    before: Key | None,
    matches: Callable[[Item], bool] | None = None,
    query_class: str = "",
) -> Page[Item]:
    """Cut a page out of everything.

    Args:
        ordered: All objects, visible or not, ascending by sort key.
        size: How many to return.
        after: Sort key of the cursor object; the page starts behind it.
        before: The same for going backwards; the page ends in front of it.
        matches: The constraints.
        query_class: The server's name of the query, for the message when it gives up.

    Raises:
        ConduitFailure: Too many invisible objects stand between the visible ones ("overheated").
    """
    wanted = size.count + 1
    if before is not None:
        stop = bisect_left(ordered, before, key=_first)
        rows: Iterable[Item] = (item for _, item in reversed(ordered[:stop]))
    else:
        start = 0 if after is None else bisect_right(ordered, after, key=_first)
        rows = (item for _, item in islice(ordered, start, None))
    if matches is not None:
        rows = filter(matches, rows)
    found = _visible(iter(rows), wanted, query_class)
    has_more = len(found) > size.count
    items = found[: size.count]
    if before is not None:
        items.reverse()
    return Page(
        items,
        after=str(items[-1].id) if items and (before is not None or has_more) else None,
        before=str(items[0].id)
        if items and (after is not None or (before is not None and has_more))
        else None,
    )


def _first(pair: tuple[Key, Any]) -> Key:
    return pair[0]


def _visible(rows: Iterator[Item], wanted: int, query_class: str) -> list[Item]:
    """Read as the server does: in pieces of what is still missing, until ten times that was examined."""
    found: list[Item] = []
    examined = 0
    while True:
        size = wanted - len(found)
        piece = list(islice(rows, size))
        examined += len(piece)
        found.extend(item for item in piece if item.is_visible)
        if len(found) >= wanted or len(piece) < size:
            return found
        if examined >= wanted * 10:
            raise core_failure(
                f'Query (of class "{query_class}") overheated: examined more than {wanted * 10} raw rows '
                f"without finding {wanted} visible objects."
            )


def lost_cursor(cursor: str, query_class: str) -> ConduitFailure:
    """The failure for a cursor whose object is gone."""
    return core_failure(f'Cursor "{cursor}" does not identify a valid object in query "{query_class}".')
