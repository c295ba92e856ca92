"""What a transaction changed: all of the server's shapes in one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from reference.installation import Installation

KINDS = {
    "core:create": "created",
    "status": "status",
    "priority": "priority",
    "title": "title",
    "points": "points",
    "description": "description",
    "unblock": "subtask_status",
    "reassign": "owner",
    "core:columns": "column",
    "projectcolumn": "column",
    "column": "column",
    "core:subscribers": "subscribers",
    "core:comment": "comment",
    "core:customfield": "custom_field",
    "core:subtype": "subtype",
    "core:space": "space",
    "core:view-policy": "view_policy",
    "core:edit-policy": "edit_policy",
    "mergedinto": "merged",
    "mergedfrom": "merged_from",
    "token:give": "token",
}
"""Types of transactions, by their name on the server (FACTS §4)."""

EDGE_KINDS = {
    1: "commit",
    3: "subtask",
    4: "parent",
    41: "project",
    51: "mentioned",
    52: "mention",
    62: "duplicate",
    63: "duplicate_of",
}

WITHOUT_VALUES = {"created", "description", "comment", "token"}


@dataclass(frozen=True)
class Change:
    """One change to a task; `at` is never before the task was created, `occurred_at` what the server says."""

    at: int
    transaction_id: int
    index: int
    kind: str
    old: str | None = None
    new: str | None = None
    board: str | None = None
    other: str | None = None
    field: str | None = None
    occurred_at: int = 0
    actor: str | None = None


def changes_of(installation: Installation, task_id: int) -> list[Change]:
    """All changes of a task, in the order in which they happened."""
    created_at = installation.created_at(task_id)
    changes = []
    for row in installation.transactions[task_id]:
        for index, found in enumerate(_found(installation, row), start=1):
            occurred_at = int(row["dateCreated"])
            changes.append(
                Change(
                    at=max(occurred_at, created_at),
                    transaction_id=int(row["transactionID"]),
                    index=index,
                    occurred_at=occurred_at,
                    actor=row["authorPHID"],
                    **found,
                )
            )
    if all(change.kind != "created" for change in changes):
        author = installation.tasks[task_id]["fields"]["authorPHID"]
        changes.append(Change(created_at, 0, 1, "created", occurred_at=created_at, actor=author))
    return sorted(changes, key=lambda change: (change.at, change.transaction_id, change.index))


def _found(installation: Installation, row: dict[str, Any]) -> list[dict[str, Any]]:
    kind = kind_of(row)
    old, new = row["oldValue"], row["newValue"]
    if kind == "column":
        return [{"kind": kind, **move} for move in _moves(installation, row)]
    if row["transactionType"] in ("core:edge", "core:subscribers", "mergedfrom"):
        before, after = phids(old), phids(new)
        gone = [{"kind": kind, "old": phid, "other": phid} for phid in before if phid not in after]
        come = [{"kind": kind, "new": phid, "other": phid} for phid in after if phid not in before]
        return gone + come
    if kind in WITHOUT_VALUES or kind.startswith("unknown:"):
        return [{"kind": kind}]
    if kind == "subtask_status":
        return [
            {
                "kind": kind,
                "other": phid,
                "old": _status(installation, text(old[phid])),
                "new": _status(installation, text(new[phid])),
            }
            for phid in new
        ]
    if kind == "status":
        return [
            {
                "kind": kind,
                "old": _status(installation, text(old)),
                "new": _status(installation, text(new)),
            }
        ]
    found: dict[str, Any] = {"kind": kind, "old": text(old), "new": text(new)}
    if kind == "merged":
        found["other"] = text(new)
    if kind == "custom_field":
        found["field"] = row["meta"]["customfield:key"]
    return [found]


def kind_of(row: dict[str, Any]) -> str:
    """What a transaction is called here."""
    raw = row["transactionType"]
    if raw == "core:edge":
        edge = row["meta"]["edge:type"] if row["meta"] else None
        return EDGE_KINDS.get(edge) or ":".join(["unknown", raw, *([] if edge is None else [str(edge)])])
    return KINDS.get(raw, f"unknown:{raw}")


def _moves(installation: Installation, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Column moves: four generations."""
    old, new = row["oldValue"], row["newValue"]
    match row["transactionType"]:
        case "core:columns":
            elements = new.values() if isinstance(new, dict) else new
            return [
                _move(one["boardPHID"], phids(one.get("fromColumnPHIDs")), one["columnPHID"])
                for one in elements
            ]
        case "projectcolumn":
            before = phids(old["columnPHIDs"]) if isinstance(old, dict) else []
            return [_move(new["projectPHID"], before, phids(new["columnPHIDs"])[0])]
        case _:
            return [_move(installation.board_of(new), phids(old), new)]


def _move(board: str | None, before: list[str], column: str) -> dict[str, Any]:
    return {"board": board, "old": before[0] if before else None, "new": column, "other": column}


def phids(value: Any) -> list[str]:
    """The PHIDs of a list, a map from PHIDs, a list with holes (a map from numbers), one PHID, or nothing."""
    if not value:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = value.values() if all(key.isdigit() for key in value) else value.keys()
    return sorted(set(value))


def text(value: Any) -> str | None:
    """A scalar as text, numbers as JSON writes them."""
    if value is None:
        return None
    return (value if isinstance(value, str) else json.dumps(value)).replace("\0", "")


def _status(installation: Installation, value: str | None) -> str | None:
    return None if value is None else installation.status_name_of(value)
