"""Writes the transactions of an edit: the part of the editor that changes single fields.

Source of the rules: FACTS.md §4. One edit is one group, and what does not change is not written.
"""

from __future__ import annotations

from typing import NamedTuple

from ddd.demo.organisation.people import Person
from ddd.demo.organisation.randomness import Letters
from ddd.demo.organisation.task import (
    CLAIMING,
    DEFAULT_PRIORITY,
    OPEN,
    PRIORITIES,
    STATUS_NAMES,
    SUBTYPE_NAMES,
    Task,
)
from ddd.demo.organisation.wire import inner, nullable, quoted

_CREATE = '"core.create":true,'


class Row(NamedTuple):
    """A transaction whose number is not known yet: the JSON text before and behind it."""

    at: int
    head: str
    tail: str

    def document(self, number: int) -> bytes:
        """Its row in maniphest.gettasktransactions."""
        return f"{self.head}{number}{self.tail}".encode()


class FieldEditor:
    """Changes fields of tasks; `rows` are the transactions written so far."""

    def __init__(self, letters: Letters) -> None:
        self.rows: list[Row] = []
        self._letters = letters
        self._at = 0
        self._actor_phid = ""
        self._actor_name = ""
        self._meta = ""

    def _begin_group(self, *, is_creation: bool = False) -> str:
        """Start a group of transactions; returns what the previous one is marked with."""
        previous = self._meta
        self._meta = f'{_CREATE if is_creation else ""}"core.groupID":"{self._letters.take(32)}"'
        return previous

    def _write(
        self, task: Task, kind: str, said: str, old: str, new: str, *, meta: str = "", comments: str = "null"
    ) -> None:
        """Write a transaction; all texts are JSON, except for what is said, which is inside a JSON string."""
        at = self._at
        task.modified = at
        self.rows.append(
            Row(
                at,
                f'{{"taskID":"{task.id}","title":"{self._actor_name} {said}.","transactionID":"',
                f'","transactionPHID":"PHID-XACT-TASK-{self._letters.take(15)}","transactionType":"{kind}",'
                f'"oldValue":{old},"newValue":{new},"meta":{{{meta}{self._meta}}},"comments":{comments},'
                f'"authorPHID":"{self._actor_phid}","dateCreated":"{at}"}}',
            )
        )

    def title(self, task: Task, text: str) -> None:
        """Rename the task."""
        old = task.title
        if text != old:
            said = f'renamed this task from \\"{inner(old)}\\" to \\"{inner(text)}\\"'
            self._write(task, "title", said if old else "created this task", quoted(old), quoted(text))
            task.title = text

    def description(self, task: Task, text: str) -> None:
        """Change the description."""
        old = task.description
        if text != old:
            self._write(task, "description", "updated the task description", quoted(old), quoted(text))
            task.description = text

    def status(self, task: Task, value: str) -> None:
        """Change the status; closing claims a task that nobody owns, and parents are told."""
        old = task.status
        if value == old:
            return
        name = STATUS_NAMES[value]
        verb = "changed the status of"
        if value not in OPEN:
            verb = "closed"
            said = f'closed this task as \\"{name}\\"'
            task.closed, task.closer = self._at, self._actor_phid
        elif old not in OPEN:
            verb = "reopened"
            said = f'reopened this task as \\"{name}\\"'
            task.closed = task.closer = None
        else:
            said = f'changed the task status from \\"{STATUS_NAMES[old]}\\" to \\"{name}\\"'
        task.status = value
        self._write(task, "status", said, f'"{old}"', f'"{value}"')
        if value in CLAIMING and task.owner is None and self._actor_phid.startswith("PHID-USER"):
            self._own(task, self._actor_phid, self._actor_name, "claimed this task")
        for parent in task.parents:
            group = self._begin_group()
            told = f'{verb} subtask {inner(task.name)} as \\"{name}\\"'
            self._write(parent, "unblock", told, f'{{"{task.phid}":"{old}"}}', f'{{"{task.phid}":"{value}"}}')
            self._meta = group

    def settle(self, task: Task, value: str) -> None:
        """Close the task unless it is closed."""
        if task.status in OPEN:
            self.status(task, value)

    def priority(self, task: Task, value: int) -> None:
        """Change the priority."""
        old = task.priority
        if value == old:
            return
        name = PRIORITIES[value][0]
        said = f'triaged this task as \\"{name}\\" priority'
        if old != DEFAULT_PRIORITY:
            verb = "raised" if value > old else "lowered"
            said = f'{verb} the priority of this task from \\"{PRIORITIES[old][0]}\\" to \\"{name}\\"'
        self._write(task, "priority", said, f'"{old}"', f'"{value}"')
        task.priority = value

    def assign(self, task: Task, person: Person | None) -> None:
        """Give the task to somebody, or to nobody."""
        phid, name = (person.phid, person.username) if person else (None, "")
        if phid == task.owner:
            return
        if phid is None:
            said = f"removed {task.owner_name} as the assignee of this task"
        elif phid == self._actor_phid:
            said = "claimed this task"
        elif task.owner is None:
            said = f"assigned this task to {name}"
        else:
            said = f"reassigned this task from {task.owner_name} to {name}"
        self._own(task, phid, name, said)

    def _own(self, task: Task, phid: str | None, name: str, said: str) -> None:
        self._write(task, "reassign", said, nullable(task.owner), nullable(phid))
        task.owner, task.owner_name = phid, name

    def points(self, task: Task, value: float | None) -> None:
        """Change the estimate, or take it away."""
        old = task.points
        if value == old:
            return
        if value is None:
            said = f'removed the point value \\"{old}\\" for this task'
        elif old is None:
            said = f'set the point value for this task to \\"{value}\\"'
        else:
            said = f'changed the point value for this task from \\"{old}\\" to \\"{value}\\"'
        self._write(task, "points", said, _number(old), _number(value))
        task.points = value

    def subtype(self, task: Task, value: str) -> None:
        """Change the kind of task."""
        old = task.subtype
        if value != old:
            names = f'from \\"{SUBTYPE_NAMES[old]}\\" to \\"{SUBTYPE_NAMES[value]}\\"'
            said = f"changed the subtype of this object {names}"
            self._write(task, "core:subtype", said, f'"{old}"', f'"{value}"')
            task.subtype = value

    def custom(self, task: Task, name: str, value: str, written: str = "") -> None:
        """Change a custom field.

        Args:
            task: Which task.
            name: The field's key.
            value: JSON text of the new value, as the document shows it.
            written: JSON text of it as the transaction shows it, where that differs.
        """
        old = task.custom.get(name, "null")
        if value != old:
            written = written or value
            meta = f'"customfield:key":"std:maniphest:{name}",'
            self._write(task, "core:customfield", f"edited {name}", _written(old), written, meta=meta)
            task.custom[name] = value

    def view(self, task: Task, policy: str) -> None:
        """Change who may see the task."""
        old = task.view_policy
        if policy != old:
            said = f'changed the visibility from \\"{old}\\" to \\"{policy}\\"'
            self._write(task, "core:view-policy", said, f'"{old}"', f'"{policy}"')
            task.view_policy = policy

    def space(self, task: Task, phid: str) -> None:
        """Move the task to another space."""
        old = task.space
        if phid != old:
            self._write(task, "core:space", "shifted this object to another space", f'"{old}"', f'"{phid}"')
            task.space = phid

    def touch(self, task: Task) -> None:
        """An edit that changes nothing: the task counts as modified, but no transaction is written."""
        task.modified = self._at


def _number(value: float | None) -> str:
    return "null" if value is None else str(value)


def _written(value: str) -> str:
    """A custom field's value as transactions show it: a list of users is a string there."""
    return quoted(value) if value.startswith("[") else value
