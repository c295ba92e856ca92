"""The weekly release train: a version goes to three groups of sites, unless something blocks it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from ddd.demo.organisation import words
from ddd.demo.organisation.calendar import DAY, HOUR, day_of, is_winter_break
from ddd.demo.organisation.editor import Change, Initial
from ddd.demo.organisation.people import Person
from ddd.demo.organisation.planner import Planner
from ddd.demo.organisation.randomness import poisson
from ddd.demo.organisation.task import Task
from ddd.demo.organisation.wire import quoted

_TEAM = "Release-Engineering"
_BLOCKERS_MEANS = (0.3, 0.45, 0.3)
_ROLLBACK_SHARE = 0.4


@dataclass(frozen=True)
class Deployment:
    """A version put on a group of sites, or taken off it.

    Attributes:
        deployed_at: When, UTC.
        version: The version, such as 1.43.0-wmf.5.
        group_number: The group of sites: 0 test sites, 1 small ones, 2 everything.
        action: `promote` or `rollback`.
        username: Who did it.
        train_task_id: The task of the version's train.
        blocker_task_id: The task that a rollback is due to.
    """

    deployed_at: datetime
    version: str
    group_number: int
    action: str
    username: str
    train_task_id: int
    blocker_task_id: int | None = None


@dataclass
class PlannedDeployment:
    """A deployment whose tasks have no numbers yet."""

    at: int
    version: str
    group_number: int
    action: str
    username: str
    train: Task
    blocker: Task | None = None

    def finished(self) -> Deployment:
        """The deployment, once its tasks have numbers."""
        return Deployment(
            deployed_at=datetime.fromtimestamp(self.at, UTC),
            version=self.version,
            group_number=self.group_number,
            action=self.action,
            username=self.username,
            train_task_id=self.train.id,
            blocker_task_id=self.blocker.id if self.blocker else None,
        )


def train_version(monday: date) -> str:
    """The version of a week: a minor version a half-year, a branch a week."""
    half = (monday.year - 2020) * 2 + (monday.month > 6)
    first = date(monday.year, 1 if monday.month <= 6 else 7, 1)
    return f"1.{33 + half}.0-wmf.{(monday - first).days // 7 + 1}"


class Train:
    """Plans the train of one week."""

    def __init__(self, plan: Planner, monday_at: int, deployments: list[PlannedDeployment]) -> None:
        self._plan = plan
        self._rng = plan.rng
        self._monday = monday_at
        self._deployments = deployments
        self._home = next(one for one in plan.boards.teams if one.team.name == _TEAM)
        members = self._home.team.members
        week = monday_at // DAY // 7
        self._conductor: Person = plan.people[members[week % len(members)]]
        self._backup: Person = plan.people[members[(week + 1) % len(members)]]
        self._version = train_version(day_of(monday_at))
        self._task: Task

    def run(self) -> None:
        """Plan the task, the promotions, the blockers and the rollbacks; nothing runs in the winter break."""
        tuesday = self._monday // DAY + 1
        if any(is_winter_break(tuesday + offset) for offset in range(3)):
            return
        self._create()
        free_from = 0
        for group in range(3):
            at = (tuesday + group) * DAY + 14 * HOUR + int(self._rng.random() * 2 * HOUR)
            at = self._deployment_time(max(at, free_from))
            self._promote(at, group)
            free_from = self._blockers(at, group)
        last = self._deployment_time(max(free_from, at + 2 * HOUR))
        changes: list[Change] = [
            ("custom", "train.status", '"done"'),
            ("move", "done"),
            ("status", "resolved"),
        ]
        self._plan.edit(last, self._task, self._conductor, *changes)

    def _create(self) -> None:
        plan = self._plan
        task = self._task = plan.add_task(_TEAM, f"{self._version} deployment blockers", self._home.project)
        backup = f'["{self._backup.phid}"]'
        initial = Initial(
            description=f"//Train// for {self._version}\n\n== Backup ==\n* {self._backup.username}",
            projects=(self._home.project,),
            priority=80,
            owner=self._conductor,
            subtype="release",
            custom=(
                ("release.version", f'"{self._version}"', ""),
                ("release.date", str(self._monday + DAY), ""),
                ("train.status", '"todo"', ""),
                ("train.backup", backup, quoted(backup)),
            ),
        )
        at = self._monday + 6 * HOUR + int(self._rng.random() * 600)
        plan.edit(at, task, plan.people["release-bot"], ("create", initial))

    def _deployment_time(self, at: int) -> int:
        """Nothing is deployed from Friday noon to Monday noon."""
        second = at % (7 * DAY) - 4 * DAY  # weeks since 1970 begin on a Thursday; 4 days on is Monday
        in_week = (second if second >= 0 else second + 7 * DAY) / DAY
        if in_week >= 4.5:
            return at - int(in_week * DAY) + 7 * DAY + 14 * HOUR + int(self._rng.random() * HOUR)
        return at

    def _log(self, at: int, group: int, action: str, blocker: Task | None = None) -> None:
        self._deployments.append(
            PlannedDeployment(at, self._version, group, action, self._conductor.username, self._task, blocker)
        )

    def _promote(self, at: int, group: int) -> None:
        self._log(at, group, "promote")
        status: Change = ("custom", "train.status", f'"group{group}"')
        said: Change = ("comment", f"{self._version} is on group {group} now.", None)
        changes = [status, said] if group else [("move", "doing"), status, said]
        self._plan.edit(at, self._task, self._conductor, *changes)

    def _blockers(self, promoted: int, group: int) -> int:
        """Plan what a promotion brings to light; returns when the train may go on."""
        free_from = promoted + HOUR
        for _ in range(poisson(self._rng, _BLOCKERS_MEANS[group])):
            found = promoted + 1200 + int(self._rng.expovariate(1 / 5) * HOUR)
            if found >= self._monday + 6 * DAY + 12 * HOUR:
                continue  # nobody looks any more this week
            blocker, fixed = self._blocker(found)
            free_from = max(free_from, fixed + HOUR)
            if self._rng.random() < _ROLLBACK_SHARE:
                back = found + 900 + int(self._rng.random() * 2400)
                again = self._deployment_time(max(fixed, back) + 1800)
                self._log(back, group, "rollback", blocker)
                self._log(again, group, "promote")
                said = f"Rolled back group {group}."
                self._plan.edit(back, self._task, self._conductor, ("comment", said, blocker))
                said = f"{self._version} is on group {group} again."
                self._plan.edit(again, self._task, self._conductor, ("comment", said, None))
                free_from = max(free_from, again + HOUR)
        return free_from

    def _blocker(self, found: int) -> tuple[Task, int]:
        plan, rng = self._plan, self._rng
        home = rng.choice(plan.boards.teams[:-1])
        members = home.team.members
        title = words.blocker_title(rng, home.team.name, self._version)
        task = plan.add_task(home.team.name, title, home.project)
        initial = Initial(
            description=words.description(rng),
            projects=(home.project,),
            priority=100,
            subtype="error",
            parent=self._task,
        )
        plan.edit(found, task, plan.member(members, found), ("create", initial))
        started = found + 300 + int(rng.random() * 2400)
        worker = plan.member(members, started)
        plan.edit(started, task, worker, ("assign", worker), ("move", "doing"), ("status", "progress"))
        if rng.random() < 0.1:
            plan.edit(started + 600, task, self._conductor, ("orphan", self._task))
        fixed = started + 900 + int(plan.days(0.4, 0.9))
        said = ("comment", words.comment(rng), None)
        plan.edit(fixed, task, worker, said, ("move", "done"), ("status", "resolved"))
        return task, fixed
