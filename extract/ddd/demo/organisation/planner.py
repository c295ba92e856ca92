"""A window of the calendar in which work is planned: its random stream, its tasks and their edits."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from datetime import date

from ddd.demo.organisation.calendar import DAY, epoch, office_time
from ddd.demo.organisation.editor import Change, Edit
from ddd.demo.organisation.people import Person
from ddd.demo.organisation.projects import Boards, Project, left_at
from ddd.demo.organisation.randomness import Letters, stream
from ddd.demo.organisation.task import Task
from ddd.demo.organisation.words import HOSTILE_TITLES


class Planner:
    """Collects the edits of one window.

    What is drawn depends on the seed and the window only, and everything is planned to its end, however
    far in the future that is: a history is this plan, cut at its end.

    Attributes:
        rng: The window's random stream.
        edits: Everything planned so far.
        tasks: The tasks planned so far, in the order of their creation.
        by_team: The same, by name of the team.
        odd_title: A title that is hard to show, for one of the tasks; empty once it is used.
    """

    def __init__(
        self, seed: int, start: date, window: int, people: dict[str, Person], boards: Boards
    ) -> None:
        self.rng: random.Random = stream(seed, start, "window", window)
        self.odd_title = HOSTILE_TITLES[window % len(HOSTILE_TITLES)]
        self.people = people
        self.boards = boards
        self.edits: list[Edit] = []
        self.tasks: list[Task] = []
        self.by_team: defaultdict[str, list[Task]] = defaultdict(list)
        self.start = epoch(start)
        self._left_at = left_at(start)
        self._letters = Letters(seed, start, "tasks", window)
        self._everybody = tuple(
            person for person in people.values() if not person.is_bot and not person.has_left
        )

    def add_task(
        self, team: str, title: str, board: Project | None, milestones: tuple[Project, ...] = ()
    ) -> Task:
        """A new task, which is not created yet."""
        task = Task(f"PHID-TASK-{self._letters.take(20)}", title, board, milestones)
        self.tasks.append(task)
        self.by_team[team].append(task)
        return task

    def edit(self, at: int, task: Task, actor: Person, *changes: Change) -> None:
        """Plan an edit."""
        self.edits.append(Edit(at, len(self.edits), task, actor, changes))

    def member(self, usernames: tuple[str, ...], at: int) -> Person:
        """One of a team; who has left is replaced by the first of it."""
        person = self.people[usernames[int(self.rng.random() * len(usernames))]]
        if person.has_left and at >= self._left_at:
            return self.people[usernames[0]]
        return person

    def anybody(self) -> Person:
        """Somebody who works there."""
        return self._everybody[int(self.rng.random() * len(self._everybody))]

    def days(self, median: float, spread: float) -> float:
        """A duration in days with a heavy tail (log-normal), in seconds."""
        return median * math.exp(self.rng.gauss(0.0, spread)) * DAY

    def later(self, previous: int, planned: float) -> int:
        """When people get to it: in office hours, and after what came before."""
        at = office_time(self.rng, int(planned))
        return at if at > previous else previous + 300 + int(self.rng.random() * 2400)
