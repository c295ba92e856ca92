"""The life of an ordinary task, from its creation to its end, as a plan of edits."""

from __future__ import annotations

from dataclasses import dataclass

from ddd.demo.organisation import side_events, words
from ddd.demo.organisation.calendar import DAY, HOUR, epoch
from ddd.demo.organisation.editor import Change, Initial
from ddd.demo.organisation.people import Person
from ddd.demo.organisation.planner import Planner
from ddd.demo.organisation.projects import SECURITY_POLICY, SECURITY_SPACE, Project, TeamProjects
from ddd.demo.organisation.task import Task
from ddd.demo.organisation.teams import LIMITS_WIP, Team
from ddd.demo.truth import Change as TrueChange

_WORK_FACTOR = 0.53
"""Of work alone: nights, weekends and re-openings do not get shorter, so that the median falls by 40 %."""

_PRIORITIES = (100, 80, 80, 50, 50, 50, 50, 25, 25, 10)
_POINTS: tuple[float, ...] = (0.5, 1, 1, 2, 2, 3, 3, 5, 5, 8, 13)


@dataclass(frozen=True)
class Situation:
    """What holds for all tasks.

    Attributes:
        changes: The changes to how teams work.
        archived_from: When the project is given up that will be archived.
    """

    changes: tuple[TrueChange, ...]
    archived_from: int

    def work_factor(self, team: Team, started: int) -> float:
        """How long work takes that is started then, relative to the team's usual time."""
        is_limited = team.name == LIMITS_WIP and started >= epoch(self.changes[0].changed_date)
        return _WORK_FACTOR if is_limited else 1.0


