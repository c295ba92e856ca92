"""Worked examples from the literature as made-up tasks, each in a project of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from documents_file import Document
from generated.organisation import (
    DAY,
    column_document,
    organisation_documents,
    project_document,
    user_document,
)
from generated.server import Edit, Life, Server

HOUR = 3600
AS_OF = datetime(2026, 4, 29)
"""A Wednesday, as the day is on which the tests of jira-agile-metrics take place."""


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


MONDAY = _seconds(date(2026, 3, 2))


def _project(name: str) -> str:
    return f"PHID-PROJ-example-{name}"


QUANTILES_PROJECT, LITTLES_LAW = _project("quantiles"), _project("littles-law")
EFFICIENCY, FLOW, DEBT, IMPEDIMENTS = map(_project, ("efficiency", "flow", "debt", "impediments"))
TO_AND_FRO, TRACES, REOPENED, COIN = map(_project, ("to-and-fro", "traces", "reopened", "coin"))
TEA, MUFFIN = _project("tea"), _project("muffin")
LOADED, WEIGHED, MILESTONE = map(_project, ("loaded", "weighed", "milestone"))

BOARDS = {
    EFFICIENCY: ("backlog", "doing", "waiting"),
    FLOW: ("backlog", "committed", "build", "test"),
    TO_AND_FRO: ("to do", "in progress"),
    TRACES: ("a", "b", "c", "d", "e"),
}
"""Columns per board, the default one first."""

QUANTILES = [75, 64, 47.4, 66.9, 62.2, 62.2, 58.7, 63.5, 66.6, 64, 57, 69, 56.9, 50, 72]

ISSUES = (
    *((day, None, None, None, None) for day in (1, 2, 3)),
    *((1, day, None, None, None) for day in (2, 3, 3)),
    *((1, 2, day, None, None) for day in (3, 4, 4)),
    *((1, 2, 3, day, None) for day in (4, 5, 5)),
    *((1, 2, 3, 4, 7), (1, 2, 3, 5, 7), (1, 3, 3, 5, 8), (1, 3, 3, 4, 8), (1, 4, 5, 5, 9), (1, 5, 6, 8, 9)),
)
"""Days of January 2018 on which issues came to Backlog, Committed, Build, Test and Done."""

DEBTS = ((78, 1), (18, 60), (45, 1), (76, None), (15, 29), (15, None))
"""Ages of issues in days, and for how many days they are closed; each age is 1:01:01 hours more."""
DEBT_REST = HOUR + 61

BLOCKED = (
    (1, ()),
    (2, ((4, 5), (8, None))),
    (3, ((4, 6),)),
    (4, ((7, 10),)),
)
"""Days of January 2018 on which an issue was created, and between which it was blocked."""

WORKLOADS = {"sarah": (2, 4), "mike": (3, 5), "alex": (1, 3), "emily": (4, 6)}
"""Tasks in progress and all tasks that people have been given."""

LOG = (("abcd", 3), ("acbd", 2), ("aed", 1))
"""Traces of activities, and how often each is there."""


def on_day(day: int) -> int:
    """Midnight of a day of January 2018, moved to where the 10th is today."""
    return _seconds(AS_OF.date() + timedelta(days=day - 10))


def example_documents() -> Iterator[Document]:
    """The organisation of the generated histories, the examples' projects and boards, and all tasks."""
    yield from organisation_documents()
    projects = [
        QUANTILES_PROJECT,
        LITTLES_LAW,
        DEBT,
        IMPEDIMENTS,
        REOPENED,
        COIN,
        TEA,
        MUFFIN,
        LOADED,
        WEIGHED,
        *BOARDS,
    ]
    for number, project in enumerate(projects, start=100):
        yield project_document(number, project)
    parent = {"id": 1, "phid": WEIGHED, "name": "x"}
    yield project_document(99, MILESTONE, milestone=1, depth=1, slug=None, parent=parent)
    for number, name in enumerate(WORKLOADS, start=100):
        yield user_document(number, person(name))
    for board, names in BOARDS.items():
        for number, name in enumerate(names, start=10 * projects.index(board) + 1000):
            is_default = name == names[0]
            sequence = number % 10
            yield column_document(
                number, column(board, name), board, name, sequence, isDefaultColumn=is_default
            )
    for number, life in enumerate(_lives(), start=1):
        yield from Server(number, life).documents()


def column(board: str, name: str) -> str:
    """The PHID of a column."""
    return f"PHID-PCOL-{board.removeprefix('PHID-PROJ-')}-{name}"


def person(name: str) -> str:
    """The PHID of somebody."""
    return f"PHID-USER-{name}"


def _lives() -> Iterator[Life]:
    yield from _measured()
    yield from map(_issue, ISSUES)
    yield from (_debt(age, closed_for) for age, closed_for in DEBTS)
    yield from (_blocked(created, blocked) for created, blocked in BLOCKED)
    yield from _moved()
    yield from _counted()
    # a project without an open task would have ended, and one that is younger than 84 days has no forecast
    yield from (_life(project, MONDAY - 90 * DAY) for project in (QUANTILES_PROJECT, COIN))


