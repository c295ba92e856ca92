"""Fetches tasks into a run: all of them, those that changed, a choice; or just looks which are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from rich.progress import Progress

from ddd.parallel import in_parallel
from ddd.phab import Conduit
from ddd.segments import Document
from ddd.sources.phabricator import tasks
from ddd.sources.phabricator.answers import Page
from ddd.sources.phabricator.halving import Halving
from ddd.sources.phabricator.pages import PAGE_SIZE
from ddd.sources.runs import Run, in_slices
from ddd.visibility import VANISHED_STREAM


def walk_all(run: Run, phab: Conduit, stream: str, bar: Progress, *, threads_count: int) -> None:
    """Look at all task ids up to the run's highest, in windows that need no cursor.

    Windows that the run has already are left out. A task that the server cannot give is quarantined.

    Args:
        run: The run.
        phab: The server.
        stream: `tasks` to fetch them, `sweep` to see which are there and when they changed.
        bar: Where to draw progress.
        threads_count: Requests under way at once.

    Raises:
        ConduitError: The server says no; what was fetched is on disk.
    """
    highest = run.aims.highest_id
    ask, halving, covered = tasks.by_id(phab, stream), Halving(phab, "tasks"), run.covered(stream)
    does = "Fetching tasks" if stream == "tasks" else "Looking for tasks that are gone or shown again"
    shown = bar.add_task(does, total=highest)

    def fetch(first: int) -> list[Page]:
        return halving.ask(tasks.window(first, highest), ask)

    bar.advance(shown, len(covered) * PAGE_SIZE)
    starts = (first for first in tasks.window_starts(highest) if first not in covered)
    with run.shelf(stream) as shelf:
        for first, found in in_parallel(fetch, starts, threads_count=threads_count):
            shelf.add_pages(found, covers=[first])
            bar.advance(shown, len(tasks.window(first, highest)))


def walk_matching(run: Run, phab: Conduit, constraints: dict[str, Any], bar: Progress, does: str) -> None:
    """Fetch the tasks that meet constraints, page by page.

    Args:
        run: The run.
        phab: The server.
        constraints: As `maniphest.search` takes them; no upper bound of modification times.
        bar: Where to draw progress.
        does: What a person is told about it.

    Raises:
        ConduitError: The server says no; what was fetched is on disk.
    """
    shown = bar.add_task(does, total=None)
    with run.shelf("tasks") as shelf:
        for page in tasks.matching(phab, constraints):
            shelf.add_pages([page])
            bar.advance(shown, len(page.documents))


def fetch_by_ids(
    run: Run,
    phab: Conduit,
    task_ids: Iterable[int],
    bar: Progress,
    does: str,
    *,
    threads_count: int,
    stream: str = "tasks",
) -> set[int]:
    """Fetch single tasks. Those that the server leaves out, hidden or destroyed, are noted as vanished.

    Args:
        run: The run.
        phab: The server.
        task_ids: Which tasks.
        bar: Where to draw progress.
        does: What a person is told about it.
        threads_count: Requests under way at once.
        stream: `tasks` to fetch them, `sweep` to see which are there.

    Returns:
        Those that are there.

    Raises:
        ConduitError: The server says no; what was fetched is on disk.
    """
    ids = pa.array(sorted(set(task_ids)), pa.int64())
    ask, halving = tasks.by_id(phab, stream), Halving(phab, "tasks")
    there: set[int] = set()
    if not len(ids):
        return there
    shown = bar.add_task(does, total=len(ids))

    def fetch(some: Sequence[int]) -> list[Page]:
        return halving.ask(some, ask)

    with run.shelf(stream) as shelf, run.shelf(VANISHED_STREAM) as vanished:
        for some, found in in_parallel(fetch, in_slices(ids, PAGE_SIZE), threads_count=threads_count):
            shelf.add_pages(found)
            answered = {int(document.key) for page in found for document in page.documents}
            untold = {one.key for page in found for one in page.rejected}
            missing = [number for number in some if number not in answered and str(number) not in untold]
            vanished.add_pages([Page([Document(str(number), b"") for number in missing])])
            there |= answered
            bar.advance(shown, len(some))
    return there
