"""Histories written by hand, one for each odd shape that old and strange servers send (FACTS §4, §5, §8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any

from documents_file import Document

AS_OF = datetime(2026, 3, 31, 12, 0)

START = int(datetime(2026, 3, 1).timestamp() - datetime(1970, 1, 1).timestamp())
DAY = 86400

TEAM, SPRINT, SECRET, CHILD = "PHID-PROJ-team", "PHID-PROJ-sprint", "PHID-PROJ-secret", "PHID-PROJ-child"
UNSEEN = "PHID-PROJ-unseen"
GONE, BELOW = "PHID-PROJ-gone", "PHID-PROJ-below"
BACKLOG, DOING, DONE = "PHID-PCOL-backlog", "PHID-PCOL-doing", "PHID-PCOL-done"
IN_SPRINT, GONE_COLUMN = "PHID-PCOL-insprint", "PHID-PCOL-gone"
ALICE, BOT = "PHID-USER-alice", "PHID-APPS-harbormaster"
GONE_USER = "PHID-USER-hush"
MAIN_SPACE, SECRET_SPACE = "PHID-SPCE-main", "PHID-SPCE-secret"

_ids = count(1)


@dataclass
class Task:
    """One task and its transactions, in the words of the server."""

    task_id: int
    status: str = "open"
    projects: list[str] = field(default_factory=list)
    boards: dict[str, list[str]] | None = None
    title: str = "A task"
    owner: str | None = None
    policy: str = "public"
    space: str = MAIN_SPACE
    is_created: bool = True
    custom: dict[str, Any] = field(default_factory=dict)
    rows: list[tuple[float, str, Any, Any, Any]] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        return self.status not in {"open", "progress"}

    @property
    def phid(self) -> str:
        return f"PHID-TASK-{self.task_id}"

    def then(self, days: float, kind: str, old: Any, new: Any, **meta: Any) -> Task:
        """A transaction so many days after the creation; transaction ids go up in the order of calls."""
        self.rows.append(
            (days, kind, old, new, {key.replace("_", ":"): value for key, value in meta.items()})
        )
        return self

    def tag(self, days: float, added: Any, removed: Any = ()) -> Task:
        return self.then(days, "core:edge", removed or [], added, edge_type=41)

    def move(self, days: float, column: str, source: Any = (), board: str = TEAM) -> Task:
        move = {"columnPHID": column, "boardPHID": board, "fromColumnPHIDs": source or []}
        return self.then(days, "core:columns", None, [move])

    def document(self) -> str:
        boards: Any = {
            board: {"columns": [{"id": 1, "phid": phid, "name": "x"} for phid in columns]}
            for board, columns in (self.boards or {}).items()
        }
        return json.dumps(
            {
                "id": self.task_id,
                "type": "TASK",
                "phid": self.phid,
                "fields": {
                    "name": self.title,
                    "description": {"raw": "not for the public"},
                    "authorPHID": ALICE,
                    "ownerPHID": self.owner,
                    "status": {"value": self.status, "name": self.status.title(), "color": None},
                    "priority": {"value": 90, "name": "Needs Triage", "color": "violet"},
                    "points": "2.5",
                    "subtype": "default",
                    "closerPHID": None,
                    "dateClosed": None,
                    "spacePHID": self.space,
                    "dateCreated": START,
                    "dateModified": START + 30 * DAY,
                    "policy": {"view": self.policy, "interact": "users", "edit": "users"},
                    **{f"custom.{key}": value for key, value in self.custom.items()},
                },
                # PHP sends an empty map as an empty list
                "attachments": {
                    "columns": {"boards": boards or []},
                    "projects": {"projectPHIDs": self.projects},
                    "subscribers": {"subscriberPHIDs": [], "subscriberCount": 0},
                },
            }
        )

    @cached_property
    def transactions(self) -> list[Document]:
        """Its history; numbered when it is first asked for."""
        created: list[tuple[float, str, Any, Any, Any]] = []
        if self.is_created:
            created.append((0, "core:create", None, None, {}))
        return [
            Document("transactions", self._transaction(days, kind, old, new, meta))
            for days, kind, old, new, meta in created + self.rows
        ]

    def _transaction(self, days: float, kind: str, old: Any, new: Any, meta: Any) -> str:
        number = next(_ids)
        return json.dumps(
            {
                "taskID": str(self.task_id),
                "title": "alice did something.",
                "transactionID": str(number),
                "transactionPHID": f"PHID-XACT-TASK-{number}",
                "transactionType": kind,
                "oldValue": old,
                "newValue": new,
                "meta": meta or [],
                "comments": "not for the public" if kind == "core:comment" else None,
                "authorPHID": BOT if kind == "core:comment" else ALICE,
                "dateCreated": str(int(START + days * DAY)),
            }
        )


def _as_map(*phids: str) -> dict[str, Any]:
    return {phid: {"dst": phid, "type": 41, "data": []} for phid in phids}


TASKS = [
    # statuses as numbers, priority from null to a number, no creation transaction
    Task(1, status="resolved", is_created=False)
    .then(0, "priority", None, 90)
    .then(1, "status", 0, "1")
    .then(2, "status", "1", 0)
    .then(3, "status", 0, 2),
    # the two old kinds of column moves, onto a board whose tag nothing wrote down
    Task(2, projects=[TEAM], boards={TEAM: [DONE]}, is_created=False)
    .then(1, "projectcolumn", {"projectPHID": TEAM, "columnPHIDs": {BACKLOG: BACKLOG}},
          {"projectPHID": TEAM, "columnPHIDs": [DOING]})
    .then(2, "column", None, DONE),
    # edges as maps and lists, in all combinations
    Task(3, projects=[CHILD])
    .tag(1, _as_map(TEAM))
    .tag(2, [], _as_map(TEAM))
    .tag(3, _as_map(CHILD), [])
    .tag(4, _as_map(CHILD, TEAM), _as_map(CHILD))
    .tag(5, [], [TEAM]),
    # merged, opened again, merged for good
    Task(4, status="duplicate")
    .then(1, "mergedinto", None, "PHID-TASK-1")
    .then(2, "status", "duplicate", "open")
    .then(3, "mergedinto", None, "PHID-TASK-1"),
    # NUL and quotes in the title, a comment by an application, a type that nobody knows, odd custom fields
    Task(
        5,
        title='before\u0000after \U0001f389 "quoted" <b> "custom.fake":1',
        custom={"odd.on": True, "odd.off": False, "odd.none": None, "odd.text": 'a "b",\0', "odd.empty": ""},
    )
    .then(0, "title", "", 'before\u0000after \U0001f389 "quoted" <b> "custom.fake":1')
    .then(1, "core:comment", None, None)
    .then(2, "core:inlinestate", {"a": 1}, {"a": 2})
    .then(3, "core:customfield", None, "not for the public", customfield_key="std:maniphest:notes"),
    # three moves within one second: only the last one counts; a status that came and went counts not at all
    Task(6, projects=[TEAM], boards={TEAM: [BACKLOG]})
    .tag(0, [TEAM])
    .move(1, DOING, {BACKLOG: BACKLOG})
    .move(1, DONE, [DOING])
    .move(1, BACKLOG, [DONE])
    .then(2, "status", "open", "progress")
    .then(2, "status", "progress", "open"),
    # moved onto a board without a tag, then into the milestone and back by tags alone
    Task(7, projects=[TEAM], boards={TEAM: [DOING]})
    .move(1, DOING)
    .tag(2, [SPRINT], [TEAM])
    .tag(4, [TEAM], [SPRINT]),
    # tagged with a project that nobody may see, and with a secret one
    Task(8, projects=[UNSEEN, SECRET]).tag(1, [UNSEEN, SECRET]),
    # not public, by policy and by space
    Task(9, policy="users", projects=[TEAM], status="resolved")
    .tag(0, [TEAM])
    .then(1, "status", "open", "resolved"),
    Task(10, space=SECRET_SPACE, projects=[TEAM]).tag(0, [TEAM]),
    # started only after it was closed, in a milestone of the team: no cycle time, but lead time
    Task(11, projects=[SPRINT], boards={}, status="resolved")
    .tag(0, [TEAM])
    .then(1, "status", "open", "resolved")
    .move(2, DOING, {BACKLOG: BACKLOG})
    .tag(3, [SPRINT], [TEAM]),
    # parent and child both tagged; closed, opened, closed again
    Task(12, projects=[TEAM, CHILD], boards={TEAM: [DOING]}, status="resolved", owner=ALICE)
    .tag(0, {"0": TEAM, "2": CHILD})
    .move(1, DOING, {BACKLOG: BACKLOG})
    .then(2, "status", "open", "resolved")
    .then(2, "reassign", None, ALICE)
    .then(4, "status", "resolved", "open")
    .then(9, "status", "open", "resolved"),
    # created closed, with a subtask that is not public
    Task(13, status="resolved")
    .then(0, "status", "open", "resolved")
    .then(1, "core:edge", [], ["PHID-TASK-9"], edge_type=3)
    .then(2, "unblock", {"PHID-TASK-9": "open"}, {"PHID-TASK-9": "resolved"}),
    # was gone and is back; was tagged with a project that is gone, and in a column that is
    Task(15, title="Back again", status="progress", owner=GONE_USER, projects=[TEAM, BELOW],
         boards={TEAM: [DOING]})
    .tag(0, [TEAM, BELOW, GONE])
    .move(1, GONE_COLUMN, [BACKLOG])
    .then(2, "core:edge", [], ["PHID-TASK-14"], edge_type=3)
    .then(2, "reassign", None, GONE_USER)
    .then(3, "status", "open", "progress")
    .move(4, DOING, [GONE_COLUMN])
    .tag(5, [], [GONE]),
    # a subtask from the beginning, of which only the oldest kind of row tells; an owner who is an empty text
    Task(17)
    .then(0, "parent", None, "PHID-TASK-12")
    .then(1, "reassign", "", ALICE)
    .then(2, "reassign", ALICE, ""),
]  # fmt: skip


def _project(number: int, phid: str, name: str, **fields: Any) -> Document:
    plain = {
        "name": name,
        "slug": name.lower(),
        "subtype": "default",
        "milestone": None,
        "depth": 0,
        "parent": None,
        "icon": {"key": "project"},
        "color": {"key": "blue"},
        "status": "active",
        "spacePHID": MAIN_SPACE,
        "dateCreated": START - DAY,
        "dateModified": START,
        "policy": {"view": "public"},
        "description": None,
    }
    return Document("projects", json.dumps({"id": number, "phid": phid, "fields": {**plain, **fields}}))


def _column(number: int, phid: str, name: str, **fields: Any) -> Document:
    plain = {
        "name": name,
        "proxyPHID": None,
        "project": {"phid": TEAM},
        "isHidden": False,
        "isDefaultColumn": False,
        "sequence": number,
        "dateCreated": START - DAY,
        "dateModified": START,
        "policy": {"view": "public"},
    }
    return Document("columns", json.dumps({"id": number, "phid": phid, "fields": {**plain, **fields}}))


def odd_documents() -> Iterator[Document]:
    """All documents of the installation that these tasks live on."""
    for task in TASKS:
        yield Document("tasks", task.document())
        yield from task.transactions
    # an older version of task 1, which is not to be used, and two documents that cannot be read
    yield Document("tasks", Task(1, status="open", title="An old title").document(), batch=0)
    yield Document("transactions", '{"taskID":"1","oldValue":"\\ud800"}', key="9001")
    yield Document("tasks", '{"id":"no number","fields":{"dateModified":1}}', key="9002")
    parent = {"parent": {"phid": TEAM}, "depth": 1, "slug": None}
    yield _project(1, TEAM, "Team")
    yield _project(2, SPRINT, "Sprint 1", milestone=1, **parent)
    yield _project(3, CHILD, "Child", **parent)
    yield _project(4, SECRET, "Secret", policy={"view": "PHID-PLCY-few"})
    yield _column(0, BACKLOG, "Backlog", isDefaultColumn=True)
    yield _column(1, DOING, "Doing")
    yield _column(2, DONE, "Done")
    yield _project(5, GONE, "Hush", **parent)
    yield _project(6, BELOW, "Below", parent={"phid": GONE}, depth=2, slug=None)
    yield _column(4, GONE_COLUMN, "Review of Hush")
    yield _column(3, IN_SPRINT, "Sprint 1", proxyPHID=SPRINT)
    for value, name, closed, special in (
        ("open", "Open", False, "default"),
        ("progress", "In Progress", False, None),
        ("resolved", "Resolved", True, "closed"),
        ("wontfix", "Wontfix", True, None),
        ("duplicate", "Duplicate", True, "duplicate"),
    ):
        status = {"value": value, "name": name, "closed": closed}
        yield Document("statuses", json.dumps({**status, **({"special": special} if special else {})}))
    yield Document("priorities", json.dumps({"value": 90, "name": "Needs Triage", "color": "violet"}))
    for user, policy, roles in (
        (ALICE, "public", ["verified"]),
        ("PHID-USER-hidden", "admin", ["bot", "disabled"]),
        (GONE_USER, "public", ["verified"]),
    ):
        fields = {
            "username": user[10:],
            "realName": user,
            "roles": roles,
            "dateCreated": START,
            "dateModified": START,
            "policy": {"view": policy},
        }
        yield Document("users", json.dumps({"id": 1, "phid": user, "fields": fields}))
