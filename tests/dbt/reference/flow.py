"""Cumulative flow of boards."""

from __future__ import annotations

from collections import defaultdict

from reference.installation import Installation
from reference.periods import Day, day_of
from reference.work import History


def cumulative_flow(
    installation: Installation, histories: list[History]
) -> dict[tuple[str, str], dict[Day, tuple[int, int]]]:
    """Arrivals and departures up to the end of each day, per board and column, for days with a change."""
    changes: dict[tuple[str, str], dict[Day, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for history in histories:
        before: dict[str, str] = {}
        for moment in history.moments:
            closed = installation.is_closed(moment.status)
            now = {board: "closed" if closed else column for board, column in moment.columns.items()}
            for board in before.keys() | now.keys():
                if before.get(board) == now.get(board):
                    continue
                if board in before:
                    changes[board, before[board]][day_of(moment.at)][1] += 1
                if board in now:
                    changes[board, now[board]][day_of(moment.at)][0] += 1
            before = now
    flow: dict[tuple[str, str], dict[Day, tuple[int, int]]] = {}
    for key, days in changes.items():
        arrivals = departures = 0
        flow[key] = {}
        for day in sorted(days):
            arrivals, departures = arrivals + days[day][0], departures + days[day][1]
            flow[key][day] = (arrivals, departures)
    return flow
