"""`dddcli metrics map`: one project, or a few tasks, from the server or a file to published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console

from ddd.access import connect, site_lock
from ddd.connecting import connected, project_phid_of
from ddd.export import export
from ddd.mock import land_histories, mock_settings, require_replaceable
from ddd.phab import Conduit, as_map
from ddd.phab.errors import ConduitError
from ddd.settings import Settings
from ddd.sources import Wanted
from ddd.sources.phabricator import extract
from ddd.sources.phabricator.answer_file import read_answer_file
from ddd.transform import build

_BY_MENTION = "maniphest.project.task.transactions"

_TASKS = """
select
    tasks.task_id, tasks.title, tasks.transactions_count, coalesce(edges.edges_count, 0) as edges_count,
    tasks.created_at, tasks.started_at, tasks.closed_at
from tasks
left join (
    select task_id, count(*) as edges_count from task_events where event_type = 'subtask' group by task_id
) as edges on edges.task_id = tasks.task_id
where list_contains($task_ids, tasks.task_id)
    or tasks.task_id in (select task_id from project_tasks where project_phid = $project_phid)
order by tasks.task_id
"""


@dataclass(frozen=True)
class MappedTask:
    """A task as the warehouse has it; times are UTC.

    Attributes:
        subtask_edges_count: How often a subtask was added or removed.
    """

    task_id: int
    title: str
    transactions_count: int
    subtask_edges_count: int
    created_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None


@dataclass
class Mapped:
    """What was mapped, and what a person should know of it."""

    settings: Settings
    tasks: list[MappedTask] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def map_tasks(
    settings: Settings, *, project: str | None, task_ids: Sequence[int], console: Console
) -> Mapped:
    """Fetch a project's tasks with their history, build and export.

    Where the server has `maniphest.project.task.transactions`, tasks that only mention the project somewhere
    in their history are found too.

    Args:
        settings: Which site.
        project: PHID or hashtag.
        task_ids: Only these of the project's tasks; or any tasks, where no project is given.
        console: Where to draw progress.

    Raises:
        DataError: A step could not be done; what was published before is still in place.
    """
    mapped = Mapped(settings)
    with site_lock(settings):
        project_phid, mentioning = None, set[int]()
        if project is not None:
            with connected(settings) as phab:
                project_phid = project_phid_of(phab, project)
                if not task_ids:
                    mentioning = _tasks_that_mention(phab, project_phid, mapped)
        wanted = (
            Wanted(projects=(project_phid,))
            if project_phid and not task_ids
            else Wanted(task_ids=tuple(task_ids))
        )
        extracted = extract(settings, wanted, console=console)
        mapped.warnings += extracted.warnings
        if mentioning:
            mapped.warnings += extract(
                settings, Wanted(task_ids=tuple(sorted(mentioning))), console=console
            ).warnings
        _publish(mapped, console)
    _read_tasks(mapped, [*task_ids, *mentioning], None if task_ids else project_phid)
    return mapped


def map_file(path: Path, *, projects: Sequence[str], task_ids: Sequence[int], console: Console) -> Mapped:
    """Make the site `mock` anew from a file with histories, build and export.

    Args:
        path: An answer of `maniphest.gettasktransactions` or `maniphest.project.task.transactions`.
        projects: Only tasks that mention one of these PHIDs; all where none is given.
        task_ids: Only these tasks; all where none is given.
        console: Where to draw progress.

    Raises:
        DataError: The file is no such answer, what is published must not be replaced, or a step could not be
            done; what was published before is still in place.
    """
    mapped = Mapped(mock_settings())
    require_replaceable(mapped.settings)
    histories = read_answer_file(path, projects=projects, task_ids=frozenset(task_ids))
    with site_lock(mapped.settings):
        land_histories(mapped.settings, histories)
        if histories.rejected:
            mapped.warnings.append(
                f"{len(histories.rejected)} rows of {path} cannot be read: {histories.rejected[0].reason}"
            )
        _publish(mapped, console)
    _read_tasks(mapped, histories.task_ids, None)
    return mapped


def _tasks_that_mention(phab: Conduit, project_phid: str, mapped: Mapped) -> set[int]:
    if _BY_MENTION not in phab.methods():
        return set()
    try:
        return {int(task) for task in as_map(phab.call(_BY_MENTION, {"project": project_phid}))}
    except ConduitError as error:
        mapped.warnings.append(
            f"Tasks that only mention the project could not be looked for ({error.what}); its own are there"
        )
        return set()


def _publish(mapped: Mapped, console: Console) -> None:
    mapped.warnings += build(mapped.settings, console=console).warnings
    mapped.warnings += export(mapped.settings, console=console).warnings


def _read_tasks(mapped: Mapped, task_ids: Sequence[int], project_phid: str | None) -> None:
    settings = mapped.settings
    with connect(
        settings.warehouse_path, read_only=True, wait_seconds=settings.lock_wait_seconds
    ) as warehouse:
        rows = warehouse.execute(
            _TASKS, {"task_ids": list(task_ids), "project_phid": project_phid}
        ).fetchall()
    mapped.tasks = [MappedTask(*row) for row in rows]
