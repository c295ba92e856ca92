"""What happens to a task besides the work on it: talk, renaming, second thoughts."""

from __future__ import annotations

from ddd.demo.organisation import words
from ddd.demo.organisation.calendar import DAY
from ddd.demo.organisation.editor import Change
from ddd.demo.organisation.people import HERALD
from ddd.demo.organisation.planner import Planner
from ddd.demo.organisation.projects import PUBLIC_SPACE
from ddd.demo.organisation.randomness import poisson
from ddd.demo.organisation.task import Task
from ddd.demo.organisation.teams import Team

_COMMENTS_MEAN = 0.8


def add(plan: Planner, task: Task, team: Team, created: int, until: int) -> None:
    """Plan what else happens between two times."""
    rng = plan.rng
    length = until - created

    def moment() -> int:
        return plan.later(created, created + rng.random() * length)

    for _ in range(poisson(rng, _COMMENTS_MEAN)):
        at = moment()
        actor = plan.member(team.members, at) if rng.random() < 0.8 else plan.anybody()
        mentioned = None
        if rng.random() < 0.16 and len(plan.tasks) > 1:
            mentioned = plan.tasks[int(rng.random() * len(plan.tasks))]
        plan.edit(at, task, actor, ("comment", words.comment(rng), mentioned))
    if rng.random() < 0.015:
        plan.edit(created + 2, task, HERALD, ("subscribe", plan.anybody()))
    # one draw decides for a task whether anything rarer happens at all, which is quicker than many
    for chance, make in _RARE:
        if rng.random() < chance:
            at = moment()
            plan.edit(at, task, plan.member(team.members, at), make(plan, task, team, at))


def _rename(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del team, at
    return ("title", f"{task.title[:220]} ({plan.rng.choice(('again', 'follow-up', 'part 1', 'retry'))})")


def _describe(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, team, at
    return ("description", words.description(plan.rng))


def _prioritise(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, team, at
    return ("priority", plan.rng.choice((100, 80, 50, 25, 10)))


def _subscribe(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, team, at
    return ("subscribe", plan.anybody(), plan.anybody())


def _unsubscribe(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task
    return ("unsubscribe", plan.member(team.members, at))


def _reassign(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task
    return ("assign", plan.member(team.members, at) if plan.rng.random() < 0.75 else None)


def _estimate(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, at
    if not team.points_share:
        return ("touch",)
    return ("points", plan.rng.choice((None, 1, 2, 2.5, 3, 5, 8)))


def _deadline(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, team
    day = at // DAY + 7 + int(plan.rng.random() * 60)
    return ("custom", "deadline.due", str(day * DAY))


def _tag(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, team, at
    return ("tag", plan.rng.choice(plan.boards.teams[:-1]).project)


def _untag(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del task, team, at
    return ("untag", plan.rng.choice(plan.boards.teams[:-1]).project)


def _nest(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del at
    return ("parent", plan.rng.choice(plan.by_team.get(team.name) or [task]))


def _open_up(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del plan, task, team, at
    return ("view", "public")


def _release_space(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del plan, task, team, at
    return ("space", PUBLIC_SPACE)


def _touch(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del plan, task, team, at
    return ("touch",)


def _block(plan: Planner, task: Task, team: Team, at: int) -> Change:
    del plan, task, team, at
    return ("move", "backlog")


_RARE = (
    (0.06, _rename),
    (0.08, _describe),
    (0.12, _prioritise),
    (0.06, _subscribe),
    (0.02, _unsubscribe),
    (0.06, _reassign),
    (0.04, _estimate),
    (0.03, _deadline),
    (0.05, _tag),
    (0.02, _untag),
    (0.02, _nest),
    (0.12, _open_up),
    (0.3, _release_space),
    (0.03, _touch),
    (0.015, _block),
)
