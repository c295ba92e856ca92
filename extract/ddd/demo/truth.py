"""What is true of the simulated organisation by construction, for testing whether an analysis finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ddd.demo.organisation.calendar import end_epoch, founded
from ddd.demo.organisation.teams import CHANGES_NOTHING, LIMITS_WIP, TEAMS

CYCLE_TIME_FACTOR = 0.6
"""The cycle time of the team that limits its work in progress, after the change relative to before."""


@dataclass(frozen=True)
class Change:
    """A change to how a team works, and what it really does.

    Attributes:
        title: What was changed.
        project_name: Name of the team's project.
        project_slug: Its hashtag.
        changed_date: First day on which the new way of working holds: tasks started from then on.
        metric: The metric that the change was meant for.
        true_effect_share: Its true relative effect on the median; -0.4 means 40 % less.
    """

    title: str
    project_name: str
    project_slug: str
    changed_date: date
    metric: str
    true_effect_share: float


def changes(end_at: datetime | date) -> tuple[Change, ...]:
    """The changes in the history that ends then."""
    start = founded(end_epoch(end_at))
    slugs = {team.name: team.slug for team in TEAMS}
    return (
        Change(
            title="Limit work in progress to two tasks a person",
            project_name=LIMITS_WIP,
            project_slug=slugs[LIMITS_WIP],
            changed_date=start + timedelta(weeks=86),
            metric="cycle_time",
            true_effect_share=CYCLE_TIME_FACTOR - 1,
        ),
        Change(
            title="Daily stand-up in writing instead of a meeting",
            project_name=CHANGES_NOTHING,
            project_slug=slugs[CHANGES_NOTHING],
            changed_date=start + timedelta(weeks=104),
            metric="cycle_time",
            true_effect_share=0.0,
        ),
    )
