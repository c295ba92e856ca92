"""Who is loaded, and how far milestones are."""

from __future__ import annotations

from collections import Counter
from typing import Any

from reference.metrics.finished import Rows
from reference.periods import Day, next_period
from reference.replay import Replay
from reference.site import Site, Work
from reference.spans import spans_between

RECENT = 28 * 86400


def workload(site: Site) -> Rows:
    """Open tasks, with an owner and without; people and tasks of each; the same of work in progress."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        for week in site.dense_periods(project, "week"):
            owners = _owners(site, tasks, week)
            if not owners:
                continue
            people = Counter(owner for owner, _ in owners if owner)
            at_work = Counter(owner for owner, is_started in owners if owner and is_started)
            assigned = people.total()
            rows[project, "week", week] = [
                *(len(owners), assigned, len(owners) - assigned, (len(owners) - assigned) / len(owners)),
                *(len(people), assigned / len(people) if people else None),
                max(people.values(), default=None),
                *(sum(is_started for _, is_started in owners), len(at_work)),
                at_work.total() / len(at_work) if at_work else None,
            ]
    return rows


def workload_by_person(site: Site) -> Rows:
    """Open tasks and those in progress, where a project publishes people whose account is public."""
    rows: Rows = {}
    for project, tasks in site.work.items():
        if tasks[0].rules.values["publish_people"] != "true":
            continue
        for week in site.dense_periods(project, "week"):
            owners = _owners(site, tasks, week)
            for person in {owner for owner, _ in owners} & site.installation.users.keys():
                if site.installation.users[str(person)]["fields"]["policy"]["view"] in site.policies:
                    starts = [is_started for owner, is_started in owners if owner == person]
                    rows[project, person, "week", week] = [len(starts), sum(starts)]
    return rows


def _owners(site: Site, tasks: list[Work], week: Day) -> list[tuple[str | None, bool]]:
    """Of each task that is open at the end of a week the owner, and whether it was started."""
    at = site.start_of(next_period("week", week))
    found = []
    for task in tasks:
        before = [moment for moment in task.history.moments if moment.at < at]
        if before and not site.installation.is_closed(before[-1].status):
            found.append((before[-1].owner, task.started_at is not None and task.started_at < at))
    return found


def milestones(site: Site) -> Rows:
    """Tasks, closed, in progress; points; what came and went in four weeks; first and last times."""
    rows: Rows = {}
    for phid, project in site.installation.projects.items():
        if project["fields"]["milestone"] is None or not site.is_publishable(project):
            continue
        tasks = site.work.get(phid, [])
        closed = [task for task in tasks if task.is_closed]
        points, done = (sum(task.points or 0 for task in found) for found in (tasks, closed))
        starts = [task.started_at for task in tasks if task.started_at is not None]
        ends = [task.closed_at for task in closed if task.closed_at is not None]
        rows[phid,] = [
            *(
                len(tasks),
                len(closed),
                sum(not task.is_closed and task.started_at is not None for task in tasks),
            ),
            len(closed) / len(tasks) if tasks else None,
            *(points, done, done / points if points else None),
            _recent(site, [task.created_at for task in tasks]),
            _recent(site, [_tagged_at(site, task, phid) for task in tasks]),
            _recent(site, ends),
            *(min((task.created_at for task in tasks), default=None), min(starts, default=None)),
            max(ends, default=None),
        ]
    return rows


def _recent(site: Site, times: list[int]) -> int:
    return sum(at > site.as_of - RECENT for at in times)


def _tagged_at(site: Site, task: Work, project: str) -> int:
    spans: Any = spans_between(Replay(site.installation, task.task_id).moments())
    return max(
        (span.started_at for span in spans if span.kind == "project" and span.value == project), default=0
    )
