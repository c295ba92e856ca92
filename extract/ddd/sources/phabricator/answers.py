"""Splits Conduit's answers into documents without re-writing a byte of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ddd.segments import Document, Rejected
from ddd.sources.phabricator.slicing import slice_history, slice_search


class _Cursor(msgspec.Struct):
    after: str | int | None = None


class _SearchResult(msgspec.Struct):
    data: list[msgspec.Raw]
    cursor: _Cursor | None = None


class _SearchAnswer(msgspec.Struct):
    result: _SearchResult


class _HistoryAnswer(msgspec.Struct):
    # PHP writes an empty map as an empty list
    result: dict[str, list[msgspec.Raw]] | list[None]


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


class _Record(msgspec.Struct):
    id: int
    dateModified: int  # noqa: N815 - the server's name


@dataclass
class Page:
    """One answer, split.

    Attributes:
        documents: What could be read.
        rejected: What could not, with the reason.
        after: Where the next page starts; none on the last one.
        rows: All rows of a search method, readable or not.
        task_ids: The tasks that histories came of.
    """

    documents: list[Document] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    after: str | None = None
    rows: list[bytes] = field(default_factory=list, repr=False)
    task_ids: set[int] = field(default_factory=set)

    def cursors(self) -> list[str]:
        """Ids of its rows, the last one first: each can take the place of a cursor that was lost."""
        numbers = (_loosely(row).get("id") for row in reversed(self.rows))
        return [str(number) for number in numbers if number]


_SEARCH = msgspec.json.Decoder(_SearchAnswer)
_HISTORY = msgspec.json.Decoder(_HistoryAnswer)
_TASK = msgspec.json.Decoder(_Task)
_NAMED = msgspec.json.Decoder(_Named)
_CHOICE = msgspec.json.Decoder(_Choice)
_TRANSACTION = msgspec.json.Decoder(_Transaction)
_RECORD = msgspec.json.Decoder(_Record)


def _task(body: bytes) -> Document:
    task = _TASK.decode(body)
    return Document(str(task.id), body, task.fields.dateModified)


def _sighting(body: bytes) -> Document:
    task = _TASK.decode(body)
    return Document(str(task.id), b"", task.fields.dateModified)


def _named(body: bytes) -> Document:
    named = _NAMED.decode(body)
    return Document(named.phid, body, named.fields.dateModified)


def _choice(body: bytes) -> Document:
    return Document(str(_CHOICE.decode(body).value), body)


def _transaction(body: bytes) -> Document:
    transaction = _TRANSACTION.decode(body)
    return Document(str(transaction.transactionID), body, int(transaction.dateCreated))


def _record(body: bytes) -> Document:
    record = _RECORD.decode(body)
    return Document(str(record.id), body, record.dateModified)


_READERS: dict[str, Callable[[bytes], Document]] = {
    "tasks": _task,
    "sweep": _sighting,
    "transactions": _transaction,
    "transaction_records": _record,
    "projects": _named,
    "columns": _named,
    "users": _named,
    "statuses": _choice,
    "priorities": _choice,
}


def split_search(stream: str, answer: bytes) -> Page:
    """Split a page of a `*.search` method.

    Args:
        stream: Which stream its rows belong to; `sweep` for tasks of which only the id and the date count.
        answer: The whole answer, already known to be a success.

    Raises:
        msgspec.DecodeError: The answer is not what a search method sends.
    """
    try:
        result = _SEARCH.decode(answer).result
        rows = [bytes(raw) for raw in result.data]
        after = None if result.cursor is None else result.cursor.after
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        rows, after = slice_search(answer)
    page = Page(after=None if after is None else str(after), rows=rows)
    _read(stream, rows, page)
    return page


def split_history(answer: bytes) -> Page:
    """Split an answer of `maniphest.gettasktransactions`, a map of task ids to rows.

    Raises:
        msgspec.DecodeError: The answer is not what that method sends.
    """
    page = Page()
    try:
        result = _HISTORY.decode(answer).result
        for key, raws in result.items() if isinstance(result, dict) else ():
            page.task_ids.add(int(key))
            _read("transactions", map(bytes, raws), page)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        page = Page()
        for key, rows in slice_history(answer):
            page.task_ids.add(int(key))
            _read("transactions", rows, page)
    return page


def task_of_transaction(document: str) -> int | None:
    """The task of a row of a history, also of one that could not be read; none where it does not say."""
    number = str(_loosely(document.encode()).get("taskID"))
    return int(number) if number.isdecimal() else None


def _read(stream: str, rows: Iterable[bytes], page: Page) -> None:
    read, documents = _READERS[stream], page.documents
    for body in rows:
        try:
            documents.append(read(body))
        except (msgspec.DecodeError, ValueError, OverflowError) as error:
            text = body.decode(errors="replace")
            kind = "tasks" if stream == "sweep" else stream
            page.rejected.append(Rejected(kind, _any_key(body), text, f"Unreadable {kind} row: {error}"))


def _any_key(body: bytes) -> str:
    row = _loosely(body)
    keys = (row.get(name) for name in ("id", "transactionID", "phid", "value"))
    return str(next(filter(None, keys), ""))


def _loosely(body: bytes) -> dict[str, Any]:
    try:
        row = json.loads(body)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}
