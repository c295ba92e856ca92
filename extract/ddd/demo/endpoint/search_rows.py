"""A transaction as transaction.search shows it, worked out from what gettasktransactions shows.

Source: FACTS.md §4 and transaction_types.json beside it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ddd.demo.endpoint.answers import php_json
from ddd.demo.endpoint.documents import StoredTransaction
from ddd.demo.endpoint.store import DocumentStore

_EDGE_TYPES = {41: "projects", 3: "dependsOn", 4: "dependedOnBy"}
_NAMES = {
    "core:create": "create",
    "core:comment": "comment",
    "reassign": "owner",
    "core:subscribers": "subscribers",
}
_WITH_VALUES = {
    "title",
    "description",
    "status",
    "reassign",
    "points",
    "core:columns",
    "core:view-policy",
    "core:edit-policy",
    "unblock",
    "mergedinto",
    "mergedfrom",
}
_SINCE_MID_2026 = {
    "core:columns",
    "core:customfield",
    "core:view-policy",
    "core:edit-policy",
    "unblock",
    "mergedinto",
    "mergedfrom",
}


def search_row(store: DocumentStore, transaction: StoredTransaction) -> bytes:
    """The JSON text of a transaction's row: the recorded one, else one that is worked out."""
    if transaction.search_row is not None and not store.is_old_server:
        return transaction.search_row
    row = transaction.content()
    name, fields = _name_and_fields(store, row)
    created = int(row["dateCreated"])
    return php_json(
        {
            "id": transaction.id,
            "phid": transaction.phid,
            "type": name,
            "authorPHID": row["authorPHID"],
            "objectPHID": transaction.task.phid,
            "dateCreated": created,
            "dateModified": created,
            "groupID": row["meta"].get("core.groupID") if isinstance(row["meta"], dict) else None,
            "comments": _comments(transaction, row, created),
            "fields": fields,
        }
    )


def _name_and_fields(store: DocumentStore, row: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    raw = row["transactionType"]
    old, new = row["oldValue"], row["newValue"]
    meta = row["meta"] if isinstance(row["meta"], dict) else {}
    if store.is_old_server and (
        raw in _SINCE_MID_2026 or (raw == "core:edge" and meta.get("edge:type") in {3, 4})
    ):
        return None, {}
    if raw in {"core:edge", "core:subscribers"}:
        name = _EDGE_TYPES.get(meta.get("edge:type", 0)) if raw == "core:edge" else "subscribers"
        return name, _operations(old, new) if name else {}
    if raw == "priority":
        return raw, {"old": _priority(store, old), "new": _priority(store, new)}
    if raw == "core:customfield":
        return raw, {meta["customfield:key"]: {"old": old, "new": new}}
    if raw in _WITH_VALUES:
        return _NAMES.get(raw, raw), {"old": old, "new": new}
    return _NAMES.get(raw), {}


def _operations(old: Any, new: Any) -> dict[str, Any]:
    before, now = list(old), list(new)  # of a map, as in old data, the keys count
    added = [{"operation": "add", "phid": phid} for phid in now if phid not in before]
    removed = [{"operation": "remove", "phid": phid} for phid in before if phid not in now]
    return {"operations": added + removed}


def _priority(store: DocumentStore, value: str) -> dict[str, Any]:
    names = {found["value"]: found["name"] for found in map(msgspec.json.decode, store.priorities)}
    return {"value": int(value), "name": names.get(int(value))}


def _comments(transaction: StoredTransaction, row: dict[str, Any], created: int) -> list[dict[str, Any]]:
    if row["transactionType"] != "core:comment":
        return []
    text = row["comments"]
    return [
        {
            "id": transaction.id,
            "phid": transaction.phid.replace("PHID-XACT-TASK-", "PHID-XCMT-"),
            "version": 1,
            "authorPHID": row["authorPHID"],
            "dateCreated": created,
            "dateModified": created,
            "removed": text is None,
            "content": {"raw": text or ""},
        }
    ]
