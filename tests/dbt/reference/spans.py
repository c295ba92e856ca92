"""Spans of every kind: how long a task was in each state."""

from __future__ import annotations

from typing import NamedTuple

from reference.installation import Installation
from reference.replay import Moment, Replay


class Span(NamedTuple):
    """A time that a task spent in one state; epoch seconds, `ended_at` null while it lasts."""

    kind: str
    board: str | None
    value: str
    started_at: int
    ended_at: int | None


def spans_of(installation: Installation, task_id: int) -> set[Span]:
    """All spans of a task."""
    return spans_between(Replay(installation, task_id).moments())


def spans_between(moments: list[Moment]) -> set[Span]:
    """The spans that these moments bound."""
    spans = set()
    lasting: dict[tuple[str, str | None], tuple[str, int]] = {}
    for moment in moments:
        states = _states(moment)
        for lane, (value, started_at) in list(lasting.items()):
            if states.get(lane) != value:
                spans.add(Span(lane[0], _board(lane), value, started_at, moment.at))
                del lasting[lane]
        for lane, value in states.items():
            lasting.setdefault(lane, (value, moment.at))
    return spans | {
        Span(lane[0], _board(lane), value, started_at, None) for lane, (value, started_at) in lasting.items()
    }


def _states(moment: Moment) -> dict[tuple[str, str | None], str]:
    """The values of a moment, each in a lane of its own: tags and boards lie side by side."""
    states: dict[tuple[str, str | None], str] = {
        ("status", None): moment.status,
        ("priority", None): moment.priority,
    }
    if moment.owner:
        states["owner", None] = moment.owner
    states.update({("project", tag): tag for tag in moment.tags})
    states.update({("column", board): column for board, column in moment.columns.items()})
    return states


def _board(lane: tuple[str, str | None]) -> str | None:
    return lane[1] if lane[0] == "column" else None