class Life:
    """Plans one task; `run` is the whole of it."""

    def __init__(self, plan: Planner, situation: Situation, home: TeamProjects, created: int) -> None:
        self._plan = plan
        self._rng = plan.rng
        self._situation = situation
        self._home = home
        self._team = home.team
        self._created = created
        self._task: Task

    def run(self) -> None:
        """Plan everything from creation to the end."""
        triaged, triager = self._create()
        chance = self._rng.random()
        team = self._team
        ended: int | None = None
        if chance < 0.04 and len(self._plan.by_team[team.name]) > 1:
            target = self._other_task()
            self._plan.edit(triaged, self._task, triager, ("merge", target), ("settle", "invalid"))
            ended = triaged
        elif chance < 0.09:
            outcome = "declined" if self._rng.random() < 0.5 else "invalid"
            self._plan.edit(triaged, self._task, triager, ("status", outcome))
            ended = triaged
        elif chance < 0.09 + team.never_started_share:
            ended = self._never_start(triaged)
        else:
            ended = self._do(triaged)
        until = ended if ended is not None else self._created + int(90 * DAY * self._rng.random())
        side_events.add(
            self._plan, self._task, self._team, self._created, max(until, self._created + 2 * HOUR)
        )

    def _create(self) -> tuple[int, Person]:
        """Plan creation and triage; returns when the task was triaged, and by whom."""
        plan, rng, team = self._plan, self._rng, self._team
        chance = rng.random()
        subtype = (
            "default" if chance < 0.58 else "bug" if chance < 0.8 else "feature" if chance < 0.92 else "error"
        )
        title = words.task_title(rng, team.name, subtype)
        if plan.odd_title and rng.random() < 0.1:
            title, plan.odd_title = plan.odd_title, ""
        board: Project = self._home.project
        if team.subproject_share and rng.random() < team.subproject_share:
            board = rng.choice(self._home.subprojects)
        milestones = self._home.milestones if board is self._home.project else ()
        author = plan.member(team.members, self._created) if rng.random() < 0.72 else plan.anybody()
        task = self._task = plan.add_task(team.name, title, board, milestones)
        is_tagged = rng.random() < 0.95
        initial = Initial(
            description=words.description(rng) if rng.random() < 0.85 else "",
            projects=(board,) if is_tagged else (),
            priority=rng.choice(_PRIORITIES) if rng.random() < 0.4 else 90,
            owner=plan.member(team.members, self._created) if rng.random() < 0.15 else None,
            points=rng.choice(_POINTS) if rng.random() < team.points_share * 0.3 else None,
            subtype=subtype,
            subscribers=(plan.anybody(),) if rng.random() < 0.15 else (),
        )
        if rng.random() < team.private_share:
            self._make_private(initial)
        if rng.random() < 0.07 and len(plan.by_team[team.name]) > 1:
            initial.parent = self._other_task()
        if is_tagged and rng.random() < 0.03:
            initial.role = "doing" if rng.random() < 0.3 else "ready"
        plan.edit(self._created, task, author, ("create", initial))
        triaged = plan.later(self._created, self._created + plan.days(0.5, 1.2))
        triager = plan.member(team.members, triaged)
        changes = self._triage(is_tagged, board)
        if changes:
            plan.edit(triaged, task, triager, *changes)
        return triaged + 60, triager

    def _make_private(self, initial: Initial) -> None:
        chance = self._rng.random()
        if chance < 0.6:
            initial.view_policy = "users"
        elif chance < 0.8:
            initial.view_policy = SECURITY_POLICY
        elif chance < 0.9:
            initial.view_policy = self._home.project.phid
        else:
            initial.space, initial.edit_policy = SECURITY_SPACE, "admin"

    def _triage(self, is_tagged: bool, board: Project) -> list[Change]:
        rng = self._rng
        changes: list[Change] = []
        if not is_tagged and rng.random() < 0.85:
            changes.append(("tag", board))
        if rng.random() < 0.45:
            changes.append(("priority", rng.choice(_PRIORITIES)))
        if rng.random() < self._team.points_share:
            changes.append(("points", rng.choice(_POINTS)))
        if rng.random() < 0.05:
            changes.append(("subtype", "bug" if rng.random() < 0.6 else "feature"))
        if rng.random() < 0.4:
            changes.append(("move", "ready"))
        return changes

    def _other_task(self) -> Task:
        """A task of the same team that was created not long before."""
        earlier = self._plan.by_team[self._team.name][-12:-1]
        return earlier[int(self._rng.random() * len(earlier))]

    def _never_start(self, triaged: int) -> int | None:
        """Leave the task alone; more than half of such tasks are declined when somebody cleans up."""
        plan, rng = self._plan, self._rng
        if rng.random() < 0.15:
            at = plan.later(triaged, triaged + plan.days(30, 0.8))
            plan.edit(at, self._task, plan.member(self._team.members, at), ("move", "hidden"))
        elif rng.random() < 0.15:
            at = plan.later(triaged, triaged + plan.days(10, 0.8))
            plan.edit(at, self._task, plan.member(self._team.members, at), ("status", "stalled"))
        if self._home.project.archived_from is not None:
            at = plan.later(triaged, self._situation.archived_from - int(rng.random() * 5 * DAY))
        elif rng.random() < 0.6:
            at = plan.later(triaged, triaged + 45 * DAY + rng.expovariate(1 / 220) * DAY)
        else:
            return None
        plan.edit(at, self._task, plan.member(self._team.members, at), ("status", "declined"))
        return at

    def _do(self, triaged: int) -> int:
        """Plan the work; returns when the task is closed for good."""
        plan, rng = self._plan, self._rng
        if rng.random() < 0.05:
            triaged = self._hand_over(triaged)
        team, task = self._team, self._task
        started = plan.later(triaged, triaged + plan.days(team.wait_days, 1.4))
        if task.milestones and rng.random() < 0.55:
            at = plan.later(triaged, triaged + (started - triaged) * rng.random())
            started = max(started, at + 600)
            plan.edit(at, task, plan.member(team.members, at), ("plan", rng.random() < 0.7))
        worker = plan.member(team.members, started)
        work = plan.days(team.work_days, team.spread) * self._situation.work_factor(team, started)
        self._start(started, worker)
        last = self._stages(started, work, worker)
        closed = self._close(last, started + work, worker)
        if rng.random() < 0.05:
            reopened = plan.later(closed, closed + rng.expovariate(1 / 9) * DAY)
            status = "progress" if rng.random() < 0.3 else "open"
            plan.edit(reopened, task, plan.anybody(), ("status", status), ("move", "doing"))
            closed = self._close(reopened, reopened + plan.days(2, 0.8), worker)
        return closed

    def _hand_over(self, triaged: int) -> int:
        """Find that it is another team's task."""
        plan, rng = self._plan, self._rng
        home = rng.choice(plan.boards.teams[:-1])
        at = plan.later(triaged, triaged + plan.days(2, 1.0))
        change = ("hand_over", home.project, home.milestones, rng.random() < 0.3)
        plan.edit(at, self._task, plan.member(self._team.members, at), change)
        # the plan below follows the new team, although the task takes on its board only then
        self._home, self._team = home, home.team
        return at

    def _start(self, started: int, worker: Person) -> None:
        rng = self._rng
        changes: list[Change] = []
        if rng.random() < 0.9:
            changes.append(("assign", worker))
        if rng.random() < 0.93:
            changes.append(("move", "doing"))
        if rng.random() < self._team.progress_status_share:
            changes.append(("status", "progress"))
        if changes:
            self._plan.edit(started, self._task, worker, *changes)

    def _stages(self, started: int, work: float, worker: Person) -> int:
        """Plan the moves between start and end; returns when the last one happened."""
        plan, rng, task = self._plan, self._rng, self._task
        roles = self._home.project.by_role
        last = started
        if "doing2" in roles:
            last = plan.later(last, started + 0.45 * work)
            plan.edit(last, task, worker, ("move", "doing2"))
        if rng.random() < (0.2 if "waiting" in roles else 0.06):
            last = plan.later(last, started + 0.3 * work)
            reason: Change = ("move", "waiting") if "waiting" in roles else ("status", "stalled")
            plan.edit(last, task, worker, reason)
            last = plan.later(last, started + 0.55 * work)
            back: Change = ("move", "doing") if "waiting" in roles else ("status", "progress")
            plan.edit(last, task, worker, back)
        for role, share in (("review", 0.65), ("qa", 0.85)):
            if role in roles and rng.random() < 0.9:
                last = plan.later(last, started + share * work)
                plan.edit(last, task, worker, ("move", role))
        return last

    def _close(self, last: int, planned: float, worker: Person) -> int:
        plan, rng, task = self._plan, self._rng, self._task
        closed = plan.later(last, planned)
        chance = rng.random()
        outcome = "resolved" if chance < 0.93 else "declined" if chance < 0.97 else "invalid"
        closer = worker if rng.random() < 0.8 else plan.member(self._team.members, closed)
        changes: list[Change] = [("status", outcome)]
        if rng.random() < self._team.points_share * 0.4:
            changes.append(("custom", "points.final", str(rng.choice((1, 2, 3, 5, 8, 13)))))
        chance = rng.random()
        if chance < 0.6:
            changes.insert(0, ("move", "done"))
        plan.edit(closed, task, closer, *changes)
        if 0.6 <= chance < 0.9:  # tidied up later, or never
            at = plan.later(closed, closed + rng.expovariate(1.0) * DAY)
            plan.edit(at, task, closer, ("move", "done"))
        return closed
