"""The common searches, with their traps taken care of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ddd.phab.errors import ConduitError
from ddd.phab.phids import PHIDRef
from ddd.phab.registry import Registry, handles_in
from ddd.phab.result import Result
from ddd.phab.rows import ColumnRow, HistoryRow, ProjectRow, TaskRow, TransactionRow, UserRow
from ddd.phab.shapes import as_map

PAGE_SIZE = 100
"""The largest page of most searches; the server gives up sooner in smaller ones (overheating)."""

HISTORY_SIZE = 100
"""Tasks in one request for histories: about 1 MB an answer, which has no pages and no bound."""


class Searches(ABC):
    """What a client can look for. An argument that is left out does not restrict the search."""

    registry: Registry

    @abstractmethod
    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method and return its decoded result."""

    @abstractmethod
    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Result[Any]:
        """Call a method and go through its answer page by page."""

    def tasks(
        self,
        *,
        ids: Sequence[int] | None = None,
        phids: Sequence[str] | None = None,
        projects: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        statuses: Sequence[str] | None = None,
        assigned: Sequence[str] | None = None,
        authors: Sequence[str] | None = None,
        query: str | None = None,
        modified_since: datetime | None = None,
        query_key: str | None = None,
        order: str | None = "oldest",
        attachments: Sequence[str] = ("columns", "projects", "subscribers"),
    ) -> Result[TaskRow]:
        """Search for tasks (`maniphest.search`).

        The order is that of ids, because no other one is safe while people edit: the server re-reads the
        cursor's task, and where that has moved, it leaves tasks out or repeats them.

        Args:
            ids: Task ids, at most 100 of them for one page.
            phids: Task PHIDs.
            projects: PHIDs or slugs; tasks of all of them, with sub-projects and milestones.
            columns: Column PHIDs.
            statuses: Keys such as `open`; the server ignores unknown ones.
            assigned: User PHIDs.
            authors: User PHIDs.
            query: Words in the title and description.
            modified_since: Changed at that time or later.
            query_key: A saved search, as in the address of its page; the other arguments override its own.
            order: A built-in order; none for that of the saved search.
            attachments: What to attach to each task.

        Raises:
            ConduitError: The server says no.
        """
        constraints = {
            "ids": ids,
            "phids": phids,
            "projects": projects,
            "columnPHIDs": columns,
            "statuses": statuses,
            "assigned": assigned,
            "authorPHIDs": authors,
            "query": query,
            # the server wants whole seconds from 1 on
            "modifiedStart": None if modified_since is None else max(int(modified_since.timestamp()), 1),
        }
        return self._search("maniphest.search", constraints, attachments, query_key=query_key, order=order)

    def projects(
        self,
        *,
        ids: Sequence[int] | None = None,
        phids: Sequence[str] | None = None,
        slugs: Sequence[str] | None = None,
        parents: Sequence[str] | None = None,
        ancestors: Sequence[str] | None = None,
        members: Sequence[str] | None = None,
        query: str | None = None,
        status: str = "all",
        attachments: Sequence[str] = ("ancestors",),
    ) -> Result[ProjectRow]:
        """Search for projects, sub-projects and milestones (`project.search`).

        Args:
            ids: Project ids.
            phids: Project PHIDs.
            slugs: Names of hashtags, without `#`; the server ignores unknown ones.
            parents: PHIDs of direct parents.
            ancestors: PHIDs of parents at any depth.
            members: User PHIDs.
            query: Words in the name and description.
            status: `active`, `archived` or `all`; the server itself leaves archived ones out.
            attachments: What to attach: `ancestors`, `members`, `watchers`.

        Raises:
            ConduitError: The server says no.
        """
        constraints = {
            "ids": ids,
            "phids": phids,
            "slugs": slugs,
            "parents": parents,
            "ancestors": ancestors,
            "members": members,
            "query": query,
            "status": status,
        }
        return self._search("project.search", constraints, attachments)

    def columns(
        self,
        *,
        projects: Sequence[str] | None = None,
        ids: Sequence[int] | None = None,
        phids: Sequence[str] | None = None,
    ) -> Result[ColumnRow]:
        """Search for workboard columns, hidden ones included (`project.column.search`).

        Args:
            projects: PHIDs of the projects whose boards are meant.
            ids: Column ids.
            phids: Column PHIDs.

        Raises:
            ConduitError: The server says no.
        """
        return self._search("project.column.search", {"projects": projects, "ids": ids, "phids": phids})

    def users(
        self,
        *,
        ids: Sequence[int] | None = None,
        phids: Sequence[str] | None = None,
        usernames: Sequence[str] | None = None,
        query: str | None = None,
    ) -> Result[UserRow]:
        """Search for users, disabled ones and bots included (`user.search`).

        Args:
            ids: User ids.
            phids: User PHIDs.
            usernames: Exact user names.
            query: Words in their names.

        Raises:
            ConduitError: The server says no.
        """
        constraints = {"ids": ids, "phids": phids, "usernames": usernames, "query": query}
        return self._search("user.search", constraints)

    def transactions(
        self,
        object_identifier: str | None = None,
        *,
        object_type: str | None = None,
        phids: Sequence[str] | None = None,
        authors: Sequence[str] | None = None,
    ) -> Result[TransactionRow]:
        """Read changes, newest first (`transaction.search`).

        Servers older than July 2026 leave type and values out for column moves and others (`type` is null):
        for tasks, `histories` always has them.

        Args:
            object_identifier: The object: its PHID, or `T123`.
            object_type: All objects of a type instead, such as `TASK`.
            phids: Transaction PHIDs.
            authors: User PHIDs.

        Raises:
            ConduitError: The server says no.
        """
        params: dict[str, Any] = {
            "objectIdentifier": object_identifier,
            "objectType": object_type,
            "limit": 10 * PAGE_SIZE,  # this method alone allows it
            "constraints": _given({"phids": phids, "authorPHIDs": authors}),
        }
        return self.request("transaction.search", _given(params))

    def histories(self, task_ids: Iterable[int]) -> dict[int, list[HistoryRow]]:
        """All changes of some tasks, newest first (`maniphest.gettasktransactions`).

        Asks for batches of tasks, and for smaller ones where the server cannot answer so much at once.

        Args:
            task_ids: Task ids.

        Returns:
            The changes by task id; tasks that are unknown or hidden are absent.

        Raises:
            ConduitError: The server says no.
        """
        found: dict[int, list[HistoryRow]] = {}
        ids = list(task_ids)
        for start in range(0, len(ids), HISTORY_SIZE):
            found.update(self._histories(ids[start : start + HISTORY_SIZE]))
        return found

    def _histories(self, ids: list[int]) -> dict[int, list[HistoryRow]]:
        try:
            answer = as_map(self.call("maniphest.gettasktransactions", {"ids": ids}))
        except ConduitError as error:
            if not error.is_too_much or len(ids) == 1:
                raise
            middle = len(ids) // 2
            return {**self._histories(ids[:middle]), **self._histories(ids[middle:])}
        return {int(task_id): self.registry.bind(rows) for task_id, rows in answer.items()}

    def lookup(self, names: Sequence[str]) -> dict[str, PHIDRef]:
        """Find objects by the names that people use: `T123`, `#hashtag`, `@user` (`phid.lookup`).

        Args:
            names: The names.

        Returns:
            The references by name; unknown and hidden ones are absent.

        Raises:
            ConduitError: The server says no.
        """
        handles = handles_in(self.call("phid.lookup", {"names": list(names)}))
        return {name: self.registry.know(handle) for name, handle in handles.items()}

    def statuses(self) -> Result[dict[str, Any]]:
        """The statuses that a task can have here, disabled ones included (`maniphest.status.search`).

        Raises:
            ConduitError: The server says no.
        """
        return self.request("maniphest.status.search")

    def priorities(self) -> Result[dict[str, Any]]:
        """The priorities that a task can have here (`maniphest.priority.search`).

        Raises:
            ConduitError: The server says no.
        """
        return self.request("maniphest.priority.search")

    def whoami(self) -> dict[str, Any]:
        """The account that the token belongs to (`user.whoami`).

        Raises:
            ConduitError: The server says no.
        """
        account: dict[str, Any] = self.registry.bind(self.call("user.whoami"))
        return account

    def methods(self) -> frozenset[str]:
        """What this server can do: the names of its methods (`conduit.query`).

        Raises:
            ConduitError: The server says no.
        """
        return frozenset(as_map(self.call("conduit.query")))

    def _search(
        self,
        method: str,
        constraints: Mapping[str, Any],
        attachments: Sequence[str] = (),
        **others: Any,
    ) -> Result[Any]:
        params = {
            **_given({"queryKey": others.get("query_key"), "order": others.get("order")}),
            "constraints": _given(constraints),
            "attachments": dict.fromkeys(attachments, True),
            "limit": PAGE_SIZE,
        }
        return self.request(method, _given(params))


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | int | Mapping) else list(value)
        for name, value in arguments.items()
        if value is not None and value != {}
    }