def _measured() -> Iterator[Life]:
    for days in QUANTILES:
        yield _finished(QUANTILES_PROJECT, MONDAY - round(days * DAY), days)
    # ten tasks at a time, each for two days, from before the window of 84 days until after it
    noon = _seconds(date(2026, 1, 1)) + DAY // 2
    for batch in range(50):
        for _ in range(10):
            yield _finished(LITTLES_LAW, noon + 2 * DAY * batch, 2)
    yield _life(
        EFFICIENCY,
        MONDAY,
        (MONDAY, _move(EFFICIENCY, "doing")),
        (MONDAY + 2 * DAY, _move(EFFICIENCY, "waiting")),
        (MONDAY + 10 * DAY, ("set_status", "resolved")),
    )


def _moved() -> Iterator[Life]:
    yield _life(
        TO_AND_FRO,
        MONDAY,
        (MONDAY + 2 * HOUR, _move(TO_AND_FRO, "in progress")),
        (MONDAY + 2 * HOUR, ("set_status", "progress")),
        (MONDAY + 9 * HOUR, _move(TO_AND_FRO, "to do")),
        (MONDAY + 9 * HOUR, ("set_status", "open")),
        (MONDAY + 11 * HOUR, ("set_status", "resolved")),
    )
    for trace, times in LOG:
        for _ in range(times):
            moves = [(MONDAY + hour * HOUR, _move(TRACES, name)) for hour, name in enumerate(trace[1:], 1)]
            yield _life(TRACES, MONDAY, *moves)


def _counted() -> Iterator[Life]:
    for number in range(600):
        again = [(MONDAY + 3 * DAY, ("set_status", "open"))] if number < 42 else []
        yield _life(REOPENED, MONDAY, (MONDAY + DAY, ("set_status", "resolved")), *again)
    for tags, times in (((TEA, MUFFIN), 25), ((TEA,), 25), ((MUFFIN,), 15)):
        yield from (Life(created_at=MONDAY, tags=tags, edits=()) for _ in range(times))
    for name, (in_progress, given) in WORKLOADS.items():
        for number in range(given):
            start = [(MONDAY, ("set_status", "progress"))] if number < in_progress else []
            yield _life(LOADED, MONDAY, (MONDAY, ("assign", person(name))), *start)
    for number in range(10):
        life = _life(MILESTONE, MONDAY, *([] if number else [(MONDAY + DAY, ("set_status", "resolved"))]))
        yield replace(life, points=9 if number else 1)
    # so that half of the 84 days before today have one closing, the others none
    for days in range(1, 85, 2):
        yield _finished(COIN, _seconds(AS_OF.date()) - days * DAY, 0.25)


def _move(board: str, name: str) -> tuple[str, object]:
    return "move", ((board, column(board, name)),)


def _life(project: str, created_at: int, *edits: tuple[int, tuple[str, object]]) -> Life:
    """A task of a project with edits, each at its time."""
    times = [created_at, *(at for at, _ in edits)]
    return Life(
        created_at=created_at,
        tags=(project,),
        edits=tuple(
            Edit(kind, value, at - before) for before, (at, (kind, value)) in zip(times, edits, strict=False)
        ),
    )


def _debt(age: int, closed_for: int | None) -> Life:
    closed_at = _seconds(AS_OF.date()) - (closed_for or 0) * DAY
    closing = [] if closed_for is None else [(closed_at, ("set_status", "resolved"))]
    return _life(DEBT, closed_at - age * DAY - DEBT_REST, *closing)


def _finished(project: str, started_at: int, days: float) -> Life:
    """A task that is created and started at once, and closed so many days later."""
    closed_at = started_at + round(days * DAY)
    return _life(
        project,
        started_at,
        (started_at, ("set_status", "progress")),
        (closed_at, ("set_status", "resolved")),
    )


def _issue(days: tuple[int | None, ...]) -> Life:
    """An issue of jira-agile-metrics; columns that it came to on one day are an hour apart."""
    created, *others = days
    assert created
    changes = [_move(FLOW, name) for name in BOARDS[FLOW][1:]] + [("set_status", "resolved")]
    edits: list[tuple[int, tuple[str, object]]] = []
    before = on_day(created) - HOUR
    for day, change in zip(others, changes, strict=True):
        if day:
            before = max(on_day(day), before + HOUR)
            edits.append((before, change))
    return _life(FLOW, on_day(created), *edits)


def _blocked(created: int, blocked: tuple[tuple[int, int | None], ...]) -> Life:
    edits: list[tuple[int, tuple[str, object]]] = []
    for since, until in blocked:
        edits.append((on_day(since), ("set_status", "stalled")))
        if until:
            edits.append((on_day(until), ("set_status", "open")))
    return _life(IMPEDIMENTS, on_day(created), *edits)
