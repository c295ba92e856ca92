"""The orders of maniphest.search, and the order of names."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import total_ordering
from typing import Any

from ddd.demo.endpoint.answers import core_failure
from ddd.demo.endpoint.documents import StoredObject
from ddd.demo.endpoint.paging import Key

_BUILTIN = {
    "priority": ["priority", "id"],
    "order-priority": ["priority", "id"],
    "updated": ["updated", "id"],
    "order-modified": ["updated", "id"],
    "outdated": ["-updated", "-id"],
    "newest": ["id"],
    "created": ["id"],
    "order-created": ["id"],
    "oldest": ["-id"],
    "closed": ["closed", "id"],
    "title": ["title", "id"],
    "order-title": ["title", "id"],
    "relevance": ["id"],  # without words to search for
}

_SUPPORTED_ORDERS = (
    "priority, order-priority, updated, order-modified, outdated, newest, created, order-created, oldest, "
    "closed, title, order-title, custom.release.date, custom:std:maniphest:release.date, "
    "-custom.release.date, relevance"
)
_SUPPORTED_KEYS = (
    "id, custom.release.date, rank, fulltext-created, fulltext-modified, priority, owner, status, project, "
    "title, updated, closed"
)

_PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""In the order of the Unicode collation's default table."""


@total_ordering
class _Descending:
    """Turns the order of a value round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.value == other.value)

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def name_key(name: str) -> Key:
    """A name's place in the database's order (utf8mb4_unicode_ci): case and accents do not count."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return tuple(_letter_key(letter) for letter in plain if not unicodedata.combining(letter))


def _letter_key(letter: str) -> tuple[int, int]:
    if letter in _PUNCTUATION:
        return 0, _PUNCTUATION.index(letter)
    if letter.isdecimal():
        return 1, ord(letter)
    # what lies beyond the first plane, emoji above all, is all one to this collation
    return 2, min(ord(letter), 0xFFFD)


def _closed_key(task: StoredObject) -> Key:
    closed = task.fields["dateClosed"]
    return (1, 0) if closed is None else (0, -closed)


# ascending in the direction that the server takes as a key's natural one
_KEYS: dict[str, Callable[[StoredObject], Any]] = {
    "id": lambda task: -task.id,
    "priority": lambda task: -task.fields["priority"]["value"],
    "updated": lambda task: -task.fields["dateModified"],
    "closed": _closed_key,
    "title": lambda task: name_key(task.fields["name"]),
}


def order_vector(order: Any) -> tuple[str, ...]:
    """The sort keys of a builtin order or of a vector; `-` turns one round.

    Raises:
        ConduitFailure: The server knows no such order, or it does not end in a unique key.
    """
    if order is None:
        return ("priority", "id")
    if isinstance(order, str):
        if order not in _BUILTIN:
            raise core_failure(
                f'Query "ManiphestTaskQuery" does not support a builtin order "{order}". '
                f"Supported orders are: {_SUPPORTED_ORDERS}."
            )
        return tuple(_BUILTIN[order])
    vector = tuple(str(key) for key in order)
    for key in vector:
        if key.removeprefix("-") not in _KEYS:
            raise core_failure(
                f'This query ("ManiphestTaskQuery") does not support sorting by order key "{key}". '
                f"Supported orders are: {_SUPPORTED_KEYS}."
            )
    if not vector or vector[-1].removeprefix("-") != "id":
        last = vector[-1] if vector else ""
        raise core_failure(
            f'Order vector "{", ".join(vector)}" is invalid: the last column in an order must be a column '
            f'with unique values, but "{last}" is not unique.'
        )
    return vector


def sort_key(vector: tuple[str, ...]) -> Callable[[StoredObject], Key]:
    """The function that gives a task's place in an order."""
    parts = [(_KEYS[key.removeprefix("-")], key.startswith("-")) for key in vector]

    def place(task: StoredObject) -> Key:
        return tuple(_Descending(value(task)) if is_turned else value(task) for value, is_turned in parts)

    return place
