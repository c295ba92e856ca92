"""Documents of a small site as they change from one landing to the next, by a seeded choice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from documents_file import Document, Sweep

from ddd.demo.organisation.history import stream_documents

_ENDS_AT = datetime(2026, 6, 1)
_FIRST_TRANSACTION = 800_000_000
_FIRST_RECORD = 900_000_000


class ChangingDocuments:
    """A site whose tasks, histories and projects change in every way that a server can send.

    Attributes:
        done: What was changed last, for the message of a failed test.
    """

    def __init__(self, seed: int, tasks_count: int) -> None:
        self.random = Random(seed)
        self.known: dict[str, dict[str, dict[str, Any]]] = {}
        self.late: list[tuple[str, str, dict[str, Any]]] = []
        self.hidden: list[str] = []
        self.records: list[dict[str, Any]] = []
        self.landed: list[Document] = []
        self.sweeps: list[Sweep] = []
        self.batch, self.added, self.done = 1, 0, [""]
        new_tasks: set[str] = set()
        for stream, key, _, text in stream_documents(seed, _ENDS_AT, tasks_count):
            body = json.loads(text)
            if stream == "tasks" and self.random.random() < 0.3:
                new_tasks.add(key)
            is_late = stream == "transactions" and self.random.random() < 0.1
            if is_late or key in new_tasks or str(body.get("taskID")) in new_tasks:
                self.late.append((stream, key, body))
            else:
                self.known.setdefault(stream, {})[key] = body
        self.random.shuffle(self.late)

    def first(self) -> list[Document]:
        """What the first landing brings; the rest comes later, in any order."""
        return [
            Document(stream, json.dumps(body))
            for stream, bodies in self.known.items()
            for body in bodies.values()
        ]

    def changes(self, batch: int, *, of_tasks_only: bool = False) -> tuple[list[Document], list[Sweep]]:
        """What the next landing brings; of tasks only, it brings no project, column or status."""
        self.batch, self.landed, self.sweeps = batch, [], []
        ways: list[Callable[[], None]] = [
            *(self._late, self._late, self._edit_task, self._edit_transaction, self._hide, self._show),
            *(self._break, self._lack_keys, self._record, self._record, self._supersede),
        ]
        if not of_tasks_only:
            ways += [self._rename, self._list_anew, self._milestone, self._vanish]
        chosen = self.random.choices(ways, k=12)
        for way in chosen:
            way()
        self.done = [way.__name__ for way in chosen]
        return self.landed, self.sweeps

    def _any(self, stream: str) -> tuple[str, dict[str, Any]]:
        return self.random.choice(sorted(self.known[stream].items(), key=lambda pair: pair[0]))

    def _land(self, stream: str, key: str, body: dict[str, Any]) -> None:
        self.known.setdefault(stream, {})[key] = body
        self.landed.append(Document(stream, json.dumps(body), self.batch))

    def _late(self) -> None:
        for _ in range(min(len(self.late), 8)):
            self._land(*self.late.pop())

    def _edit_task(self) -> None:
        key, body = self._any("tasks")
        fields, other = body["fields"], self._any("tasks")[1]
        names = ["name", "status", "priority", "points", "ownerPHID", "policy", "spacePHID"]
        changed = self.random.choice(names)
        edited = {**fields, changed: other["fields"].get(changed), "dateModified": fields["dateModified"] + 1}
        attachments = other["attachments"] if self.random.random() < 0.5 else body["attachments"]
        self._land("tasks", key, {**body, "fields": edited, "attachments": attachments})

    def _edit_transaction(self) -> None:
        key, body = self._any("transactions")
        other = self._any("transactions")[1]
        taken = ("transactionType", "oldValue", "newValue", "meta")
        self._land("transactions", key, {**body, **{name: other.get(name) for name in taken}})

    def _hide(self) -> None:
        key, _ = self._any("tasks")
        self.hidden.append(key)
        self.sweeps.append(Sweep("tasks", key, is_visible=False, batch=self.batch))

    def _show(self) -> None:
        if self.hidden:
            key = self.hidden.pop()
            self.sweeps.append(Sweep("tasks", key, is_visible=True, batch=self.batch))

    def _rename(self) -> None:
        stream = self.random.choice(["projects", "columns"])
        key, body = self._any(stream)
        fields = {**body["fields"], "name": f"Renamed in {self.batch}"}
        self._land(stream, key, {**body, "fields": fields})

    def _list_anew(self) -> None:
        """A status gets another meaning or name, or a new one is listed."""
        key, body = self._any("statuses")
        change = self.random.choice(["closed", "name", "value"])
        if change == "value":
            key = f"new-in-{self.batch}"
            self._land("statuses", key, {"name": "New", "value": key, "closed": False})
        else:
            other = not body["closed"] if change == "closed" else f"Renamed in {self.batch}"
            self._land("statuses", key, {**body, change: other})

    def _milestone(self) -> None:
        """A project gets a milestone, and its board the column that stands for it; a task moves there."""
        parent = self._any("projects")[1]
        column = self._any("columns")[1]
        name = f"{self.batch}n{len(self.landed)}"
        project, proxy = f"PHID-PROJ-new{name}", f"PHID-PCOL-new{name}"
        board = {"id": parent["id"], "phid": parent["phid"], "name": parent["fields"]["name"]}
        fields = {"name": f"Milestone {name}", "slug": None, "milestone": 90 + self.batch, "parent": board}
        self._land(
            "projects",
            project,
            {
                **parent,
                "id": 5000 + len(self.landed),
                "phid": project,
                "fields": {**parent["fields"], **fields},
            },
        )
        fields = {
            "name": f"Milestone {name}",
            "proxyPHID": project,
            "project": board,
            "isDefaultColumn": False,
        }
        self._land("columns", proxy, {**column, "phid": proxy, "fields": {**column["fields"], **fields}})
        moved = {"columnPHID": proxy, "boardPHID": parent["phid"], "fromColumnPHIDs": {}}
        self._add_transaction(self._any("tasks")[0], "core:columns", None, [moved])

    def _add_transaction(self, task: str, kind: str, old: object, new: object) -> None:
        self.added += 1
        number = str(_FIRST_TRANSACTION + self.added)
        _, body = self._any("transactions")
        said = {"taskID": task, "transactionID": number, "transactionType": kind, "oldValue": old}
        at = str(1_780_200_000 + self.added // 3)
        self._land("transactions", number, {**body, **said, "newValue": new, "dateCreated": at})

    def _vanish(self) -> None:
        """A project or column is hidden from who reads, or shown again."""
        stream = self.random.choice(["projects", "columns"])
        is_visible = self.random.random() < 0.5
        self.sweeps.append(Sweep(stream, self._any(stream)[0], is_visible=is_visible, batch=self.batch))

    def _break(self) -> None:
        stream = self.random.choice(["tasks", "transactions"])
        key, body = self._any(stream)
        self.landed.append(Document(stream, json.dumps(body)[:-1], self.batch, key))

    def _lack_keys(self) -> None:
        stream = self.random.choice(["tasks", "transactions"])
        self.landed.append(Document(stream, '{"fields": {}}', self.batch, self._any(stream)[0]))

    def _record(self) -> None:
        """A transaction of `transaction.search`, also of a task that is not known yet, or a changed one."""
        bodies = [
            *self.known["tasks"].values(),
            *(body for stream, _, body in self.late if stream == "tasks"),
        ]
        if self.records and self.random.random() < 0.3:
            body = {**self.random.choice(self.records), "type": "title"}
        else:
            body = {
                "id": _FIRST_RECORD + len(self.records),
                "type": self.random.choice(["status", "owner", "comment", "title"]),
                "authorPHID": "PHID-USER-someone",
                "objectPHID": self.random.choice(bodies)["phid"],
                "groupID": f"group-{self.batch}",
                "dateCreated": 1_700_000_000 + self.batch,
                "dateModified": 1_700_000_000 + self.batch,
                "fields": {"old": "open", "new": "resolved"},
            }
            self.records.append(body)
        self.landed.append(Document("transaction_records", json.dumps(body), self.batch))

    def _supersede(self) -> None:
        """The server gives in full what it gave by `transaction.search` before."""
        if self.records:
            record = self.random.choice(self.records)
            body = {**self._any("transactions")[1], "transactionID": str(record["id"])}
            tasks = {
                str(one["id"]) for one in self.known["tasks"].values() if one["phid"] == record["objectPHID"]
            }
            self._land(
                "transactions", str(record["id"]), {**body, "taskID": next(iter(tasks), body["taskID"])}
            )
