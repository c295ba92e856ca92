"""A task that is gone and one known by its history alone, on the installation of the odd histories."""

from __future__ import annotations

from collections.abc import Iterator

from documents_file import Document, Sweep
from odd_histories import ALICE, BACKLOG, DOING, GONE, GONE_COLUMN, GONE_USER, TEAM, Task

GONE_TASK = (
    Task(14, title="Gone for good", projects=[TEAM], status="resolved", boards={TEAM: [DOING]})
    .tag(0, [TEAM])
    .then(0, "title", "", "Gone for good")
    .move(1, DOING, [BACKLOG])
    .then(2, "status", "open", "resolved")
)

# Nothing but its transactions are here.
TOLD_TASK = (
    Task(16)
    .then(0, "title", "", "Told by its history")
    .tag(0, [TEAM])
    .then(1, "title", "Told by its history", "Told by its history alone")
    .then(1, "priority", "90", "50")
    .move(2, DOING, [BACKLOG])
    .then(3, "status", "0", "1")
    .then(3, "reassign", None, ALICE)
)

SWEEPS = [
    Sweep("tasks", "14", False, 3),
    Sweep("tasks", "15", False, 3),
    Sweep("tasks", "15", True, 5),
    Sweep("projects", GONE, False, 3),
    Sweep("columns", GONE_COLUMN, False, 3),
    Sweep("users", GONE_USER, False, 3),
]


def hidden_documents() -> Iterator[Document]:
    """What is known of these two tasks."""
    yield Document("tasks", GONE_TASK.document())
    yield from GONE_TASK.transactions
    yield from TOLD_TASK.transactions
