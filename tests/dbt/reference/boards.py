"""Where a task was on each board, and what its states mean there."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from reference.installation import Installation
from reference.replay import Moment
from reference.site import Site
from reference.work import History

CLOSED = "closed"


class Stay(NamedTuple):
    """A time in one state; epoch seconds, no end while it lasts."""

    state: str
    started_at: int
    ended_at: int | None


def stays_of(states: list[tuple[int, str | None]]) -> list[Stay]:
    """The stays between changes; a state that goes on is one stay, and no state is none."""
    changes = [states[0]] if states else []
    for at, state in states[1:]:
        if state != changes[-1][1]:
            changes.append((at, state))
    ends = [*(later for (_, _), (later, _) in pairwise(changes)), None]
    return [Stay(state, at, end) for (at, state), end in zip(changes, ends, strict=True) if state]


def state_on(site: Site, moment: Moment, board: str) -> str | None:
    """The column of a board that an open task is in, or 'closed'; none where it is not on the board."""
    if board not in moment.columns:
        return None
    return CLOSED if site.installation.is_closed(moment.status) else moment.columns[board]


def board_stays(site: Site, history: History) -> dict[str, list[Stay]]:
    """Stays on every board that the task was ever on."""
    boards = {board for moment in history.moments for board in moment.columns}
    return {
        board: stays_of([(moment.at, state_on(site, moment, board)) for moment in history.moments])
        for board in boards
    }


def status_stays(history: History) -> list[Stay]:
    """Stays in every status."""
    return stays_of([(moment.at, moment.status) for moment in history.moments])


def is_public_board(site: Site, board: str) -> bool:
    """Whether the board's project is there and may be published."""
    projects = site.installation.projects
    return board in projects and site.is_publishable(projects[board])


def counted_boards(site: Site, project: str) -> set[str]:
    """The boards of a project and of everything below it; of the whole site all."""
    installation = site.installation
    boards = {str(installation.board_of(column)) for column in installation.columns}
    if project == "all":
        return boards
    return {board for board in boards if project in installation.ancestors(board)}


def role_at_work(installation: Installation, board: str, column: str) -> str | None:
    """The role of a column; where no column of a board is 'in progress', those without a role are.

    Not the default one, though, and none that stands for a milestone.
    """
    roles = [installation.column_role(one) for one in installation.board_columns(board)]
    role = installation.column_role(column)
    if role or "in progress" in roles:
        return role
    if installation.is_default(column) or installation.milestone_of(column):
        return None
    return "in progress"
