"""Where the made-up histories happen: boards of every kind, statuses, priorities, people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from documents_file import Document

DAY = 86400
START = int(datetime(2025, 11, 3, tzinfo=UTC).timestamp())
AS_OF_SECOND = START + 200 * DAY + 4321
AS_OF = datetime.fromtimestamp(AS_OF_SECOND, UTC).replace(tzinfo=None)

MAIN_SPACE, SECRET_SPACE = "PHID-SPCE-main", "PHID-SPCE-secret"
PEOPLE = ("PHID-USER-alice", "PHID-USER-bob", "PHID-APPS-harbormaster", "PHID-USER-nobodyknows")

TEAM, SPRINT_1, SPRINT_2, CHILD = (
    "PHID-PROJ-team",
    "PHID-PROJ-sprint1",
    "PHID-PROJ-sprint2",
    "PHID-PROJ-child",
)
PLAIN, LATE, TAG = "PHID-PROJ-plain", "PHID-PROJ-late", "PHID-PROJ-tag"
SECRET, UNSEEN, ARCHIVED = "PHID-PROJ-secret", "PHID-PROJ-unseen", "PHID-PROJ-archived"

PARENTS = {SPRINT_1: TEAM, SPRINT_2: TEAM, CHILD: TEAM}
MILESTONES = (SPRINT_1, SPRINT_2)
PROJECTS = (TEAM, SPRINT_1, SPRINT_2, CHILD, PLAIN, LATE, TAG, SECRET, UNSEEN, ARCHIVED)

GONE = "PHID-PCOL-team-gone"
"""A column of the team's board that was destroyed."""

COLUMNS = {
    TEAM: ("backlog", "ready", "doing", "waiting", "done", "hidden"),
    SPRINT_1: ("backlog", "in-review"),
    CHILD: ("inbox", "here", "there"),
    PLAIN: ("first", "second"),
    LATE: ("backlog", "doing"),
    SECRET: ("backlog", "doing"),
    UNSEEN: ("backlog", "doing"),
}
"""Columns per board, the default one first. What is on the unseen board has no documents."""

SPRINT_COLUMNS = {SPRINT_1: "PHID-PCOL-team-sprint1", SPRINT_2: "PHID-PCOL-team-sprint2"}
"""Columns on the team's board that stand for its milestones."""

BOARD_MADE = {LATE: START + 60 * DAY}

STATUSES = {
    "open": (False, "default"),
    "progress": (False, None),
    "stalled": (False, None),
    "resolved": (True, "closed"),
    "declined": (True, None),
    "invalid": (True, None),
    "duplicate": (True, "duplicate"),
    "spite": (True, None),
}
NUMBERED = {"open": 0, "resolved": 1, "declined": 2, "invalid": 3, "duplicate": 4, "spite": 5}
STRANGE_STATUS = "assessing"
"""A status that no pattern of the roles fits, and that no task has."""

FORGOTTEN_STATUS = "needsinfo"
"""A status that the server no longer has."""

PRIORITIES = {100: "Unbreak Now!", 90: "Needs Triage", 80: "High", 50: "Normal", 25: "Low"}
DEFAULT_PRIORITY = 90


def column(board: str, name: str) -> str:
    return f"PHID-PCOL-{board[10:]}-{name}"


def family(project: str) -> str:
    """The project, and for a milestone its parent: a task is tagged with one of these at a time."""
    return PARENTS[project] if project in MILESTONES else project


def default_column(board: str) -> str | None:
    return column(board, COLUMNS[board][0]) if board in COLUMNS else None


def ordinary_columns() -> list[tuple[str, str]]:
    """Board and column, of all that stand for no other project."""
    return [(board, column(board, name)) for board, names in COLUMNS.items() for name in names]


def organisation_documents() -> Iterator[Document]:
    """Everything but tasks."""
    for number, phid in enumerate(PROJECTS, start=1):
        if phid != UNSEEN:
            yield project_document(number, phid)
    numbers = iter(range(1, 1000))
    for board, names in COLUMNS.items():
        if board == UNSEEN:
            continue
        for sequence, name in enumerate(names):
            yield column_document(next(numbers), column(board, name), board, name, sequence)
    for milestone, phid in SPRINT_COLUMNS.items():
        yield column_document(next(numbers), phid, TEAM, "Sprint", 10, proxyPHID=milestone)
    yield column_document(next(numbers), "PHID-PCOL-team-child", TEAM, "Doing: Child", 11, proxyPHID=CHILD)
    for value, (is_closed, special) in [*STATUSES.items(), (STRANGE_STATUS, (False, None))]:
        status = {"value": value, "name": value.title(), "closed": is_closed}
        yield Document("statuses", json.dumps({**status, **({"special": special} if special else {})}))
    for priority, name in PRIORITIES.items():
        yield Document("priorities", json.dumps({"value": priority, "name": name, "color": "red"}))
    for number, phid in enumerate(PEOPLE[:2], start=1):
        yield user_document(number, phid)


def project_document(number: int, phid: str, **others: Any) -> Document:
    """A project named after its PHID, with these fields otherwise than these projects have them."""
    parent = PARENTS.get(phid)
    is_milestone = phid in MILESTONES
    fields: dict[str, Any] = {
        "name": phid[10:],
        "slug": None if is_milestone else phid[10:],
        "subtype": "default",
        "milestone": MILESTONES.index(phid) + 1 if is_milestone else None,
        "depth": 1 if parent else 0,
        "parent": {"id": 1, "phid": parent, "name": "x"} if parent else None,
        "icon": {"key": "project"},
        "color": {"key": "blue"},
        "status": "archived" if phid == ARCHIVED else "active",
        "spacePHID": MAIN_SPACE,
        "dateCreated": START - DAY,
        "dateModified": START,
        "policy": {"view": "PHID-PLCY-few" if phid == SECRET else "public"},
        "description": None,
    }
    return Document("projects", json.dumps({"id": number, "phid": phid, "fields": {**fields, **others}}))


def column_document(number: int, phid: str, board: str, name: str, sequence: int, **fields: Any) -> Document:
    """A column, with these fields otherwise than plain ones have them."""
    plain = {
        "name": name.replace("-", " ").title(),
        "proxyPHID": None,
        "project": {"id": 1, "phid": board, "name": "x"},
        "isHidden": name == "hidden",
        "isDefaultColumn": phid == default_column(board),
        "sequence": sequence,
        "dateCreated": BOARD_MADE.get(board, START - DAY),
        "dateModified": START,
        "policy": {"view": "public"},
    }
    return Document("columns", json.dumps({"id": number, "phid": phid, "fields": {**plain, **fields}}))


def user_document(number: int, phid: str) -> Document:
    """A person whose account is public."""
    fields = {
        "username": phid[10:],
        "realName": phid[10:],
        "roles": ["verified"],
        "dateCreated": START,
        "dateModified": START,
        "policy": {"view": "public"},
    }
    return Document("users", json.dumps({"id": number, "phid": phid, "fields": fields}))
