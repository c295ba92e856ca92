"""The whole editor: creation, comments, subscribers, and what ties tasks to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ddd.demo.organisation.board_editor import BoardEditor
from ddd.demo.organisation.people import Person
from ddd.demo.organisation.projects import PUBLIC_SPACE, Project
from ddd.demo.organisation.randomness import Letters
from ddd.demo.organisation.task import DEFAULT_PRIORITY, Task
from ddd.demo.organisation.wire import inner, phid_list, quoted

_SUBTASK, _PARENT, _MENTIONED, _MENTION, _MERGED, _DUPLICATE = 3, 4, 51, 52, 62, 63

Change = tuple[Any, ...]
"""What an edit changes: the name of one of the editor's methods, and its arguments."""


class Edit(NamedTuple):
    """One edit: several changes by one person at one time; the number keeps the order within a second."""

    at: int
    number: int
    task: Task
    actor: Person
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Initial:
    """What a task is created with, beyond its title; custom fields as arguments of `custom`."""

    description: str = ""
    projects: tuple[Project, ...] = ()
    priority: int = DEFAULT_PRIORITY
    owner: Person | None = None
    points: float | None = None
    subtype: str = "default"
    view_policy: str = "public"
    edit_policy: str = "users"
    space: str = PUBLIC_SPACE
    role: str = ""
    parent: Task | None = None
    custom: tuple[tuple[str, str, str], ...] = ()
    subscribers: tuple[Person, ...] = ()


class Editor(BoardEditor):
    """Applies edits in the order of time.

    Attributes:
        rows: The transactions so far.
        created: The tasks so far.
    """

    def __init__(self, letters: Letters, next_task_id: int) -> None:
        super().__init__(letters)
        self.created: list[Task] = []
        self.next_task_id = next_task_id
        self._do: dict[str, Callable[..., None]] = {}

    def apply(self, edit: Edit) -> None:
        """Apply one edit; an edit of a task that was never created does nothing."""
        _, _, task, actor, changes = edit
        if not task.id and changes[0][0] != "create":
            return
        self._at = edit.at
        self._actor_phid, self._actor_name = actor.phid, actor.username
        self._begin_group()
        known = self._do
        for name, *arguments in changes:
            do = known.get(name)
            if do is None:
                do = known[name] = getattr(self, name)
            do(task, *arguments)

    def create(self, task: Task, initial: Initial) -> None:
        """Create the task: no status is written, and nothing else that has its default value."""
        task.id = self.next_task_id
        self.next_task_id += 1
        task.created = self._at
        task.author = self._actor_phid
        self.created.append(task)
        self._begin_group(is_creation=True)
        self._write(task, "core:create", "created this task", "null", "null")
        title, task.title = task.title, ""
        self.title(task, title)
        self.description(task, initial.description)
        self._policies(task, initial)
        self.tag(task, *initial.projects)
        self.priority(task, initial.priority)
        if initial.owner:
            self.assign(task, initial.owner)
        self.points(task, initial.points)
        self.subtype(task, initial.subtype)
        for name, value, written in initial.custom:
            self.custom(task, name, value, written)
        if initial.parent:
            self.parent(task, initial.parent)
        self._subscribe(task, [self._actor_phid, *(person.phid for person in initial.subscribers)])
        if initial.role:
            self.place(task, initial.role)

    def _policies(self, task: Task, initial: Initial) -> None:
        for kind, default, value in (
            ("core:view-policy", "public", initial.view_policy),
            ("core:edit-policy", "users", initial.edit_policy),
            ("core:space", PUBLIC_SPACE, initial.space),
        ):
            if value != default:
                self._write(task, kind, f'created this object with \\"{value}\\"', "null", f'"{value}"')
        task.view_policy, task.edit_policy = initial.view_policy, initial.edit_policy
        task.space = initial.space

    def comment(self, task: Task, text: str, mentioned: Task | None = None) -> None:
        """Comment, perhaps mentioning another task, which learns of it the first time."""
        self._subscribe(task, [self._actor_phid])
        if mentioned is not None and mentioned.id and mentioned is not task:
            text = f"{text} See also T{mentioned.id}."
            if mentioned.phid not in task.mentions:
                task.mentions.add(mentioned.phid)
                said = f"added an edge: {inner(mentioned.name)}"
                self._edge(task, _MENTION, [], [mentioned.phid], said)
                said = f"mentioned this in {inner(task.name)}"
                self._edge(mentioned, _MENTIONED, [], [task.phid], said)
        self._write(task, "core:comment", "added a comment", "null", "null", comments=quoted(text))

    def subscribe(self, task: Task, *people: Person) -> None:
        """Add subscribers."""
        self._subscribe(task, [person.phid for person in people])

    def _subscribe(self, task: Task, phids: list[str]) -> None:
        old = task.subscribers
        added = [
            phid for phid in dict.fromkeys(phids) if phid not in old and not phid.startswith("PHID-APPS")
        ]
        if added:
            new = [*old, *added]
            said = "subscribed" if added == [self._actor_phid] else "added subscribers"
            self._write(task, "core:subscribers", said, phid_list(old), phid_list(new))
            task.subscribers = new

    def unsubscribe(self, task: Task, person: Person) -> None:
        """Remove a subscriber."""
        if person.phid in task.subscribers:
            new = [phid for phid in task.subscribers if phid != person.phid]
            said = f"removed a subscriber: {person.username}"
            self._write(task, "core:subscribers", said, phid_list(task.subscribers), phid_list(new))
            task.subscribers = new

    def parent(self, task: Task, parent: Task) -> None:
        """Make the task a sub-task of another."""
        if not parent.id or parent is task or parent in task.parents or task in parent.parents:
            return
        self._edge(task, _PARENT, [], [parent.phid], f"added a parent task: {inner(parent.name)}")
        said = f"added a subtask: {inner(task.name)}"
        meta = self._meta
        self._meta = meta.removeprefix('"core.create":true,')  # the parent is not being created
        self._edge(parent, _SUBTASK, [], [task.phid], said)
        self._meta = meta
        task.parents.append(parent)

    def orphan(self, task: Task, parent: Task) -> None:
        """Undo that: it was no sub-task after all."""
        if parent in task.parents:
            self._edge(task, _PARENT, [parent.phid], [], f"removed a parent task: {inner(parent.name)}")
            self._edge(parent, _SUBTASK, [task.phid], [], f"removed a subtask: {inner(task.name)}")
            task.parents.remove(parent)

    def merge(self, task: Task, target: Task) -> None:
        """Close the task as a duplicate: its status changes, but no transaction of status is written."""
        if not task.is_open or not target.id or target is task or not target.is_open:
            return
        said = f"closed this task as a duplicate of {inner(target.name)}"
        self._write(task, "mergedinto", said, "null", f'"{target.phid}"')
        self._edge(task, _DUPLICATE, [], [target.phid], f"added an edge: {inner(target.name)}")
        self._edge(target, _MERGED, [], [task.phid], f"added an edge: {inner(task.name)}")
        task.status, task.closed, task.closer = "duplicate", self._at, self._actor_phid
        group = self._begin_group()
        self._write(
            target, "mergedfrom", f"merged a task: {inner(task.name)}", "null", phid_list([task.phid])
        )
        self._subscribe(target, task.subscribers)
        self._meta = group
