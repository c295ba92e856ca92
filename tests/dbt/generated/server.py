"""A small model of the server: an edit changes a task, and is written down as its generation of servers did.

What the final document says of a task is what the model's own state is, not what can be read from the
transactions: a history that ends elsewhere has been read wrongly, or was damaged on purpose.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from documents_file import Document

from generated.organisation import (
    BOARD_MADE,
    DEFAULT_PRIORITY,
    GONE,
    MAIN_SPACE,
    MILESTONES,
    NUMBERED,
    PARENTS,
    PRIORITIES,
    SPRINT_COLUMNS,
    STATUSES,
    UNSEEN,
    default_column,
    family,
)

ANCIENT, OLD, MODERN = 0, 1, 2
"""Generations: numbered statuses and bare column moves; moves of one board; lists of moves."""


@dataclass(frozen=True)
class Edit:
    """What somebody did: `kind` and its value, so many seconds after the edit before."""

    kind: str
    value: Any = None
    delay: int = 0
    author: str = "PHID-USER-alice"
    twist: int = 0
    """Chooses among the shapes that servers gave the same thing."""


@dataclass(frozen=True)
class Life:
    """Everything that is made up about one task."""

    created_at: int
    edits: tuple[Edit, ...]
    generations: tuple[int, ...] = ()
    """The generation of each edit; the last one holds for the rest."""
    priority: int = DEFAULT_PRIORITY
    status: str = "open"
    tags: tuple[str, ...] = ()
    are_tags_written: bool = True
    is_creation_written: bool = True
    points: float | None = None
    subtype: str = "default"
    policy: str = "public"
    space: str = MAIN_SPACE
    lost: int | None = None
    """Which transaction was lost: damage, after which history need not end where the task is."""
    skewed: int | None = None
    """Before which edit the server's clock was put back by a second: the same."""


