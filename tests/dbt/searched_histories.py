"""Rows of transaction.search, of every type that it tells (FACTS §4), about tasks of the odd installation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from documents_file import Document
from odd_histories import ALICE, BACKLOG, DAY, DOING, SECRET, START, TASKS, TEAM, Task

SEARCHED_TASK = Task(18, projects=[TEAM], boards={TEAM: [DOING]}, status="duplicate", owner=ALICE)
"""Its history comes from transaction.search. That of task 12 comes from there, and by gettasktransactions."""

SEARCHED_ROWS: list[tuple[float, str | None, Any]] = [
    (0, "create", []),
    (0, "projects", {"operations": [
        {"operation": "add", "phid": TEAM}, {"operation": "remove", "phid": SECRET}
    ]}),
    (0, "title", {"old": "", "new": "A task"}),
    (0, "description", {"old": "", "new": "not for the public"}),
    (1, "priority", {"old": {"value": 50, "name": "Normal"}, "new": {"value": 90, "name": "Needs Triage"}}),
    (1, "owner", {"old": None, "new": ALICE}),
    (1, "core:columns", {"old": None, "new": [
        {"columnPHID": DOING, "boardPHID": TEAM, "fromColumnPHIDs": {BACKLOG: BACKLOG}}
    ]}),
    (2, "points", {"old": None, "new": 2.5}),
    (2, "dependsOn", {"operations": [{"operation": "add", "phid": "PHID-TASK-12"}]}),
    (2, "dependedOnBy", {"operations": [{"operation": "remove", "phid": "PHID-TASK-13"}]}),
    (2, "subscribers", {"operations": [{"operation": "add", "phid": ALICE}]}),
    (2, "core:customfield", {"std:maniphest:notes": {"old": None, "new": "not for the public"}}),
    (2, "unblock", {"old": {"PHID-TASK-12": "open"}, "new": {"PHID-TASK-12": "resolved"}}),
    (2, None, {}),
    (2, "comment", {}),
    (2, "some:new", {"old": 1, "new": 2}),
    (3, "status", {"old": "open", "new": "progress"}),
    (4, "mergedinto", {"old": None, "new": "PHID-TASK-1"}),
]  # fmt: skip


def _searched(number: int, task: str, days: float, kind: str | None, fields: Any) -> Document:
    at = int(START + days * DAY)
    row = {
        "id": number,
        "phid": f"PHID-XACT-TASK-{number}",
        "type": kind,
        "authorPHID": ALICE,
        "objectPHID": task,
    }
    stamps = {"dateCreated": at, "dateModified": at, "groupID": None}
    comments = [{"content": {"raw": "not for the public"}}] if kind == "comment" else []
    return Document(
        "transaction_records", json.dumps({**row, **stamps, "comments": comments, "fields": fields})
    )


def searched_documents() -> Iterator[Document]:
    """That task with its rows, those of task 12 once more, and one of a task that nobody knows."""
    yield Document("tasks", SEARCHED_TASK.document())
    for number, (days, kind, fields) in enumerate(SEARCHED_ROWS, start=5001):
        yield _searched(number, SEARCHED_TASK.phid, days, kind, fields)
    yield _searched(6001, "PHID-TASK-nobody", 1, "status", {"old": "open", "new": "resolved"})
    twelve = next(task for task in TASKS if task.task_id == 12)
    for document in twelve.transactions:
        row = json.loads(document.text)
        fields = (
            {"old": row["oldValue"], "new": row["newValue"]} if row["transactionType"] == "status" else {}
        )
        kind = "status" if fields else None
        days = (int(row["dateCreated"]) - START) / DAY
        yield _searched(int(row["transactionID"]), twelve.phid, days, kind, fields)
