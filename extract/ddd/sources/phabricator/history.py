"""Histories of tasks, from whichever method the server has.

`maniphest.gettasktransactions` gives everything on every server that has it, for many tasks at once, in one
answer without limit. `transaction.search` gives one task's history in pages, and on servers before mid-2026
leaves out what changed in many types (FACTS.md §4); it serves where the other one was removed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec
import pyarrow as pa
from rich.progress import Progress

from ddd.parallel import in_parallel
from ddd.phab import Conduit
from ddd.phab.errors import ConduitError, NotFoundError, PermissionDeniedError
from ddd.sources.phabricator.answers import Page, split_history
from ddd.sources.phabricator.halving import Ask, Halving
from ddd.sources.phabricator.pages import pages, unknown_shape
from ddd.sources.phabricator.walks import fetch_by_ids
from ddd.sources.runs import Run

MANY_TASKS_METHOD = "maniphest.gettasktransactions"
ONE_TASK_METHOD = "transaction.search"

ANSWER_BYTES = 3_000_000
"""What an answer with histories should have: the best rate of those measured (FACTS.md §6)."""

FIRST_TASKS, MOST_TASKS = 100, 1000
"""Tasks in the first request, of whose histories nothing is known, and in any."""

RECORDS_PAGE_SIZE = 1000
"""The largest page of transaction.search."""


def history_stream(phab: Conduit) -> str:
    """The stream that histories of this server go to, by the methods that it has.

    Returns:
        `transactions`, or `transaction_records` where the server has only `transaction.search`.

    Raises:
        ConduitError: The server says no, or has neither method.
    """
    methods = phab.methods()
    if MANY_TASKS_METHOD in methods:
        return "transactions"
    if ONE_TASK_METHOD in methods:
        return "transaction_records"
    raise ConduitError(
        f"This server has neither {MANY_TASKS_METHOD} nor {ONE_TASK_METHOD}",
        "Without one of them there is no history to fetch: ask the server's administrator",
    )


@dataclass
class BatchSize:
    """How many tasks to ask for at once, from the volume of the answers so far.

    Attributes:
        bytes_per_task: Volume of a task's history, newer answers counting more; none before the first.
        most: What the server can give at once; halves when it was too much, and recovers.
    """

    bytes_per_task: float | None = None
    most: int = MOST_TASKS
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def tasks_count(self) -> int:
        """The size of the next batch."""
        if self.bytes_per_task is None:
            return min(FIRST_TASKS, self.most)
        return max(1, min(self.most, int(ANSWER_BYTES / max(self.bytes_per_task, 1.0))))

    def learn(self, tasks_count: int, bytes_count: int) -> None:
        """Take a good answer into account."""
        with self._lock:
            seen = bytes_count / tasks_count
            known = seen if self.bytes_per_task is None else self.bytes_per_task
            self.bytes_per_task = 0.7 * known + 0.3 * seen
            self.most = min(MOST_TASKS, self.most + max(1, self.most // 10))

    def was_too_much(self, tasks_count: int) -> None:
        """Take into account that the server could not give as many tasks."""
        with self._lock:
            self.most = max(1, min(self.most, tasks_count // 2))

    def batches(self, task_ids: pa.Array) -> Iterator[list[int]]:
        """Batches of tasks, each of the size that is best when it is taken."""
        start = 0
        while start < len(task_ids):
            batch: list[int] = task_ids.slice(start, self.tasks_count).to_pylist()
            yield batch
            start += len(batch)


def fetch_histories(
    run: Run, phab: Conduit, stream: str, bar: Progress, *, threads_count: int, also: Iterable[int] = ()
) -> None:
    """Fetch the history of every task that the run has fetched and of which it has none yet.

    A history that the server cannot give is quarantined under the stream `histories`.

    Args:
        run: The run.
        phab: The server.
        stream: Where its histories go to, by `history_stream`.
        bar: Where to draw progress.
        threads_count: Requests under way at once.
        also: More tasks, such as those whose histories could not be given last time.

    Raises:
        ConduitError: The server says no; what was fetched is on disk.
    """
    wanted = run.task_ids(also=also, without=run.covered(stream))
    asked = _Histories(run, phab, stream, bar, threads_count)
    absent = asked.fetch(wanted, "Fetching histories of tasks")
    if not absent:
        return
    # hidden or destroyed since they were fetched, or without any transaction: only the former count as gone,
    # and a task that is shown again in this very moment must not stay without its history
    does = "Looking for tasks without a history"
    look = partial(fetch_by_ids, run, phab, bar=bar, does=does, threads_count=threads_count, stream="sweep")
    there = look(absent)
    look(asked.fetch(pa.array(sorted(there), pa.int64()), does))


@dataclass
class _Histories:
    run: Run
    phab: Conduit
    stream: str
    bar: Progress
    threads_count: int
    size: BatchSize = field(default_factory=BatchSize)

    def fetch(self, task_ids: pa.Array, does: str) -> set[int]:
        """Fetch histories into the run; the tasks of which none came are returned."""
        if self.stream == "transactions":
            ask = _of_many_tasks(self.phab, self.size)
        else:
            ask, self.size.most = _of_one_task(self.phab), 1
        halving = Halving(self.phab, "histories", self.size.was_too_much)
        shown = self.bar.add_task(does, total=len(task_ids))
        absent: set[int] = set()

        def fetch(batch: Sequence[int]) -> list[Page]:
            return halving.ask(batch, ask)

        batches = self.size.batches(task_ids)
        with self.run.shelf(self.stream) as shelf:
            for batch, found in in_parallel(fetch, batches, threads_count=self.threads_count):
                given = {task_id for page in found for task_id in page.task_ids}
                given |= {
                    int(one.key) for page in found for one in page.rejected if one.stream == "histories"
                }
                shelf.add_pages(found, covers=given)
                absent.update(task_id for task_id in batch if task_id not in given)
                self.bar.advance(shown, len(batch))
        return absent


def _of_many_tasks(phab: Conduit, size: BatchSize) -> Ask:
    def ask(ids: Sequence[int]) -> Page:
        answer = phab.call_bytes(MANY_TASKS_METHOD, {"ids": list(ids)})
        size.learn(len(ids), len(answer))
        try:
            return split_history(answer)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise unknown_shape(MANY_TASKS_METHOD, error) from None

    return ask


def _of_one_task(phab: Conduit) -> Ask:
    def ask(ids: Sequence[int]) -> Page:
        (task_id,) = ids
        whole = Page()
        params = {"objectIdentifier": f"T{task_id}", "limit": RECORDS_PAGE_SIZE}
        try:
            for one in pages(phab, "transaction_records", ONE_TASK_METHOD, params):
                whole.documents += one.documents
                whole.rejected += one.rejected
        except (NotFoundError, PermissionDeniedError):
            return Page()  # hidden or destroyed meanwhile: the other method leaves such a task out, too
        if whole.documents or whole.rejected:
            whole.task_ids.add(task_id)
        return whole

    return ask
