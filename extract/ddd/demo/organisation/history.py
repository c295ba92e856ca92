"""The history of the organisation: planned window by window, cut at its end, written as documents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

import msgspec

from ddd.demo.organisation.calendar import DAY, WEEK, day_weight, end_epoch, epoch, founded, moment_of_day
from ddd.demo.organisation.editor import Editor
from ddd.demo.organisation.field_editor import Row
from ddd.demo.organisation.life import Life, Situation
from ddd.demo.organisation.people import Person, make_people
from ddd.demo.organisation.planner import Planner
from ddd.demo.organisation.projects import (
    Boards,
    TeamProjects,
    column_document,
    project_document,
    user_document,
)
from ddd.demo.organisation.randomness import Letters, poisson
from ddd.demo.organisation.task import PRIORITY_DOCUMENTS, STATUS_DOCUMENTS, Task
from ddd.demo.organisation.trains import Deployment, PlannedDeployment, Train
from ddd.demo.organisation.wire import quoted
from ddd.demo.truth import Change, changes

_USUAL_DAYS = 1186
"""The middle of three and three and a half years: the size that is asked for is the size then."""

_TRAIN_TASKS_A_WEEK = 1.95
_TASKS_WITH_WEEKLY_TRAINS = 1_000
"""An organisation that is smaller has fewer trains, or it would do nothing else."""

_SMALL_TASKS = 20_000
_LONG_WINDOW_WEEKS = 4
_TRANSACTIONS_A_TASK = 60
"""Room for transaction numbers, far above the mean, where they are given window by window."""


@dataclass(frozen=True)
class Window:
    """A piece of the history: the tasks created in it, and all their transactions in the order of time."""

    number: int
    tasks: list[Task]
    rows: list[Row]
    deployments: list[PlannedDeployment]


class History:
    """A history that ends at a time.

    Histories with the same seed and size whose ends lie in one half-year are one history that is cut at
    different times: the earlier one is the beginning of the later one.

    Args:
        seed: The same seed gives the same history.
        end_at: Its end, UTC; a day means its midnight, so that the day itself is not part of it.
        tasks: About how many tasks it has.
    """

    def __init__(self, seed: int, end_at: datetime | date, tasks: int) -> None:
        self.seed = seed
        self.end = end_epoch(end_at)
        self.started_date = founded(self.end)
        self.start = epoch(self.started_date)
        self.people: dict[str, Person] = make_people(seed)
        self.boards = Boards(seed, self.started_date, self.people)
        self.changes: tuple[Change, ...] = changes(end_at)
        self._tasks = tasks
        self._window_weeks = _LONG_WINDOW_WEEKS if tasks <= _SMALL_TASKS else 1
        archived_from = self.boards.teams[-1].project.archived_from
        assert archived_from is not None
        self._situation = Situation(self.changes, archived_from)
        first = self.start // DAY
        usual_weight = sum(day_weight(first + offset) for offset in range(_USUAL_DAYS))
        self._train_every_weeks = max(1, round(_TASKS_WITH_WEEKLY_TRAINS / tasks))
        trains = _USUAL_DAYS / 7 / self._train_every_weeks
        ordinary = tasks - _TRAIN_TASKS_A_WEEK * trains
        self._daily_rate = ordinary / usual_weight

    @property
    def window_numbers_count(self) -> int:
        """How many transaction numbers a window may use where windows are numbered by themselves."""
        share = self._window_weeks * WEEK / DAY / _USUAL_DAYS
        return math.ceil((self._tasks * share * 3 + 200) * _TRANSACTIONS_A_TASK)

    def windows(self) -> Iterator[Window]:
        """Plan and apply one window after the other; only one is in memory."""
        next_task_id = 1
        for number in count():
            begin = self.start + number * self._window_weeks * WEEK
            if begin >= self.end:
                return
            plan = Planner(self.seed, self.started_date, number, self.people, self.boards)
            deployments: list[PlannedDeployment] = []
            for week in range(self._window_weeks):
                self._plan_week(plan, begin + week * WEEK, deployments)
            editor = Editor(Letters(self.seed, self.started_date, "rows", number), next_task_id)
            for edit in sorted(edit for edit in plan.edits if edit.at < self.end):
                editor.apply(edit)
            next_task_id = editor.next_task_id
            done = [one for one in deployments if one.at < self.end]
            yield Window(number, editor.created, editor.rows, done)

    def _plan_week(self, plan: Planner, monday: int, deployments: list[PlannedDeployment]) -> None:
        if monday // WEEK % self._train_every_weeks == 0:
            Train(plan, monday, deployments).run()
        rng = plan.rng
        for day in range(monday // DAY, monday // DAY + 7):
            arrivals = poisson(rng, self._daily_rate * day_weight(day))
            for created in sorted(moment_of_day(rng, day) for _ in range(arrivals)):
                Life(plan, self._situation, self._home(plan, created), created).run()

    def _home(self, plan: Planner, created: int) -> TeamProjects:
        """The team that a task comes to; nothing comes any more to a project that is about to be given up."""
        teams = self.boards.teams
        is_over = created >= self._situation.archived_from - 8 * WEEK
        found = teams[:-1] if is_over else teams
        total = sum(one.team.share for one in found)
        place = plan.rng.random() * total
        for one in found:
            place -= one.team.share
            if place < 0:
                return one
        return found[0]

    def references(self) -> Iterator[tuple[str, str, int | None, bytes]]:
        """Projects, columns, users, statuses and priorities, as `stream_documents` gives them."""
        for name, text in self._reference_texts():
            found = msgspec.json.decode(text)
            is_object = "phid" in found
            key = found["phid"] if is_object else str(found["value"])
            yield name, key, found["fields"]["dateModified"] if is_object else None, text.encode()

    def _reference_texts(self) -> Iterator[tuple[str, str]]:
        end = self.end
        for project in self.boards.projects:
            if project.created < end:
                yield "projects", project_document(project, end)
        for column in self.boards.columns:
            if column.created < end:
                yield "columns", column_document(column, end)
        for number, person in enumerate(self.people.values(), start=1):
            yield "users", user_document(person, number, self.started_date, end)
        yield from (("statuses", text) for text in STATUS_DOCUMENTS)
        yield from (("priorities", text) for text in PRIORITY_DOCUMENTS)

    def whoami(self) -> bytes:
        """What user.whoami says to the reader of the data."""
        reader = self.people["data-reader"]
        return (
            f'{{"phid":"{reader.phid}","userName":"{reader.username}","realName":{quoted(reader.real_name)},'
            '"image":"","uri":"","roles":["agent","verified","approved","activated"],"primaryEmail":null}'
        ).encode()


@dataclass(frozen=True)
class Organisation:
    """A whole simulated organisation, in documents as a server would send them.

    Attributes:
        seed: The seed.
        started_date: First day of its history.
        ended_at: End of its history, which is its present, UTC.
        tasks: Rows of maniphest.search with the attachments columns, projects and subscribers.
        transactions: Rows of maniphest.gettasktransactions in the order of time, numbered from 1.
        projects: Rows of project.search with the attachments ancestors, members and watchers.
        columns: Rows of project.column.search.
        users: Rows of user.search.
        statuses: Rows of maniphest.status.search.
        priorities: Rows of maniphest.priority.search.
        whoami: Result of user.whoami.
        deployments: The deployment log of the release train, in the order of time.
        changes: What was changed in how teams work, and what it truly did.
    """

    seed: int
    started_date: date
    ended_at: datetime
    tasks: list[bytes]
    transactions: list[bytes]
    projects: list[bytes]
    columns: list[bytes]
    users: list[bytes]
    statuses: list[bytes]
    priorities: list[bytes]
    whoami: bytes
    deployments: list[Deployment]
    changes: tuple[Change, ...]


def simulate(seed: int, end_at: datetime | date, tasks: int = 3000) -> Organisation:
    """Simulate an organisation whose history ends at a time.

    Args:
        seed: The same seed, end and size give the same bytes.
        end_at: The end, UTC; a day means its midnight.
        tasks: About how many tasks it has; for very many see `stream_documents`.
    """
    history = History(seed, end_at, tasks)
    references: dict[str, list[bytes]] = {}
    for name, _, _, document in history.references():
        references.setdefault(name, []).append(document)
    documents: list[bytes] = []
    rows: list[Row] = []
    deployments: list[PlannedDeployment] = []
    for window in history.windows():
        documents.extend(task.document().encode() for task in window.tasks)
        rows.extend(window.rows)
        deployments.extend(window.deployments)
    rows.sort(key=lambda row: row.at)  # windows are sorted, and sorting keeps the order within a second
    return Organisation(
        seed=seed,
        started_date=history.started_date,
        ended_at=datetime.fromtimestamp(history.end, UTC),
        tasks=documents,
        transactions=[row.document(number) for number, row in enumerate(rows, start=1)],
        whoami=history.whoami(),
        deployments=[one.finished() for one in sorted(deployments, key=lambda one: one.at)],
        changes=history.changes,
        **references,
    )


def stream_documents(
    seed: int, end_at: datetime | date, tasks: int
) -> Iterator[tuple[str, str, int | None, bytes]]:
    """All documents of an organisation of any size, one week of tasks in memory at a time.

    Unlike with `simulate`, transaction numbers follow the weeks in which tasks were created and have gaps;
    within a task they follow the time.

    Args:
        seed: The same seed, end and size give the same bytes.
        end_at: The end, UTC; a day means its midnight.
        tasks: About how many tasks it has.

    Yields:
        The stream (`tasks`, `transactions`, `projects`, `columns`, `users`, `statuses`, `priorities`), the
        key, the time of modification in seconds since 1970 (none for statuses and priorities), and the
        document.
    """
    history = History(seed, end_at, tasks)
    yield from history.references()
    stride = history.window_numbers_count
    for window in history.windows():
        for task in window.tasks:
            yield "tasks", str(task.id), task.modified, task.document().encode()
        first = window.number * stride + 1
        for number, row in enumerate(window.rows, start=first):
            yield "transactions", str(number), row.at, row.document(number)
