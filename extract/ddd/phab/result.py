"""`Result`: an answer of many pages that behaves like one list."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

from ddd.phab.errors import ConduitError, CursorLostError, PermissionDeniedError

Row = TypeVar("Row")

_FALLBACKS_COUNT = 10
"""Earlier rows that are tried as cursor when the last one of a page has vanished."""

_IDLE_PAGES_COUNT = 10
"""Pages in a row without anything new that are always put up with."""


class Result(Generic[Row]):
    """The rows of an answer; further pages are fetched when they are looked at.

    Each object occurs once, also where the server repeats it on a later page because it was edited
    meanwhile: then the row is the newer one. Where a page's last object was destroyed or hidden, the next
    page starts after the one before it.

    An answer that is a map (such as of `phid.query`) behaves like that map. `value` is the whole result of
    the newest page.

    Args:
        call: Calls a method and returns its decoded result.
        bind: Turns the PHIDs of a result into references.
        method: The method.
        params: Its parameters.
    """

    def __init__(
        self,
        call: Callable[[str, Mapping[str, Any]], Any],
        bind: Callable[[Any], Any],
        method: str,
        params: Mapping[str, Any],
    ) -> None:
        self.method = method
        self.params = dict(params)
        self._call = call
        self._bind = bind
        self._way = "before" if params.get("before") and not params.get("after") else "after"
        self._cursor: str | None = None
        self._fruitful_count = self._idle_count = 0  # pages with anything new; pages without since then
        self._rows: list[Row] = []
        self._positions: dict[Any, int] = {}
        self._page: list[Row] = []
        self._lock = threading.RLock()
        self.value: Any = None
        self.pages_count = 0
        self._take(call(method, self.params))

    def __repr__(self) -> str:
        more = ", more to come" if self.has_more() else ""
        return f"Result({self.method!r}, {len(self._rows)} rows{more})"

    def has_more(self) -> bool:
        """Whether the server has a further page."""
        return self._cursor is not None

    def next_page(self) -> list[Row]:
        """Fetch the next page.

        Returns:
            Its rows that did not occur before; empty where there is no further page.

        Raises:
            ConduitError: The server says no; asking again continues at the same place.
        """
        with self._lock:
            if self._cursor is None:
                return []
            known = len(self._rows)
            self._take(self._next_answer(self._cursor))
            return self._rows[known:]

    def fetch_all(self) -> Result[Row]:
        """Fetch every page.

        Returns:
            Itself.
        """
        while self.has_more():
            self.next_page()
        return self

    def keys(self) -> list[Any]:
        """The keys of an answer that is a map; with it `dict(result)` works.

        Raises:
            TypeError: It is a list.
        """
        if isinstance(self.value, dict) and "cursor" not in self.value:
            return list(self.value)
        raise TypeError(f"{self.method} answers with a list, not with a map")

    def __iter__(self) -> Iterator[Row]:
        position = 0
        while self._reach(position + 1):
            yield self._rows[position]
            position += 1

    def __len__(self) -> int:
        """The number of all rows; fetches every page."""
        self.fetch_all()
        return len(self._rows)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> list[Row]: ...

    @overload
    def __getitem__(self, key: str) -> Any: ...

    def __getitem__(self, key: int | slice | str) -> Any:
        if isinstance(key, str):
            if isinstance(self.value, dict):
                return self.value[key]
            raise KeyError(key)
        needed = _rows_needed(key)
        if needed is None:
            self.fetch_all()
        else:
            self._reach(needed)
        return self._rows[key]

    def __contains__(self, item: object) -> bool:
        """Whether a row is the item, or is about it, where the item is a PHID."""
        return any(
            row == item or (isinstance(item, str) and isinstance(row, dict) and row.get("phid") == item)
            for row in self
        )

    def _reach(self, count: int) -> bool:
        """Fetch pages until there are so many rows; whether there are."""
        while len(self._rows) < count and self.has_more():
            self.next_page()
        return len(self._rows) >= count

    def _next_answer(self, cursor: str) -> Any:
        try:
            return self._call(self.method, self._params_at(cursor))
        except (CursorLostError, PermissionDeniedError) as error:
            # the server re-reads the cursor's object, which was destroyed or hidden meanwhile
            for fallback in self._fallbacks(cursor):
                try:
                    return self._call(self.method, self._params_at(fallback))
                except (CursorLostError, PermissionDeniedError):
                    continue
            raise error from None

    def _fallbacks(self, cursor: str) -> list[str]:
        ids = [str(row["id"]) for row in self._page if isinstance(row, dict) and "id" in row]
        if self._way == "after":
            ids.reverse()
        return ids[1 : _FALLBACKS_COUNT + 1] if ids and ids[0] == cursor else []

    def _params_at(self, cursor: str) -> dict[str, Any]:
        return {**self.params, self._way: cursor}

    def _take(self, answer: Any) -> None:
        self.value = self._bind(answer)
        self.pages_count += 1
        self._page = _rows_in(self.value)
        known = len(self._rows)
        for row in self._page:
            key = row.get("phid") or row.get("id") if isinstance(row, dict) else None
            if key is not None and key in self._positions:
                self._rows[self._positions[key]] = row
                continue
            if key is not None:
                self._positions[key] = len(self._rows)
            self._rows.append(row)
        cursor = self.value.get("cursor") if isinstance(self.value, dict) else None
        following = cursor.get(self._way) if isinstance(cursor, dict) else None
        asked, self._cursor = self._cursor, None if following is None else str(following)
        if len(self._rows) > known:
            self._fruitful_count, self._idle_count = self._fruitful_count + 1, 0
        elif self._cursor is not None:
            self._idle_count += 1
            self._refuse_circles(asked)

    def _refuse_circles(self, asked: str | None) -> None:
        """Give up a walk that only repeats itself.

        Where rows move to the front while they are read, a walk may meet all of them again before it
        comes to new ones, so that a cursor may come back; more often than that it leads nowhere.
        """
        idle_limit = max(self._fruitful_count, _IDLE_PAGES_COUNT)
        if self._cursor == asked or self._idle_count > idle_limit:
            cursor, self._cursor = self._cursor, None
            raise ConduitError(
                f"{self.method} goes in circles: it comes back to the cursor {cursor}",
                "Ask in the order of ids (oldest or newest), which does not change while reading",
            )


def _rows_needed(key: int | slice) -> int | None:
    """How many rows must be there to look one up; none for all of them."""
    if isinstance(key, int):
        return None if key < 0 else key + 1
    return None if key.stop is None or key.stop < 0 or (key.start or 0) < 0 else int(key.stop)


def _rows_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        data = value.get("data")
        return data if isinstance(data, list) else list(value)
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