@dataclass
class Server:
    """One task on the server."""

    task_id: int
    life: Life
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = self.life.created_at
        self.generation = MODERN
        self.author = "PHID-USER-alice"
        self.twist = 0
        self.group = 0
        self.status = self.life.status
        self.priority = self.life.priority
        self.owner: str | None = None
        self.title = f"Task {self.task_id}"
        self.points = self.life.points
        self.subtype = self.life.subtype
        self.tags: set[str] = set()
        self.subtasks: set[str] = set()
        self.untagged_at: dict[str, int] = {}
        self.positions: dict[str, str] = {}
        self.closed_at: int | None = None
        self.is_damaged = False
        self._create()
        for number, edit in enumerate(self.life.edits):
            self.at += -1 if number == self.life.skewed else edit.delay
            self.is_damaged = self.is_damaged or number == self.life.skewed
            self.group += 1
            self.author, self.twist = edit.author, edit.twist
            self.generation = self._generation(number)
            getattr(self, f"_{edit.kind}")(edit.value)
        if self.life.lost is not None and self.rows:
            del self.rows[self.life.lost % len(self.rows)]
            self.is_damaged = True

    def documents(self) -> Iterator[Document]:
        """The task as it is now, and its transactions."""
        yield Document("tasks", json.dumps(self.task()))
        for row in self.rows:
            yield Document("transactions", json.dumps(row))

    def task(self) -> dict[str, Any]:
        boards = {
            board: {"columns": [{"id": 1, "phid": self.column_on(board), "name": "x"}]}
            for board in sorted(self.tags & self.boards())
            if board != UNSEEN
        }
        return {
            "id": self.task_id,
            "type": "TASK",
            "phid": f"PHID-TASK-{self.task_id}",
            "fields": {
                "name": self.title,
                "description": {"raw": "not for the public"},
                "authorPHID": "PHID-USER-alice",
                "ownerPHID": self.owner,
                "status": {"value": self.status, "name": self.status.title(), "color": None},
                "priority": {"value": self.priority, "name": PRIORITIES[self.priority], "color": "red"},
                "points": None if self.points is None else f"{self.points:g}",
                "subtype": self.subtype,
                "closerPHID": self.author if self.closed_at else None,
                "dateClosed": self.closed_at,
                "spacePHID": self.life.space,
                "dateCreated": self.life.created_at,
                "dateModified": max(self.at, self.life.created_at),
                "policy": {"view": self.life.policy, "interact": "users", "edit": "users"},
            },
            # PHP sends an empty map as an empty list
            "attachments": {
                "columns": {"boards": boards or []},
                "projects": {"projectPHIDs": sorted(self.tags)},
                "subscribers": {"subscriberPHIDs": [], "subscriberCount": 0},
            },
        }

    # edits

    def _create(self) -> None:
        self.generation = self._generation(0)
        if self.life.is_creation_written:
            self._write("core:create", None, None)
        if self.status != "open":
            self._write("status", self._as_status("open"), self._as_status(self.status))
            self.closed_at = self.at if self._is_closed() else None
        if self.priority != DEFAULT_PRIORITY:
            default, given = str(DEFAULT_PRIORITY), str(self.priority)
            self._write(
                "priority", *((default, given) if self.generation == MODERN else (None, self.priority))
            )
        self._retag(set(self.life.tags), is_written=self.life.are_tags_written)

    def _set_status(self, status: str) -> None:
        if status == self.status:
            return
        was_closed = self._is_closed()
        self._write("status", self._as_status(self.status), self._as_status(status))
        self.status = status
        if self._is_closed() and not was_closed:
            self.closed_at = self.at
            if not self.owner and self.generation == MODERN:
                self._assign(self.author)
        elif not self._is_closed():
            self.closed_at = None

    def _merge(self, other: int) -> None:
        if self.status == "duplicate":
            return
        was_closed = self._is_closed()
        self._write("mergedinto", None, f"PHID-TASK-{other}")
        self._write("core:edge", [], [f"PHID-TASK-{other}"], {"edge:type": 63})
        self.status = "duplicate"
        self.closed_at = self.closed_at if was_closed else self.at

    def _set_priority(self, priority: int) -> None:
        if priority == self.priority:
            return
        old, new = self.priority, priority
        as_text = self.generation == MODERN
        self._write("priority", str(old) if as_text else old, str(new) if as_text else new)
        self.priority = priority

    def _assign(self, owner: str | None) -> None:
        if owner != self.owner:
            self._write("reassign", self.owner, owner)
            self.owner = owner

    def _tag(self, project: str) -> None:
        self._retag(self.tags | {project})

    def _untag(self, project: str) -> None:
        self._retag(self.tags - {project})

    def _swap(self, projects: tuple[str, str]) -> None:
        self._retag((self.tags - {projects[0]}) | {projects[1]})

    def _move(self, places: tuple[tuple[str, str], ...]) -> None:
        """Moves on several boards in one transaction, or one after the other where servers could not."""
        places = tuple(place for place in places if BOARD_MADE.get(place[0], 0) <= self.at)
        if not places:
            return
        before = {board: self._columns_on(board) for board, _ in places if board in self.boards()}
        wanted = set(self.tags)
        for board, target in places:
            milestone = next((one for one, column in SPRINT_COLUMNS.items() if column == target), None)
            wanted.add(milestone or board)
        self._write_moves(places, before)
        # old servers left it to the move to say that the task was tagged
        is_written = (
            self.generation == MODERN
            or any(target in SPRINT_COLUMNS.values() for _, target in places)
            or any(self.untagged_at.get(board) == self.at for board, _ in places)
        )
        self._retag(wanted, is_written=is_written)
        for board, target in places:
            if target not in SPRINT_COLUMNS.values():
                self.positions[board] = target

    def _set_points(self, points: float | None) -> None:
        if points != self.points:
            self._write("points", self.points, points)
            self.points = points

    def _set_subtype(self, subtype: str) -> None:
        if subtype != self.subtype:
            self._write("core:subtype", self.subtype, subtype)
            self.subtype = subtype

    def _rename(self, title: str) -> None:
        self._write("title", self.title, title)
        self.title = title

    def _tie(self, other: int) -> None:
        self._set_subtasks(self.subtasks | {f"PHID-TASK-{other}"})

    def _untie(self, other: int) -> None:
        self._set_subtasks(self.subtasks - {f"PHID-TASK-{other}"})

    def _set_subtasks(self, subtasks: set[str]) -> None:
        gone, come = sorted(self.subtasks - subtasks), sorted(subtasks - self.subtasks)
        if gone or come:
            self._write("core:edge", gone, come, {"edge:type": 3})
        self.subtasks = subtasks

    def _talk(self, kind: str) -> None:
        """What changes no state: comments, subscribers, mentions, types that nobody knows."""
        other = "PHID-TASK-1"
        match kind:
            case "subscribers":
                self._write("core:subscribers", ["PHID-USER-alice"], ["PHID-USER-bob", "PHID-USER-carol"])
            case "mention":
                self._write("core:edge", [], {other: {"dst": other, "type": 52}}, {"edge:type": 52})
            case "subtask_status":
                self._write("unblock", {other: self._as_status("open")}, {other: self._as_status("resolved")})
            case "merged_from":
                self._write("mergedfrom", None, [other, "PHID-TASK-2"])
                self._write("core:edge", [], [other, "PHID-TASK-2"], {"edge:type": 62})
            case "custom_field":
                self._write("core:customfield", None, 1, {"customfield:key": "std:maniphest:secret"})
            case "edge_that_was_there":
                self._write("core:edge", [other], [other], {"edge:type": 4})
            case "strange_edge":
                self._write("core:edge", [], [other], {"edge:type": 7000})
            case _:
                self._write(kind, None, None)

    # tags and columns

    def _retag(self, tags: set[str], *, is_written: bool = True) -> None:
        """A task is tagged with a project or one of its milestones, not both; the newest tag stays."""
        for new in sorted(tags - self.tags):
            if new in tags:
                tags = {tag for tag in tags if tag == new or family(tag) != family(new)}
        gone, come = sorted(self.tags - tags), sorted(tags - self.tags)
        if gone or (come and is_written):
            self._write_tags(gone, come)
        self.untagged_at.update(dict.fromkeys(gone, self.at))
        self.tags = tags

    def boards(self) -> set[str]:
        """The boards that the task is on, those of its milestones' parents included."""
        found = self.tags | {PARENTS[one] for one in MILESTONES if one in self.tags}
        return {board for board in found if self.column_on(board)}

    def column_on(self, board: str) -> str | None:
        """The column of a board that the task is on."""
        for milestone, column in SPRINT_COLUMNS.items():
            if milestone in self.tags and PARENTS[milestone] == board:
                return column
        return self.positions.get(board) or default_column(board)

    def _columns_on(self, board: str) -> list[str]:
        """The same as a move names it; a position from before a milestone may have stayed behind."""
        column = self.column_on(board)
        stayed = [self.positions[board]] if board in self.positions and self.twist % 5 == 4 else []
        return list(dict.fromkeys([column, *stayed])) if column else []

    # writing

    def _write_tags(self, gone: list[str], come: list[str]) -> None:
        if self.generation == MODERN:
            self._write("core:edge", gone, come, {"edge:type": 41})
            return
        # everything before and after, as maps, lists, or lists with holes
        kept = sorted(self.tags - set(gone))
        self._write(
            "core:edge",
            self._as_edges(sorted([*kept, *gone]), self.twist),
            self._as_edges(sorted([*kept, *come]), self.twist + 1),
            {"edge:type": 41},
        )

    def _as_edges(self, tags: list[str], shape: int) -> Any:
        match shape % 3:
            case 0:
                return {tag: {"dst": tag, "type": 41, "data": []} for tag in tags} or []
            case 1:
                return tags
            case _:
                return {str(2 * number): tag for number, tag in enumerate(tags)} or []

    def _write_moves(self, places: tuple[tuple[str, str], ...], before: dict[str, list[str]]) -> None:
        if self.generation == MODERN:
            moves = []
            for board, target in places:
                sources = before.get(board, [])
                move: dict[str, Any] = {"columnPHID": target, "boardPHID": board}
                # an empty map becomes a list
                move["fromColumnPHIDs"] = [{phid: phid for phid in sources}, sources][self.twist % 2] or []
                move.update([{"beforePHIDs": [], "afterPHIDs": []}, {"afterPHID": None}][self.twist // 2 % 2])
                moves.append(move)
            self._write("core:columns", None, moves)
            return
        for board, target in places:
            source = before.get(board, [None])[0]
            if self.generation == OLD or board == UNSEEN or target == GONE:
                old: Any = {"projectPHID": board, "columnPHIDs": {source: source} if source else []}
                new = {"projectPHID": board, "columnPHIDs": [target]}
                self._write("projectcolumn", [] if not source and self.twist % 2 else old, new)
            else:
                self._write("column", source, target)

    def _write(self, kind: str, old: Any, new: Any, meta: dict[str, Any] | None = None) -> None:
        number = self.task_id * 1000 + len(self.rows)
        meta = dict(meta or {})
        if self.generation == MODERN:
            meta["core.groupID"] = f"group-{self.task_id}-{self.group}"
        self.rows.append(
            {
                "taskID": str(self.task_id),
                "title": "somebody did something.",
                "transactionID": str(number),
                "transactionPHID": f"PHID-XACT-TASK-{number}",
                "transactionType": kind,
                "oldValue": old,
                "newValue": new,
                "meta": meta or [],
                "comments": "not for the public" if kind == "core:comment" else None,
                "authorPHID": self.author,
                "dateCreated": str(self.at),
            }
        )

    def _as_status(self, status: str) -> Any:
        if self.generation != ANCIENT or status not in NUMBERED:
            return status
        return NUMBERED[status] if self.twist % 2 else str(NUMBERED[status])

    def _is_closed(self) -> bool:
        return status_closes(self.status)

    def _generation(self, number: int) -> int:
        generations = self.life.generations
        return generations[min(number, len(generations) - 1)] if generations else MODERN


def status_closes(status: str) -> bool:
    return status in STATUSES and STATUSES[status][0]
