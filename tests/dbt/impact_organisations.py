"""How often verdicts are wrong on the demo's own generator: weeks of many simulated organisations.

Each organisation has another seed. Its teams' weeks are counted here from what the generator did, which is
what the models make of it (test_impact_organisations.py compares both on the demo); the models' SQL judges.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from impact_runs import Case, Change, Steps, Subject, judged
from numpy.typing import NDArray

from ddd.demo.organisation.calendar import DAY, WEEK
from ddd.demo.organisation.history import History, Window
from ddd.demo.organisation.life import Situation
from ddd.demo.organisation.projects import PUBLIC_SPACE
from ddd.demo.organisation.task import OPEN, Task
from ddd.demo.organisation.teams import Team
from ddd.seeds import SEEDS_DIR

MEASURES = ("closed tasks", "created tasks", "median cycle time", "median lead time", "tasks in progress")
RATIOS = {"median cycle time", "median lead time"}
ENDS = (date(2026, 6, 29), date(2026, 12, 28))
"""Histories of three and a half years, founded in January or in July."""

WEEKS = 182
"""Of each history."""

SETTLING = 4
"""Weeks in which tasks are closed that were started before the change."""

_ID = re.compile(r'\{"taskID":"(\d+)"')
_CHANGE = re.compile(
    r'"transactionType":"(status|core:columns|mergedinto)","oldValue":.*?,"newValue":(?:\[\{"columnPHID":)?"([^"]*)"'
)


@dataclass(frozen=True)
class Practice(Situation):
    """Work takes another time from a time of each team on.

    Attributes:
        factor: How long work takes then, relative to before.
        since: When, by the name of the team, in seconds since 1970.
    """

    factor: float = 1
    since: dict[str, int] = field(default_factory=dict)

    def work_factor(self, team: Team, started: int) -> float:
        """How long work takes that is started then."""
        is_changed = team.name in self.since and started >= self.since[team.name]
        return self.factor if is_changed else 1.0


class Practised(History):
    """A history in which every team that has a week changes how it works in it."""

    def __init__(self, seed: int, end: date, tasks: int, factor: float, weeks: dict[str, int]) -> None:
        super().__init__(seed, end, tasks)
        since = {team: self.start + week * WEEK for team, week in weeks.items()}
        self._situation = Practice(self.changes, self._situation.archived_from, factor, since)


@dataclass(frozen=True)
class TeamWeeks:
    """A team's weeks.

    Attributes:
        seed: Of its organisation.
        team: Its name.
        week: The first week that counts as after its change.
        measured: Values and samples of each week, by measure.
    """

    seed: int
    team: str
    week: int
    measured: dict[str, tuple[NDArray[Any], NDArray[Any]]]

    @property
    def closed_a_week(self) -> float:
        """How many tasks it closes in a mean week."""
        return float(np.mean(self.measured["closed tasks"][0]))


@dataclass(frozen=True)
class Calendar:
    """When changes come.

    Attributes:
        window: How many weeks are compared.
        first_week: The first week, counted from the founding; before 84 there is no history of six windows.
        last_week: The last one; none: as long as there are enough weeks behind it.
    """

    window: int = 12
    first_week: int = 84
    last_week: int | None = None

    def weeks(self, seed: int, teams: Sequence[str]) -> dict[str, int]:
        """The week of the change of each of an organisation's teams, counted from its founding."""
        dice = np.random.default_rng(seed)
        last = self.last_week or WEEKS - self.window - SETTLING
        return {name: int(dice.integers(self.first_week, last + 1)) for name in teams}


@dataclass
class _Course:
    """What happened to a task: when it first was in progress, and when it was open; days and seconds."""

    created: int
    started: int | None = None
    closed: int | None = None
    spans: Sequence[tuple[int, int | None]] = ()


def teams_weeks(
    seeds: Iterable[int], tasks: int, factor: float = 1, calendar: Calendar | None = None
) -> Iterator[TeamWeeks]:
    """The weeks of all teams of organisations, each with a change in a week of its own.

    Args:
        seeds: Of the organisations.
        tasks: About how many tasks each has.
        factor: What the change does to the time that work takes; 1: nothing.
        calendar: When changes come.
    """
    for seed in seeds:
        end = ENDS[seed % len(ENDS)]
        names = [one.team.name for one in Practised(seed, end, tasks, 1, {}).boards.teams[:-1]]
        weeks = (calendar or Calendar()).weeks(seed, names)
        measured = weeks_of(Practised(seed, end, tasks, factor, weeks))
        for name in names:
            yield TeamWeeks(seed, name, weeks[name] + SETTLING, measured[name])


def moved(teams: Sequence[TeamWeeks], calendar: Calendar) -> list[TeamWeeks]:
    """The same weeks with changes at other times: for changes that do nothing."""
    names: dict[int, list[str]] = defaultdict(list)
    for one in teams:
        names[one.seed].append(one.team)
    weeks = {seed: calendar.weeks(seed, found) for seed, found in names.items()}
    return [replace(one, week=weeks[one.seed][one.team] + SETTLING) for one in teams]


