"""What the metrics are computed from: tasks as each project counts them, by that project's settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from reference.installation import Installation
from reference.periods import Day, periods
from reference.rules import Rules, Setting, rules_of
from reference.work import History, first_of, history_of

PERIODS = ("day", "week", "month")
EVERY = ("all", "all")
"""The slice of all tasks."""


@dataclass(frozen=True)
class Work:
    """A task as one project counts it; times are epoch seconds."""

    history: History
    rules: Rules
    subtype: str
    priority_name: str
    points: float | None

    @property
    def task_id(self) -> int:
        return self.history.task_id

    @property
    def created_at(self) -> int:
        return self.history.created_at

    @property
    def is_closed(self) -> bool:
        return self.history.is_closed

    @property
    def started_at(self) -> int | None:
        return {
            "created": self.history.created_at,
            "status": self.history.started_by_status_at,
            "column": self.history.started_by_column_at,
        }.get(
            self.rules.clock_start,
            first_of(self.history.started_by_status_at, self.history.started_by_column_at),
        )

    @property
    def closed_at(self) -> int | None:
        if not self.is_closed:
            return None
        is_first = self.rules.reopening_policy == "first close"
        return self.history.first_closed_at if is_first else self.history.last_closed_at

    @property
    def lead_time_days(self) -> float | None:
        return None if self.closed_at is None else (self.closed_at - self.created_at) / 86400

    @property
    def cycle_time_days(self) -> float | None:
        if self.closed_at is None or self.started_at is None or self.started_at > self.closed_at:
            return None
        return (self.closed_at - self.started_at) / 86400

    @property
    def slices(self) -> list[tuple[str, str]]:
        """By subtype and by priority, by both and by neither."""
        return [
            (subtype, priority)
            for subtype in ("all", self.subtype)
            for priority in ("all", self.priority_name)
        ]


class Site:
    """The publishable tasks of an installation, by project."""

    def __init__(
        self,
        installation: Installation,
        as_of: datetime,
        *,
        policies: Iterable[str] = ("public",),
        settings: Iterable[Setting] = (),
    ) -> None:
        self.installation = installation
        self.as_of = int(as_of.replace(tzinfo=UTC).timestamp())
        self.policies = set(policies)
        self.settings = list(settings)
        self._dense_periods: dict[tuple[str, str], list[Day]] = {}
        self.rules = rules_of(installation, self.settings, "all")
        self.zone: tzinfo = ZoneInfo(self.rules.values["time_zone"])

    @cached_property
    def histories(self) -> dict[int, History]:
        """Of every task, publishable or not."""
        return {task_id: history_of(self.installation, task_id) for task_id in self.installation.tasks}

    @cached_property
    def space(self) -> str | None:
        """The space that holds most tasks: what is elsewhere is not published."""
        spaces = Counter(task["fields"]["spacePHID"] for task in self.installation.tasks.values())
        return spaces.most_common(1)[0][0] if spaces else None

    def is_publishable(self, document: dict[str, dict[str, dict[str, str]]]) -> bool:
        """Whether a task or project may be published, by its view policy and its space."""
        fields = document["fields"]
        return fields["policy"]["view"] in self.policies and fields["spacePHID"] == self.space

    @cached_property
    def projects(self) -> list[str]:
        """The publishable ones that a publishable task counts for, and 'all'."""
        return list(self.work)

    @cached_property
    def work(self) -> dict[str, list[Work]]:
        """Tasks per project, those of sub-projects and milestones included, each once, and all of them."""
        found: dict[str, list[Work]] = {}
        for task_id, task in sorted(self.installation.tasks.items()):
            if not self.is_publishable(task):
                continue
            counting = {"all"}
            for tag in self.installation.tags(task_id):
                counting |= self.installation.ancestors(tag)
            for project in counting:
                if project == "all" or self.is_publishable(self.installation.projects[project]):
                    rules = rules_of(self.installation, self.settings, project)
                    if task["fields"]["subtype"] not in rules.excluded_subtypes:
                        found.setdefault(project, []).append(self._work(task_id, rules))
        return found

    def _work(self, task_id: int, rules: Rules) -> Work:
        fields = self.installation.tasks[task_id]["fields"]
        return Work(
            history=self.histories[task_id],
            rules=rules,
            subtype=fields["subtype"],
            priority_name=fields["priority"]["name"],
            points=None if fields["points"] is None else float(fields["points"]),
        )

    def age_days(self, since: int) -> float:
        """Elapsed time until the extraction; what began while it ran has no age yet."""
        return max(self.as_of - since, 0) / 86400

    # days

    def day_of(self, at: int) -> Day:
        """The day in the installation's time zone."""
        return datetime.fromtimestamp(at, self.zone).date()

    def start_of(self, day: Day) -> int:
        """When a day begins there."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp())

    @cached_property
    def last_day(self) -> Day:
        """That of the extraction, or of a task that was created or closed while it ran."""
        late = [at for work in self.work.values() for one in work for at in (one.created_at, one.closed_at)]
        return self.day_of(max([self.as_of, *(at for at in late if at is not None)]))

    def dense_periods(self, project: str, period: str) -> list[Day]:
        """The periods of a project that are there even if nothing happened.

        From its first task to the last day, or, where no task of it is open any more, to its last closing;
        days only of the whole site.
        """
        if (project, period) not in self._dense_periods:
            self._dense_periods[project, period] = self._dense(project, period)
        return self._dense_periods[project, period]

    def _dense(self, project: str, period: str) -> list[Day]:
        if period == "day" and project != "all":
            return []
        work = self.work[project]
        last = self.last_day
        closings = [one.closed_at for one in work if one.closed_at is not None]
        if project != "all" and len(closings) == len(work):
            last = self.day_of(max(closings))
        return periods(period, self.day_of(min(one.created_at for one in work)), last)
