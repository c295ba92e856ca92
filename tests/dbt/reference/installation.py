"""All objects of a server, as its documents describe them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from reference.roles import column_role, seed, status_role


class Installation:
    """All objects of a server, by PHID, id or key."""

    def __init__(self) -> None:
        self.tasks: dict[int, dict[str, Any]] = {}
        self.transactions: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.projects: dict[str, dict[str, Any]] = {}
        self.columns: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}

    @classmethod
    def of(cls, documents: Iterable[tuple[str, str]]) -> Installation:
        """An installation from (stream, JSON text); of several documents of one key the last one counts."""
        new = cls()
        for stream, text in documents:
            found = json.loads(text)
            if stream == "tasks":
                new.tasks[found["id"]] = found
            elif stream == "transactions":
                new.transactions[int(found["taskID"])].append(found)
            elif stream == "projects":
                new.projects[found["phid"]] = found
            elif stream == "columns":
                new.columns[found["phid"]] = found
            elif stream == "users":
                new.users[found["phid"]] = found
            elif stream == "statuses":
                new.statuses[found["value"]] = found
        for rows in new.transactions.values():
            rows.sort(key=lambda row: (int(row["dateCreated"]), int(row["transactionID"])))
        return new

    def created_at(self, task_id: int) -> int:
        return int(self.tasks[task_id]["fields"]["dateCreated"])

    def tags(self, task_id: int) -> list[str]:
        """The tags of now, as the server says."""
        return list(self.tasks[task_id]["attachments"]["projects"]["projectPHIDs"])

    # statuses

    def is_closed(self, status: str) -> bool:
        """Whether the server calls a status closed; one that it no longer knows is not."""
        return status in self.statuses and bool(self.statuses[status]["closed"])

    def status_role(self, status: str) -> str | None:
        if self.is_closed(status):
            return "done"
        return status_role(status, self.statuses[status]["name"]) if status in self.statuses else None

    def special_status(self, special: str) -> str:
        """The status that the server uses as its 'default' one, or for a 'duplicate'."""
        return next(key for key, status in self.statuses.items() if status.get("special") == special)

    def status_name_of(self, value: str) -> str:
        """The key of a status that old transactions call by a number."""
        names = [row["status"] for row in seed("legacy_statuses") if row["legacy_value"] == value]
        if value in self.statuses or not names:
            return value
        return next((name for name in names if name in self.statuses), max(names))

    # projects and boards

    def ancestors(self, project: str) -> set[str]:
        """A project and everything above it that may be seen; nothing for a project that may not."""
        found: set[str] = set()
        while project in self.projects:
            found.add(project)
            parent = self.projects[project]["fields"]["parent"]
            project = parent["phid"] if parent else ""
        return found

    def board_columns(self, board: str) -> list[str]:
        return [phid for phid, one in self.columns.items() if one["fields"]["project"]["phid"] == board]

    def board_of(self, column: str) -> str | None:
        """The project whose board a column is on; none for a column that is no longer there."""
        return str(self.columns[column]["fields"]["project"]["phid"]) if column in self.columns else None

    def default_column(self, board: str) -> str | None:
        """Where newly tagged tasks land."""
        return next((one for one in self.board_columns(board) if self.is_default(one)), None)

    def is_default(self, column: str) -> bool:
        return column in self.columns and bool(self.columns[column]["fields"]["isDefaultColumn"])

    def milestone_of(self, column: str) -> str | None:
        """The milestone that a column stands for."""
        proxy = self.columns[column]["fields"]["proxyPHID"] if column in self.columns else None
        if proxy and self.projects.get(proxy, {"fields": {}})["fields"].get("milestone") is not None:
            return str(proxy)
        return None

    def milestone_columns(self, milestone: str) -> list[str]:
        return [column for column in self.columns if self.milestone_of(column) == milestone]

    def column_role(self, column: str) -> str | None:
        """The role of a column; those that stand for another project have none."""
        if column not in self.columns or self.columns[column]["fields"]["proxyPHID"]:
            return None
        return column_role(self.columns[column]["fields"]["name"])
