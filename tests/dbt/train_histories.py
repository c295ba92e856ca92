"""Release tasks and their blockers, written by hand: a train for each way to come and go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from documents_file import Document

from repository import Repository

START = 1_772_323_200
"""2026-03-01, a Sunday."""
HOUR = 3600

ANN, BEN, CAT = (f"PHID-USER-{name}" for name in ("ann", "ben", "cat"))
UNSEEN = "PHID-TASK-unseen"

_ids = count(100_000)


@dataclass
class Told:
    """A task and what happened to it, at hours after START and in the words of the server."""

    task_id: int
    title: str = "A bug"
    subtype: str = "error"
    author: str = ANN
    status: str = "open"
    policy: str = "public"
    created: int = 0
    release_version: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def phid(self) -> str:
        return f"PHID-TASK-{self.task_id}"

    def then(self, hours: int, actor: str, kind: str, old: Any, new: Any, **meta: Any) -> Told:
        """One transaction."""
        number = next(_ids)
        self.rows.append(
            {
                "taskID": str(self.task_id),
                "transactionID": str(number),
                "transactionPHID": f"PHID-XACT-TASK-{number}",
                "transactionType": kind,
                "oldValue": old,
                "newValue": new,
                "meta": {key.replace("_", ":"): value for key, value in meta.items()} or [],
                "comments": None,
                "authorPHID": actor,
                "dateCreated": str(START + hours * HOUR),
            }
        )
        return self

    def sub(self, hours: int, actor: str, *blockers: str) -> Told:
        """Sub-tasks are added, as the parent tells it."""
        return self.then(hours, actor, "core:edge", [], list(blockers), edge_type=3)

    def unsub(self, hours: int, actor: str, *blockers: str) -> Told:
        """Sub-tasks are taken away."""
        return self.then(hours, actor, "core:edge", list(blockers), [], edge_type=3)

    def set(self, hours: int, actor: str, old: str, new: str) -> Told:
        """The status changes."""
        self.status = new
        return self.then(hours, actor, "status", old, new)

    def documents(self) -> Iterator[Document]:
        """The task as the server has it now, and its transactions."""
        fields = {
            "name": self.title,
            "authorPHID": self.author,
            "ownerPHID": None,
            "status": {"value": self.status, "name": self.status.title()},
            "priority": {"value": 90, "name": "Needs Triage"},
            "points": None,
            "subtype": self.subtype,
            "custom.release.version": self.release_version,
            "closerPHID": None,
            "dateClosed": None,
            "spacePHID": None,
            "dateCreated": START + self.created * HOUR,
            "dateModified": START + 2000 * HOUR,
            "policy": {"view": self.policy},
        }
        attachments = {"columns": {"boards": []}, "projects": {"projectPHIDs": []}}
        task = {"id": self.task_id, "phid": self.phid, "fields": fields, "attachments": attachments}
        yield Document("tasks", json.dumps(task))
        for row in self.rows:
            yield Document("transactions", json.dumps(row))


def _blocker(number: int, **fields: Any) -> Told:
    return Told(number, title=f"Bug {number}", **fields)


def _release(number: int, minor: int, **fields: Any) -> Told:
    title = f"1.46.0-wmf.{minor} deployment blockers"
    return Told(
        number, **{"title": title, "subtype": "release", "release_version": f"1.46.0-wmf.{minor}", **fields}
    )


TASKS = [
    # 1: removed and added again, then resolved and, while it was closed, removed
    _release(1, 1)
    .sub(20, ANN, "PHID-TASK-11")
    .unsub(25, BEN, "PHID-TASK-11")
    .sub(30, CAT, "PHID-TASK-11")
    .then(35, CAT, "unblock", {"PHID-TASK-11": "open"}, {"PHID-TASK-11": "resolved"})
    .unsub(40, ANN, "PHID-TASK-11"),
    _blocker(11, created=10)
    .then(20, ANN, "core:edge", [], ["PHID-TASK-1"], edge_type=4)
    .then(25, BEN, "core:edge", ["PHID-TASK-1"], [], edge_type=4)
    .set(35, CAT, "open", "resolved"),
    # 2: resolved and opened again, resolved for good by merging; and one that is open still
    _release(2, 2).sub(20, ANN, "PHID-TASK-12", "PHID-TASK-13"),
    _blocker(12, created=1)
    .set(22, BEN, "open", "resolved")
    .set(26, CAT, "resolved", "open")
    .then(30, CAT, "mergedinto", None, "PHID-TASK-13"),
    _blocker(13, created=1).set(21, BEN, "open", "progress"),
    # 3: created as a sub-task, which nothing tells but its closing; one of which its own row alone tells; one
    #    that was taken away and never added; one that was closed before it was added
    _release(3, 3, created=5)
    .then(50, BEN, "unblock", {"PHID-TASK-14": "open"}, {"PHID-TASK-14": "resolved"})
    .unsub(60, CAT, "PHID-TASK-16")
    .sub(70, ANN, "PHID-TASK-17"),
    _blocker(14, created=40, author=CAT).set(50, BEN, "open", "resolved"),
    _blocker(15, created=41).then(41, BEN, "core:edge", [], ["PHID-TASK-3"], edge_type=4),
    _blocker(16, created=1, author=BEN),
    _blocker(17, created=1).set(9, CAT, "open", "wontfix"),
    # 4 and 5: the same blocker, and a private, an unseen and a gone one; 5 is known by its title only
    _release(4, 4).sub(80, ANN, "PHID-TASK-18", "PHID-TASK-19", UNSEEN),
    Told(5, title="1.46.0-wmf.5 deployment blockers", subtype="default").sub(90, BEN, "PHID-TASK-18"),
    _blocker(18, created=70).set(95, CAT, "open", "resolved"),
    _blocker(19, created=70, policy="users").set(91, CAT, "open", "resolved"),
    # 6 is private; 7 says its version again, as a duplicate of a public one would
    _release(6, 6, policy="users").sub(80, ANN, "PHID-TASK-20"),
    _release(7, 5, status="duplicate").sub(81, ANN, "PHID-TASK-20"),
    _blocker(20, created=70),
    # the old spelling
    Told(21, title="1.25wmf14 deployment blockers", subtype="default").sub(80, ANN, "PHID-TASK-20"),
    # no release tasks: a release that is no train, a title without the words, a bug that names a version
    Told(8, title="Release 3.1", subtype="release", release_version="3.1").sub(80, ANN, "PHID-TASK-20"),
    Told(9, title="Roll back 1.46.0-wmf.9").sub(80, ANN, "PHID-TASK-20"),
]  # fmt: skip


def train_documents() -> Iterator[Document]:
    """All documents of the installation that these tasks live on."""
    for task in TASKS:
        # merging sets the status and writes no row of it
        if any(row["transactionType"] == "mergedinto" for row in task.rows):
            task.status = "duplicate"
        yield from task.documents()
    for value, closed, special in (
        ("open", False, "default"),
        ("progress", False, None),
        ("resolved", True, "closed"),
        ("wontfix", True, None),
        ("duplicate", True, "duplicate"),
    ):
        status = {"value": value, "name": value.title(), "closed": closed}
        yield Document("statuses", json.dumps({**status, **({"special": special} if special else {})}))
    yield Document("priorities", json.dumps({"value": 90, "name": "Needs Triage", "color": "violet"}))
    for number, user in enumerate((ANN, BEN, CAT), start=1):
        fields = {
            "username": user[10:],
            "realName": user,
            "roles": ["verified"],
            "dateCreated": START,
            "dateModified": START,
            "policy": {"view": "public"},
        }
        yield Document("users", json.dumps({"id": number, "phid": user, "fields": fields}))


def deploy_trains(repository: Repository) -> None:
    """The trains of these release tasks: 1 is rolled back, 3 begins with group 1, 4 fails altogether."""

    def at(hours: float) -> datetime:
        return datetime.fromtimestamp(START + hours * HOUR, UTC)

    def roll(hours: float, minor: int, *wikis: str, by: str = "Ada") -> None:
        repository.deploy(at(hours), by=by, **dict.fromkeys(wikis, f"1.46.0-wmf.{minor}"))

    roll(-200, 0, "testwiki", "mediawikiwiki", "commonswiki", "enwiki")
    roll(12, 1, "testwiki", "mediawikiwiki")
    roll(19, 1, "commonswiki")
    roll(21, 0, "commonswiki", by="Grace")
    roll(29, 1, "commonswiki", "enwiki")
    roll(200, 2, "testwiki", "mediawikiwiki", by="Grace")
    roll(224, 2, "commonswiki", by="Grace")
    roll(248, 2, "enwiki", by="Grace")
    # a week without a train, then one that begins with group 1
    roll(560, 3, "commonswiki")
    roll(584, 3, "enwiki", "mediawikiwiki")
    roll(720, 4, "testwiki", "mediawikiwiki", by="Grace")
    roll(724, 3, "testwiki", "mediawikiwiki", by="Grace")
    roll(900, 5, "testwiki")
