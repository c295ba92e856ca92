"""A small installation whose people edit, create, hide, show and destroy tasks while it is being read."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

from ddd.demo.endpoint import DocumentStore, Trouble
from ddd.demo.endpoint.trouble import Troubles

AUTHOR = "PHID-USER-00000000000000000001"
BEGINNING = 1_700_000_000


def small_site(tasks_count: int = 250, *, rng: random.Random | None = None) -> DocumentStore:
    """Tasks with two to a few transactions each, three projects, their columns and two users."""
    rng = rng or random.Random(0)
    store = DocumentStore()
    for number in range(1, 4):
        store.put_project(_document("PROJ", number, name=f"Team {number}", slug=f"team_{number}", **_PROJECT))
        board = {"project": {"id": number, "phid": _phid("PROJ", number), "name": f"Team {number}"}}
        for column in (10 * number, 10 * number + 1):
            store.put_column(_document("PCOL", column, name=f"Column {column}", isHidden=False, **board))
    for number in (1, 2):
        store.put_user(_document("USER", number, username=f"user{number}", realName="", roles=[]))
    store.statuses = [
        b'{"name":"Open","value":"open","closed":false,"special":"default"}',
        b'{"name":"Resolved","value":"resolved","closed":true,"special":"closed"}',
    ]
    store.priorities = [b'{"name":"Normal","value":50,"keywords":["normal"]}']
    for number in range(tasks_count):
        task_id = store.create_task(at=BEGINNING + 1000 * number, title=f"Task {number}", author_phid=AUTHOR)
        for _ in range(rng.randrange(4)):
            retitle(store, task_id, f"Title {rng.random()}", at=BEGINNING + 1000 * number + 500)
    return store


def retitle(store: DocumentStore, task_id: int, title: str, *, at: int) -> None:
    """What a person does who gives a task another title."""
    old = store.tasks[task_id].fields["name"]
    store.edit_task(task_id, at=at, name=title)
    store.add_transaction(task_id, "title", old, title, at=at, author_phid=AUTHOR)


def now(store: DocumentStore) -> int:
    """The time of the newest change."""
    return max((task.fields["dateModified"] for task in store.tasks.values()), default=BEGINNING)


@dataclass
class People:
    """Who does something to the tasks whenever a request arrives; plan their work with `at_work`.

    Times between deeds are often longer than the overlap of incremental runs, so that it hides no mistake.

    Attributes:
        store: What they work on.
        rng: Decides what they do.
        may_hide: Whether they hide, show and destroy tasks, too.
        deeds: What they did.
    """

    store: DocumentStore
    rng: random.Random
    may_hide: bool = True
    deeds: list[str] = field(default_factory=list)

    def at_work(self) -> None:
        """Let them work from now on."""
        self.store.troubles = _Busy(self)

    def at_rest(self) -> None:
        """Let them stop."""
        self.store.troubles = Troubles()

    def act(self) -> None:
        """Do one thing."""
        kinds = ["edit", "edit", "create"] + (["hide", "show", "destroy"] if self.may_hide else [])
        kind = self.rng.choice(kinds)
        at = now(self.store) + self.rng.choice([0, 1, 700, 2000])
        visible = sorted(number for number, task in self.store.tasks.items() if task.is_visible)
        hidden = sorted(self.store.tasks.keys() - set(visible))
        if kind == "create":
            self.store.create_task(at=at, title=f"New {self.rng.random()}", author_phid=AUTHOR)
        elif kind == "show" and hidden:
            self.store.show_task(self.rng.choice(hidden))
        elif kind == "edit":
            # people who may see it edit a hidden task, too
            retitle(self.store, self.rng.choice(visible + hidden), f"Edited {self.rng.random()}", at=at)
        elif kind == "hide":
            self.store.hide_task(self._likely_cursor(visible))
        elif kind == "destroy":
            self.store.destroy_task(self._likely_cursor(visible))
        self.deeds.append(kind)

    def _likely_cursor(self, visible: list[int]) -> int:
        """Any task, but often one that was edited last: a page may have ended there."""
        recent = sorted(visible, key=lambda number: self.store.tasks[number].fields["dateModified"])[-5:]
        return self.rng.choice(recent + [self.rng.choice(visible)] * 2)


class _Busy(Troubles):
    def __init__(self, people: People) -> None:
        super().__init__()
        self._people = people

    def next_for(self, method: str) -> Trouble | None:
        if method in {"maniphest.search", "maniphest.gettasktransactions"}:
            with self._people.store.lock:
                for _ in range(self._people.rng.choice([0, 1, 2, 40])):
                    self._people.act()
        return super().next_for(method)


def _phid(kind: str, number: int) -> str:
    return f"PHID-{kind}-{number:020d}"


_PROJECT = {
    "milestone": None, "depth": 0, "parent": None, "status": "active", "subtype": "default",
    "icon": {"key": "project"}, "color": {"key": "blue"},
}  # fmt: skip


def _document(kind: str, number: int, **fields: Any) -> bytes:
    policy = {"policy": {"view": "public"}, "dateCreated": BEGINNING, "dateModified": BEGINNING}
    row = {"id": number, "type": kind, "phid": _phid(kind, number), "fields": {**fields, **policy}}
    return json.dumps({**row, "attachments": {}}).encode()