def weeks_of(history: History) -> dict[str, dict[str, tuple[NDArray[Any], NDArray[Any]]]]:
    """Values and samples of each ended week from the founding on, by team and measure, of what is public."""
    by_team = defaultdict(list)
    for window in history.windows():
        for names, course in _courses(history, window):
            for name in names:
                by_team[name].append(course)
    return {name: _measured(courses, history) for name, courses in by_team.items()}


def _courses(history: History, window: Window) -> Iterator[tuple[set[str], _Course]]:
    working = {one.phid for one in history.boards.columns if one.proxy is None and _is_in_progress(one.name)}
    changes: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for row in window.rows:
        found = _CHANGE.search(row.tail)
        task = _ID.match(row.head)
        if found and task:
            changes[int(task[1])].append((row.at, found[1], found[2]))
    for one in window.tasks:
        if one.view_policy == "public" and one.space == PUBLIC_SPACE:
            names = {project.name for tag in one.projects for project in (tag, *tag.ancestors())}
            yield names, _course(one, changes[one.id], working)


def _course(task: Task, changes: list[tuple[int, str, str]], working: set[str]) -> _Course:
    course, spans = _Course(task.created), []
    opened: int | None = task.created
    for at, kind, value in changes:
        if course.started is None and (value in working or (kind == "status" and value == "progress")):
            course.started = at
        if kind == "core:columns":
            continue
        is_open = kind == "status" and value in OPEN
        if is_open and opened is None:
            opened = at
        elif not is_open and opened is not None:
            spans.append((opened, at))
            course.closed, opened = at, None
    if opened is not None:
        spans.append((opened, None))
        course.closed = None
    course.spans = spans
    return course


@cache
def _is_in_progress(name: str) -> bool:
    with (SEEDS_DIR / "column_roles.csv").open(newline="") as lines:
        rules = sorted(csv.DictReader(lines), key=lambda row: int(row["priority"]))
    return next((row["role"] for row in rules if re.search(row["pattern"], name, re.I)), "") == "in progress"


def _measured(courses: list[_Course], history: History) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    count = (history.end - history.start) // WEEK
    lists: dict[str, list[list[float]]] = {name: [[] for _ in range(count)] for name in MEASURES}
    wip = np.zeros(7 * count + 1)
    for one in courses:
        _put(lists["created tasks"], one.created - history.start, 0)
        if one.closed is not None:
            _put(lists["closed tasks"], one.closed - history.start, 0)
            _put(lists["median lead time"], one.closed - history.start, (one.closed - one.created) / DAY)
            if one.started is not None:
                days = (one.closed - one.started) / DAY
                _put(lists["median cycle time"], one.closed - history.start, days)
        if one.started is not None:
            for begin, end in one.spans:
                if end is None or one.started < end:
                    wip[min((max(begin, one.started) - history.start) // DAY, 7 * count)] += 1
                    wip[min(((end or history.end + DAY) - history.start) // DAY, 7 * count)] -= 1
    daily = np.cumsum(wip)[: 7 * count].reshape(count, 7)
    found: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
    for name, weeks in lists.items():
        samples = np.array([len(week) for week in weeks])
        if name in RATIOS:
            values = np.array([np.median(week) if week else np.nan for week in weeks])
        else:
            values = samples.astype(float)
        found[name] = values, samples
    found["tasks in progress"] = daily.mean(axis=1), daily[:, -1].astype(int)
    return found


def _put(weeks: list[list[float]], second: int, value: float) -> None:
    week = second // WEEK
    if 0 <= week < len(weeks):
        weeks[week].append(value)


@dataclass(frozen=True)
class Verdict:
    """What was said of a team's change."""

    seed: int
    team: str
    verdict: str
    difference: float
    half_width: float
    has_enough_data: bool

    @property
    def is_said(self) -> bool:
        """Whether it says that something changed."""
        return self.verdict in {"better", "worse", "changed"}


def verdicts(steps: Steps, teams: Sequence[TeamWeeks], measure: str, window: int = 12) -> list[Verdict]:
    """Judge each team's change by one measure, as if it were the only one that is looked at."""
    keys = [str(place) for place in range(len(teams))]
    subjects = [
        Subject(f"kind {key}", key, measure, *one.measured[measure])
        for key, one in zip(keys, teams, strict=True)
    ]
    changes = [
        Change(key, f"kind {key}", key, one.week, window, SETTLING)
        for key, one in zip(keys, teams, strict=True)
    ]
    rows = judged(steps, Case(subjects, changes)).execute(
        "select change_key::int, impact.verdict, judged.scaled_difference, judged.half_width,"
        " judged.has_enough_data from metric_change_impact as impact"
        " inner join int_impact_judged as judged using (change_key, measure) order by 1"
    )
    return [Verdict(teams[place].seed, teams[place].team, *said) for place, *said in rows.fetchall()]
