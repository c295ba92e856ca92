"""`dddcli metrics map`: one project, or a few tasks, from the server or a file to published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console

from ddd.access import connect
from ddd.connecting import connected, project_phid_of
from ddd.export import export
from ddd.journal import Journal, recorded
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
order by tasks.task_id desc
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
class Chosen:
    """Which tasks were fetched.

    Attributes:
        task_ids: These.
        project_phid: And those of this project.
        warnings: What a person should know.
    """

    task_ids: tuple[int, ...] = ()
    project_phid: str | None = None
    warnings: list[str] = field(default_factory=list)


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
    with recorded(settings, "metrics map") as journal:
        with journal.step("extract phabricator"):
            chosen = fetch_tasks(settings, project=project, task_ids=task_ids, console=console)
        mapped.warnings += chosen.warnings
        _publish(mapped, journal, console)
    _read_tasks(mapped, chosen)
    return mapped


def fetch_tasks(
    settings: Settings, *, project: str | None, task_ids: Sequence[int], console: Console
) -> Chosen:
    """The part of `map_tasks` that asks the server.

    Raises:
        DataError: There is no such project, or the server or the warehouse cannot be used.
    """
    chosen = Chosen(tuple(task_ids))
    if project is not None and not task_ids:
        with connected(settings) as phab:
            chosen.project_phid = project_phid_of(phab, project)
            _add_mentions(chosen, phab)
    wanted = Wanted(
        projects=(chosen.project_phid,) if chosen.project_phid else (), task_ids=tuple(chosen.task_ids)
    )
    chosen.warnings += extract(settings, wanted, console=console).warnings
    return chosen


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
    if projects and not histories.is_by_project:
        mapped.warnings.append(
            f"No task in {path} mentions {', '.join(projects)}: all were taken, as the answer about it"
        )
    with recorded(mapped.settings, "metrics map --mock") as journal:
        with journal.step("land the file"):
            land_histories(mapped.settings, histories)
        if histories.rejected:
            mapped.warnings.append(
                f"{len(histories.rejected)} rows of {path} cannot be read: {histories.rejected[0].reason}"
            )
        _publish(mapped, journal, console)
    _read_tasks(mapped, Chosen(tuple(histories.task_ids)))
    return mapped


def _add_mentions(chosen: Chosen, phab: Conduit) -> None:
    """Add tasks that name the project anywhere in their history, where the server can find them."""
    if _BY_MENTION not in phab.methods():
        return
    try:
        found = as_map(phab.call(_BY_MENTION, {"project": chosen.project_phid}))
    except ConduitError as error:
        chosen.warnings.append(
            f"Tasks that only mention the project could not be looked for ({error.what}); its own are there"
        )
    else:
        chosen.task_ids = tuple(sorted(map(int, found)))


def _publish(mapped: Mapped, journal: Journal, console: Console) -> None:
    with journal.step("build") as facts:
        built = build(mapped.settings, console=console)
        facts.update(built.facts)
    with journal.step("export") as facts:
        exported = export(mapped.settings, console=console)
        facts.update(exported.facts)
    mapped.warnings += [*built.warnings, *exported.warnings]


def _read_tasks(mapped: Mapped, chosen: Chosen) -> None:
    settings = mapped.settings
    asked = {"task_ids": list(chosen.task_ids), "project_phid": chosen.project_phid}
    with connect(
        settings.warehouse_path, read_only=True, wait_seconds=settings.lock_wait_seconds
    ) as warehouse:
        mapped.tasks = [MappedTask(*row) for row in warehouse.execute(_TASKS, asked).fetchall()]
