"""When a task was started and closed, by its moments."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference.installation import Installation
from reference.periods import Day, day_of, periods
from reference.replay import Moment, Replay


@dataclass
class History:
    """What became of one task; times are epoch seconds."""

    task_id: int
    created_at: int
    moments: list[Moment]
    started_at: int | None = None
    first_closed_at: int | None = None
    last_closed_at: int | None = None
    closed_at: int | None = None
    reopened_count: int = 0
    points: float | None = None
    subtype: str = ""
    priority_name: str = ""
    projects: set[str] = field(default_factory=set)
    """Its tags of now, and all ancestors of them."""

    @property
    def lead_time_days(self) -> float | None:
        return None if self.closed_at is None else (self.closed_at - self.created_at) / 86400

    @property
    def cycle_time_days(self) -> float | None:
        if self.closed_at is None or self.started_at is None or self.started_at > self.closed_at:
            return None
        return (self.closed_at - self.started_at) / 86400


def histories(installation: Installation) -> list[History]:
    """What became of all tasks."""
    return [history_of(installation, task_id) for task_id in sorted(installation.tasks)]


def history_of(installation: Installation, task_id: int) -> History:
    """What became of one task."""
    fields = installation.tasks[task_id]["fields"]
    history = History(
        task_id=task_id,
        created_at=installation.created_at(task_id),
        moments=Replay(installation, task_id).moments(),
        points=None if fields["points"] is None else float(fields["points"]),
        subtype=fields["subtype"],
        priority_name=fields["priority"]["name"],
    )
    for tag in installation.tags(task_id):
        history.projects |= installation.ancestors(tag)
    was_closed = False
    for moment in history.moments:
        closed = installation.is_closed(moment.status)
        if closed and not was_closed:
            history.closed_at = history.last_closed_at = moment.at
            history.first_closed_at = history.first_closed_at or moment.at
        if was_closed and not closed:
            history.closed_at = None
            history.reopened_count += 1
        if not closed and history.started_at is None and is_in_progress(installation, moment):
            history.started_at = moment.at
        was_closed = closed
    return history


def slices(task: History) -> list[tuple[str, str]]:
    """The slices by subtype and priority that a task is in."""
    return [
        (subtype, priority) for subtype in ("all", task.subtype) for priority in ("all", task.priority_name)
    ]


def dense_periods(period: str, tasks: list[History], last: Day, *, is_site: bool) -> list[Day]:
    """Periods of a project that are there even if nothing happened.

    From its first task to the last day, or, where no task is open any more, to its last closing; days only
    for the whole site.
    """
    if period == "day" and not is_site:
        return []
    closings = [task.closed_at for task in tasks]
    if not is_site and None not in closings:
        last = max(day_of(at) for at in closings if at)
    return periods(period, day_of(min(task.created_at for task in tasks)), last)


def is_in_progress(installation: Installation, moment: Moment) -> bool:
    """Whether an open task's status or one of its columns says that it is being worked on."""
    if installation.status_role(moment.status) == "in progress":
        return True
    for board, column in moment.columns.items():
        if installation.column_role(column) == "in progress":
            return True
        roles = [installation.column_role(one) for one in installation.board_columns(board)]
        if (
            "in progress" not in roles
            and not installation.is_default(column)
            and not installation.milestone_of(column)
        ):
            return True
    return False
