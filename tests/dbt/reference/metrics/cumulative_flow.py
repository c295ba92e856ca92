"""Cumulative flow of boards."""

from __future__ import annotations

from collections import defaultdict

from reference.boards import is_public_board
from reference.periods import Day
from reference.rules import rules_of
from reference.site import Site

Counts = dict[tuple[str, str], dict[Day, tuple[int, int]]]


def cumulative_flow(site: Site) -> Counts:
    """Arrivals and departures up to the end of each day, per board and column, for days with a change.

    The day of the extraction is there as well.
    """
    changes: dict[tuple[str, str], dict[Day, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for task_id, history in site.histories.items():
        task = site.installation.tasks[task_id]
        if not site.is_publishable(task):
            continue
        boards = {
            board
            for moment in history.moments
            for board in moment.columns
            if is_public_board(site, board)
            and task["fields"]["subtype"]
            not in rules_of(site.installation, site.settings, board).excluded_subtypes
        }
        before: dict[str, str] = {}
        for moment in history.moments:
            closed = site.installation.is_closed(moment.status)
            now = {
                board: "closed" if closed else column
                for board, column in moment.columns.items()
                if board in boards
            }
            for board in before.keys() | now.keys():
                if before.get(board) == now.get(board):
                    continue
                if board in before:
                    changes[board, before[board]][site.day_of(moment.at)][1] += 1
                if board in now:
                    changes[board, now[board]][site.day_of(moment.at)][0] += 1
            before = now
    flow: Counts = {}
    for key, days in changes.items():
        arrivals = departures = 0
        flow[key] = {}
        for day in sorted({*days, site.day_of(site.as_of)}):
            come, gone = days.get(day, (0, 0))
            arrivals, departures = arrivals + come, departures + gone
            flow[key][day] = (arrivals, departures)
    return flow
