"""What the warehouse knows before a run: where the last one began, what is due, what to try again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ddd import quarantine
from ddd.sources.phabricator.answers import task_of_transaction
from ddd.sources.phabricator.streams import NAME, SWEEP_STREAM
from ddd.warehouse import Documents


@dataclass(frozen=True)
class Retries:
    """What could not be had before and is asked for again.

    Attributes:
        task_ids: Tasks.
        history_ids: Tasks whose histories are wanted again.
    """

    task_ids: tuple[int, ...] = ()
    history_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class State:
    """The warehouse between two runs. Times are UTC.

    Attributes:
        run_id: Number of the next run.
        watermark_at: Everything changed before it is known; none in a warehouse that is empty.
        since_at: Only tasks changed since then are known; none where all are.
        sweep_at: When the last sweep began.
        highest_id: The highest known task id.
        retries: What could not be had before.
    """

    run_id: int
    watermark_at: datetime | None
    since_at: datetime | None
    sweep_at: datetime | None
    highest_id: int
    retries: Retries = field(default_factory=Retries)

    def is_sweep_due(self, hours: int) -> bool:
        """Whether it is time for a sweep; never where the interval is 0."""
        if not hours:
            return False
        return self.sweep_at is None or datetime.now(UTC) - self.sweep_at >= timedelta(hours=hours)


def read_state(documents: Documents) -> State:
    """What the open warehouse knows."""
    return State(
        run_id=documents.next_run_id(),
        watermark_at=documents.last_watermark(),
        since_at=documents.known_since(),
        sweep_at=documents.last_start(SWEEP_STREAM),
        highest_id=documents.highest_key("tasks"),
        retries=_retries(quarantine.open_rows(documents.connection, NAME)),
    )


def task_to_retry(row: quarantine.OpenRow) -> int | None:
    """The task that a row of the quarantine is about, where asking for it again may help; else none."""
    if row.stream in {"tasks", "histories"}:
        return int(row.key) if row.key.isdecimal() else None
    if row.stream == "transactions":
        return task_of_transaction(row.document)
    return None


def _retries(rows: list[quarantine.OpenRow]) -> Retries:
    asked = [(row.stream, task_id) for row in rows if (task_id := task_to_retry(row)) is not None]
    return Retries(
        task_ids=tuple(sorted({task_id for stream, task_id in asked if stream == "tasks"})),
        history_ids=tuple(sorted({task_id for stream, task_id in asked if stream != "tasks"})),
    )
