"""When a task was started, closed and opened again, by its moments."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference.installation import Installation
from reference.replay import Moment, Replay


@dataclass
class History:
    """What became of one task; times are epoch seconds."""

    task_id: int
    created_at: int
    moments: list[Moment]
    started_by_status_at: int | None = None
    started_by_column_at: int | None = None
    closings: list[int] = field(default_factory=list)
    reopenings: list[int] = field(default_factory=list)

    @property
    def started_at(self) -> int | None:
        return first_of(self.started_by_status_at, self.started_by_column_at)

    @property
    def is_closed(self) -> bool:
        return len(self.closings) > len(self.reopenings)

    @property
    def first_closed_at(self) -> int | None:
        return self.closings[0] if self.closings else None

    @property
    def last_closed_at(self) -> int | None:
        return self.closings[-1] if self.closings else None

    @property
    def open_spans(self) -> list[tuple[int, int | None]]:
        """The times for which it was open; one that began with its creation can be empty."""
        ends = [*self.closings, *([] if self.is_closed else [None])]
        return [
            (start, end)
            for start, end in zip([self.created_at, *self.reopenings], ends, strict=True)
            if start != end
        ]


def history_of(installation: Installation, task_id: int) -> History:
    """What became of one task."""
    history = History(
        task_id=task_id,
        created_at=installation.created_at(task_id),
        moments=Replay(installation, task_id).moments(),
    )
    was_closed = False
    for moment in history.moments:
        closed = installation.is_closed(moment.status)
        if closed and not was_closed:
            history.closings.append(moment.at)
        if was_closed and not closed:
            history.reopenings.append(moment.at)
        if not closed:
            if history.started_by_status_at is None and _status_says_so(installation, moment):
                history.started_by_status_at = moment.at
            if history.started_by_column_at is None and _column_says_so(installation, moment):
                history.started_by_column_at = moment.at
        was_closed = closed
    return history


def first_of(*times: int | None) -> int | None:
    """The earliest of the times that are known."""
    return min((at for at in times if at is not None), default=None)


def _status_says_so(installation: Installation, moment: Moment) -> bool:
    return installation.status_role(moment.status) == "in progress"


def _column_says_so(installation: Installation, moment: Moment) -> bool:
    """Whether a column is in progress, or, on a board where none is, another than the default one."""
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
