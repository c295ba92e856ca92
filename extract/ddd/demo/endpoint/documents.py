"""Stored objects: a document's own bytes, and what is needed to find, sort and cut it."""

from __future__ import annotations

from typing import Any

import msgspec


class _Searchable(msgspec.Struct):
    id: int
    type: str
    phid: str
    fields: msgspec.Raw
    attachments: dict[str, msgspec.Raw] | list[msgspec.Raw] = {}


class _Row(msgspec.Struct):
    taskID: str | int  # noqa: N815 - the server's name
    transactionID: str | int  # noqa: N815 - the server's name
    transactionPHID: str  # noqa: N815 - the server's name


class _SearchRow(msgspec.Struct):
    id: int
    phid: str
    objectPHID: str  # noqa: N815 - the server's name


_SEARCHABLE = msgspec.json.Decoder(_Searchable)
_ROW = msgspec.json.Decoder(_Row)
_SEARCH_ROW = msgspec.json.Decoder(_SearchRow)


class StoredObject:
    """A row of a search method: task, project, column or user.

    Attributes:
        id: Its number.
        phid: Its PHID.
        fields: Its `fields`, without a task's description.
        attachments: The JSON text of each attachment that the document holds.
        is_visible: Whether the account may see it.
    """

    __slots__ = ("_fields_text", "attachments", "fields", "id", "is_visible", "phid", "type")

    def __init__(self, document: bytes) -> None:
        found = _SEARCHABLE.decode(document)
        self.id = found.id
        self.type = found.type
        self.phid = found.phid
        self._fields_text = bytes(found.fields)
        self.fields: dict[str, Any] = msgspec.json.decode(found.fields)
        if isinstance(self.fields.get("description"), dict):
            del self.fields["description"]
        attachments = found.attachments if isinstance(found.attachments, dict) else {}
        self.attachments = {name: bytes(text) for name, text in attachments.items()}
        self.is_visible = True

    def attachment(self, name: str) -> Any:
        """An attachment, decoded; an empty map where the document has none."""
        return msgspec.json.decode(self.attachments.get(name, b"{}"))

    def document(self, attachments: frozenset[str] | None = None) -> bytes:
        """The object's JSON text with the attachments asked for; with all of them where none are named."""
        parts = b",".join(
            b'"%s":%s' % (name.encode(), text)
            for name, text in self.attachments.items()
            if attachments is None or name in attachments
        )
        return b'{"id":%d,"type":"%s","phid":"%s","fields":%s,"attachments":{%s}}' % (
            self.id,
            self.type.encode(),
            self.phid.encode(),
            self._fields_text,
            parts,
        )


class StoredTransaction:
    """A transaction of a task, as maniphest.gettasktransactions gives it.

    Attributes:
        id: Its number.
        phid: Its PHID.
        task: The task that it belongs to.
        row: Its JSON text.
        search_row: The JSON text that transaction.search gives, where it was recorded.
    """

    __slots__ = ("id", "phid", "row", "search_row", "task")

    def __init__(self, row: bytes, task: StoredObject, transaction_id: int, phid: str) -> None:
        self.id = transaction_id
        self.phid = phid
        self.task = task
        self.row = row
        self.search_row: bytes | None = None

    @property
    def is_visible(self) -> bool:
        """A transaction is as visible as its task."""
        return self.task.is_visible

    def content(self) -> dict[str, Any]:
        """The row, decoded afresh."""
        content: dict[str, Any] = msgspec.json.decode(self.row)
        return content


def transaction_keys(row: bytes) -> tuple[int, int, str]:
    """Task id, transaction id and PHID of a row of maniphest.gettasktransactions."""
    found = _ROW.decode(row)
    return int(found.taskID), int(found.transactionID), found.transactionPHID


def search_row_id(row: bytes) -> int:
    """Transaction id of a row of transaction.search."""
    return _SEARCH_ROW.decode(row).id
