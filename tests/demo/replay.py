"""A small second opinion: a task's state from its transactions, by the rules of FACTS.md §4."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROJECT = 41
CLOSED = {"resolved", "declined", "invalid", "duplicate", "spite"}


@dataclass
class Boards:
    """Default columns, proxies, and the projects that milestones are of, from the documents of columns."""

    default_columns: dict[str, str]
    proxies: dict[str, str]
    parents: dict[str, str]

    @classmethod
    def of(cls, columns: list[dict[str, Any]]) -> Boards:
        return cls(
            {c["fields"]["project"]["phid"]: c["phid"] for c in columns if c["fields"]["isDefaultColumn"]},
            {c["phid"]: c["fields"]["proxyPHID"] for c in columns if c["fields"]["proxyPHID"]},
            {
                c["fields"]["proxyPHID"]: c["fields"]["project"]["phid"]
                for c in columns
                if c["fields"]["proxyPHID"]
            },
        )


@dataclass
class State:
    """What a document says, as far as transactions tell it."""

    values: dict[str, Any] = field(default_factory=dict)
    status: str = "open"
    closed: int | None = None
    closer: str | None = None
    edges: dict[int, set[str]] = field(default_factory=dict)
    subscribers: list[str] = field(default_factory=list)
    positions: dict[str, str] = field(default_factory=dict)  # they outlive the tag

    @property
    def columns(self) -> dict[str, str]:
        return {board: column for board, column in self.positions.items() if board in self.projects}

    @property
    def projects(self) -> set[str]:
        return self.edges.get(PROJECT, set())


SINGLE = {
    "title": "",
    "description": "",
    "priority": "90",
    "reassign": None,
    "points": None,
    "core:subtype": "default",
    "core:view-policy": "public",
    "core:edit-policy": "users",
    "core:space": None,
}


def replay(rows: list[dict[str, Any]], boards: Boards) -> State:
    """Replay a task's transactions, oldest first; every old value must be what was there."""
    state = State(values=dict(SINGLE))
    for row in rows:
        kind = row["transactionType"]
        if kind in {"status", "mergedinto"}:
            _close(state, row)
        elif kind == "core:columns":
            _move(state, row, boards)
        elif kind == "core:edge":
            _edge(state, row, boards)
        elif kind == "core:subscribers":
            assert row["oldValue"] == state.subscribers, row
            state.subscribers = row["newValue"]
        elif kind == "core:customfield" or kind in SINGLE:
            name = row["meta"].get("customfield:key", kind).removeprefix("std:maniphest:")
            is_unset = bool(row["meta"].get("core.create")) and row["oldValue"] is None
            assert is_unset or row["oldValue"] == state.values.get(name), row
            assert row["newValue"] != row["oldValue"], row
            state.values[name] = row["newValue"]
    return state


def _close(state: State, row: dict[str, Any]) -> None:
    status = "duplicate"  # merging closes without a transaction of status
    if row["transactionType"] == "status":
        assert not row["meta"].get("core.create"), "no status is written at creation"
        assert row["oldValue"] == state.status, row
        status = row["newValue"]
        assert status != state.status, row
    if status in CLOSED:
        state.closed, state.closer = int(row["dateCreated"]), row["authorPHID"]
    elif state.status in CLOSED:
        state.closed = state.closer = None
    state.status = status


def _move(state: State, row: dict[str, Any], boards: Boards) -> None:
    for move in row["newValue"]:
        board, column, source = move["boardPHID"], move["columnPHID"], move["fromColumnPHIDs"]
        known = None if row["meta"].get("core.create") else state.columns.get(board)
        assert source == ({known: known} if known else []), move
        if column not in boards.proxies:  # into a milestone the tags lead, and they come next
            state.positions[board] = column


def _edge(state: State, row: dict[str, Any], boards: Boards) -> None:
    kind, removed, added = row["meta"]["edge:type"], row["oldValue"], row["newValue"]
    edges = state.edges.setdefault(kind, set())
    assert set(removed) <= edges, row
    assert edges.isdisjoint(added), row
    edges.difference_update(removed)
    edges.update(added)
    if kind == PROJECT:
        for project in added:
            state.positions.setdefault(project, boards.default_columns[project])
        assert edges.isdisjoint(boards.parents.get(project) for project in edges), row
