"""Splits Conduit's answers into documents without re-writing a byte of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ddd.segments import Document, Rejected


class _Cursor(msgspec.Struct):
    after: str | int | None = None


class _SearchResult(msgspec.Struct):
    data: list[msgspec.Raw]
    cursor: _Cursor | None = None


class _SearchAnswer(msgspec.Struct):
    result: _SearchResult


class _HistoryAnswer(msgspec.Struct):
    # PHP writes an empty map as an empty list
    result: dict[str, list[msgspec.Raw]] | list[msgspec.Raw]


class _Dates(msgspec.Struct):
    dateModified: int  # noqa: N815 - the server's name


class _Task(msgspec.Struct):
    id: int
    fields: _Dates


class _Named(msgspec.Struct):
    phid: str
    fields: _Dates


class _Choice(msgspec.Struct):
    value: str | int


class _Transaction(msgspec.Struct):
    transactionID: str | int  # noqa: N815 - the server's name
    dateCreated: str | int  # noqa: N815 - the server's name


@dataclass
class Page:
    """One answer, split.

    Attributes:
        documents: What could be read.
        rejected: What could not, with the reason.
        after: Where the next page starts; none on the last one.
    """

    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    after: str | None = None


_SEARCH = msgspec.json.Decoder(_SearchAnswer)
_HISTORY = msgspec.json.Decoder(_HistoryAnswer)
_TASK = msgspec.json.Decoder(_Task)
_NAMED = msgspec.json.Decoder(_Named)
_CHOICE = msgspec.json.Decoder(_Choice)
_TRANSACTION = msgspec.json.Decoder(_Transaction)


def _task(body: bytes) -> Document:
    task = _TASK.decode(body)
    return Document(str(task.id), body, task.fields.dateModified)


def _named(body: bytes) -> Document:
    named = _NAMED.decode(body)
    return Document(named.phid, body, named.fields.dateModified)


def _choice(body: bytes) -> Document:
    return Document(str(_CHOICE.decode(body).value), body)


def _transaction(body: bytes) -> Document:
    transaction = _TRANSACTION.decode(body)
    return Document(str(transaction.transactionID), body, int(transaction.dateCreated))


_READERS: dict[str, Callable[[bytes], Document]] = {
    "tasks": _task,
    "projects": _named,
    "columns": _named,
    "users": _named,
    "statuses": _choice,
    "priorities": _choice,
}


def split_search(stream: str, answer: bytes) -> Page:
    """Split a page of a `*.search` method.

    Args:
        stream: `tasks`, `projects`, `columns`, `users`, `statuses` or `priorities`.
        answer: The whole answer, already known to be a success.

    Raises:
        msgspec.DecodeError: The answer is not what a search method sends.
    """
    result = _SEARCH.decode(answer).result
    page = Page(
        after=None if result.cursor is None or result.cursor.after is None else str(result.cursor.after)
    )
    for raw in result.data:
        _read(_READERS[stream], stream, bytes(raw), page)
    return page


def split_history(answer: bytes) -> Page:
    """Split an answer of `maniphest.gettasktransactions`, a map of task ids to rows.

    Raises:
        msgspec.DecodeError: The answer is not what that method sends.
    """
    result = _HISTORY.decode(answer).result
    page = Page()
    lists = result.values() if isinstance(result, dict) else [result]
    for rows in lists:
        for raw in rows:
            _read(_transaction, "transactions", bytes(raw), page)
    return page


def _read(read: Callable[[bytes], Document], stream: str, body: bytes, page: Page) -> None:
    try:
        page.documents.append(read(body))
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        text = body.decode(errors="replace")
        page.rejected.append(Rejected(stream, _any_key(body), text, f"Unreadable {stream} row: {error}"))


def _any_key(body: bytes) -> str:
    try:
        row: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    if not isinstance(row, dict):
        return ""
    return str(row.get("id") or row.get("transactionID") or row.get("phid") or row.get("value") or "")
