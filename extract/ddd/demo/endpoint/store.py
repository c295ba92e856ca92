"""What the endpoint serves: documents in memory, which may be edited while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from ddd.demo.endpoint.answers import php_json
from ddd.demo.endpoint.documents import StoredObject, StoredTransaction, search_row_id, transaction_keys
from ddd.demo.endpoint.trouble import Troubles

_EMPTY_ATTACHMENTS = {
    "columns": {"boards": []},
    "projects": {"projectPHIDs": []},
    "subscribers": {"subscriberPHIDs": [], "subscriberCount": 0, "viewerIsSubscribed": False},
}


class DocumentStore:
    """Documents of one simulated or recorded installation, by id and by PHID.

    All methods may be called from several threads.

    Attributes:
        tasks: Tasks by id, hidden ones included.
        objects: Tasks, projects, columns and users by PHID.
        projects: Projects by PHID.
        columns: Workboard columns by PHID.
        users: Users by PHID.
        transactions: Transactions of tasks by id.
        hashtags: Additional slugs of projects, which no document holds, and the PHIDs that they mean.
        statuses: JSON texts of the rows of maniphest.status.search.
        priorities: JSON texts of the rows of maniphest.priority.search.
        whoami: JSON text of user.whoami's result.
        base_uri: The installation's address, as its answers write it.
        token: The one token that is accepted; any where it is empty.
        unreadable_tasks: Ids of tasks for which the server runs out of memory, in whichever list they are.
        unreadable_histories: The same for the histories of tasks.
        removed_methods: Methods that this server does not have.
        is_old_server: Answer transaction.search as servers before mid-2026 do, with less in it.
        clock: The installation's time; answers carry it in their `Date` header.
        troubles: Failures that are planned for the calls to come.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.version = 0
        self.tasks: dict[int, StoredObject] = {}
        self.objects: dict[str, StoredObject] = {}
        self.projects: dict[str, StoredObject] = {}
        self.columns: dict[str, StoredObject] = {}
        self.users: dict[str, StoredObject] = {}
        self.transactions: dict[int, StoredTransaction] = {}
        self.statuses: list[bytes] = []
        self.priorities: list[bytes] = []
        self.hashtags: dict[str, str] = {}
        self.whoami = (
            b'{"phid":null,"userName":"demo","realName":"Demo","image":"","uri":"","roles":["agent"]}'
        )
        self.base_uri = "http://phabricator.example.org"
        self.token = ""
        self.unreadable_tasks: set[int] = set()
        self.unreadable_histories: set[int] = set()
        self.removed_methods: set[str] = set()
        self.is_old_server = False
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.troubles = Troubles()
        self._histories: dict[int, list[int]] = {}

    @classmethod
    def from_documents(
        cls,
        *,
        tasks: Iterable[bytes],
        transactions: Iterable[bytes],
        projects: Iterable[bytes] = (),
        columns: Iterable[bytes] = (),
        users: Iterable[bytes] = (),
        statuses: Iterable[bytes] = (),
        priorities: Iterable[bytes] = (),
        search_transactions: Iterable[bytes] = (),
        whoami: bytes | None = None,
        now: datetime | None = None,
        base_uri: str = "http://phabricator.example.org",
        token: str = "",
    ) -> DocumentStore:
        """A store of rows as the server's methods give them, one JSON text each.

        Args:
            tasks: Rows of maniphest.search with the attachments columns, projects and subscribers.
            transactions: Rows of maniphest.gettasktransactions.
            projects: Rows of project.search with the attachments ancestors, members and watchers.
            columns: Rows of project.column.search.
            users: Rows of user.search.
            statuses: Rows of maniphest.status.search.
            priorities: Rows of maniphest.priority.search.
            search_transactions: Rows of transaction.search for some or all of the transactions; the
                others are worked out.
            whoami: The result of user.whoami.
            now: The installation's time, which then stands still; this machine's where none is given.
            base_uri: The installation's address.
            token: The one token to accept.
        """
        store = cls()
        for document in tasks:
            store.put_task(document)
        for row in transactions:
            store.put_transaction(row)
        for row in search_transactions:
            known = store.transactions.get(search_row_id(row))
            if known:
                known.search_row = row
        for kind, documents in ((store.projects, projects), (store.columns, columns), (store.users, users)):
            for document in documents:
                store._put(kind, document)
        store.statuses, store.priorities = list(statuses), list(priorities)
        store.whoami = whoami or store.whoami
        store.base_uri, store.token = base_uri, token
        if now is not None:
            store.clock = lambda: now
        return store

    def history(self, task_id: int) -> list[StoredTransaction]:
        """A task's transactions, newest first."""
        with self.lock:
            return [
                self.transactions[number] for number in sorted(self._histories.get(task_id, ()), reverse=True)
            ]

    def project_phid(self, token: str) -> str | None:
        """The PHID of a project named by its PHID or its slug; none where there is no such project."""
        if token in self.projects:
            return token
        slug = token.removeprefix("#")
        if slug in self.hashtags:
            return self.hashtags[slug]
        for phid, project in self.projects.items():
            if project.fields["slug"] is not None and project.fields["slug"] == slug:
                return phid
        return None

    def put_task(self, document: bytes) -> None:
        """Add a task, or replace the one with its id; whether it is hidden stays as it was."""
        with self.lock:
            task = StoredObject(document)
            known = self.tasks.get(task.id)
            if known is not None:
                task.is_visible = known.is_visible
                for number in self._histories.get(task.id, ()):
                    self.transactions[number].task = task
            self.tasks[task.id] = self.objects[task.phid] = task
            self.version += 1

    def put_transaction(self, row: bytes) -> None:
        """Add a transaction, or replace the one with its id; its task must be there.

        Raises:
            KeyError: The store has no such task.
        """
        task_id, number, phid = transaction_keys(row)
        with self.lock:
            transaction = StoredTransaction(row, self.tasks[task_id], number, phid)
            if number not in self.transactions:
                self._histories.setdefault(task_id, []).append(number)
            self.transactions[number] = transaction
            self.version += 1

    def put_project(self, document: bytes) -> None:
        """Add or replace a project."""
        self._put(self.projects, document)

    def put_column(self, document: bytes) -> None:
        """Add or replace a workboard column."""
        self._put(self.columns, document)

    def put_user(self, document: bytes) -> None:
        """Add or replace a user."""
        self._put(self.users, document)

    def _put(self, kind: dict[str, StoredObject], document: bytes) -> None:
        with self.lock:
            found = StoredObject(document)
            kind[found.phid] = self.objects[found.phid] = found
            self.version += 1

    def hide_task(self, task_id: int) -> None:
        """Make a task secret: it and its transactions are no longer visible."""
        with self.lock:
            self.tasks[task_id].is_visible = False
            self.version += 1

    def show_task(self, task_id: int) -> None:
        """Make a secret task visible again, with its whole old history."""
        with self.lock:
            self.tasks[task_id].is_visible = True
            self.version += 1

    def destroy_task(self, task_id: int) -> None:
        """Remove a task and its transactions for good, as bin/remove does: no trace is left."""
        with self.lock:
            task = self.tasks.pop(task_id)
            del self.objects[task.phid]
            for number in self._histories.pop(task_id, ()):
                del self.transactions[number]
            self.version += 1

    def edit_task(self, task_id: int, *, at: int, **fields: Any) -> None:
        """Change fields of a task's document and its modification time, without a transaction.

        Args:
            task_id: Which task.
            at: Time of the change, in seconds since 1970.
            fields: New values by the document's own names, such as `name="Title"`.
        """
        with self.lock:
            task = self.tasks[task_id]
            document = msgspec.json.decode(task.document())
            document["fields"].update(fields, dateModified=at)
            self.put_task(php_json(document))

    def create_task(self, *, at: int, title: str, author_phid: str, **fields: Any) -> int:
        """Add an open task without projects, with the transactions of its creation; returns its id."""
        with self.lock:
            task_id = max(self.tasks, default=0) + 1
            plain = {
                "name": title,
                "description": {"raw": ""},
                "authorPHID": author_phid,
                "ownerPHID": None,
                "status": {"value": "open", "name": "Open", "color": None},
                "priority": {"value": 90, "name": "Needs Triage", "color": "violet"},
                "points": None,
                "subtype": "default",
                "closerPHID": None,
                "dateClosed": None,
                "groupByProjectPHID": None,
                "spacePHID": None,
                "dateCreated": at,
                "dateModified": at,
                "policy": {"view": "public", "interact": "public", "edit": "users"},
            }
            document = {"id": task_id, "type": "TASK", "phid": f"PHID-TASK-created{task_id:013d}"}
            document["fields"] = {**plain, **fields}
            self.put_task(php_json({**document, "attachments": _EMPTY_ATTACHMENTS}))
            meta = {"core.create": True}
            self.add_transaction(task_id, "core:create", at=at, author_phid=author_phid, meta=meta)
            self.add_transaction(task_id, "title", "", title, at=at, author_phid=author_phid, meta=meta)
            return task_id

    def add_transaction(
        self,
        task_id: int,
        transaction_type: str,
        old: Any = None,
        new: Any = None,
        *,
        at: int,
        author_phid: str,
        comments: str | None = None,
        meta: dict[str, Any] | None = None,
    ) -> int:
        """Write a transaction with the next free id, which is returned; the document stays as it is."""
        with self.lock:
            number = max(self.transactions, default=0) + 1
            row = {
                "taskID": str(task_id),
                "title": "",
                "transactionID": str(number),
                "transactionPHID": f"PHID-XACT-TASK-added{number:010d}",
                "transactionType": transaction_type,
                "oldValue": old,
                "newValue": new,
                "meta": {**(meta or {}), "core.groupID": f"group{number:027d}"},
                "comments": comments,
                "authorPHID": author_phid,
                "dateCreated": str(at),
            }
            self.put_transaction(php_json(row))
            return number
