"""What came of declared changes: their list, one answer in words, and signals that nobody explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from datasette import NotFound
from datasette.app import Datasette

from ddd.errors import OutdatedError
from ddd.pages import HOME, pages_of
from ddd.verdicts import answer, caveats, range_text, short_verdict, value_text
from ddd.views.overview import DATABASE
from ddd.views.queries import query_url, rows_of

PAGE = f"{HOME}impact"
TABLES = {"measures", "metric_change_impact", "process_change_targets", "process_changes"}
"""Without these there is no such page."""
SIGNALS_SHOWN = 20
"""So many weeks with signals are shown; the query has all."""

WAYS = {
    "beyond a limit": "{side} the limits",
    "run of eight": "eighth week in a row {side} the centre",
    "three of four near a limit": "third of four weeks far {side} the centre",
}


@dataclass
class Answer:
    """What came of a change for one project or pipeline.

    Attributes:
        subject: Its name.
        sentences: The answer, what the change was meant for first.
        caveats: What to mind, with the measures of which it is said.
    """

    subject: str
    sentences: list[str]
    caveats: list[tuple[str, list[str]]]


@dataclass
class Change:
    """A declared change as lists show it.

    Attributes:
        url: Its story.
        subjects: Names of whom it concerns.
        verdict: In a word.
        answers: In words, by whom it concerns.
        link: Where to read more: an address, or the page of its task.
    """

    key: str
    title: str
    url: str
    when: str
    lead: str
    subjects: list[str]
    verdict: str
    link: str
    link_text: str
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class Signal:
    """What stood out in a week.

    Attributes:
        value: Of the week.
        usual: From the lower to the upper limit.
        way: How it stands out.
        url: The address that tries that week.
    """

    measure: str
    value: str
    usual: str
    way: str
    url: str


@dataclass(frozen=True)
class Signals:
    """A week with signals of one project or pipeline.

    Attributes:
        week: Its Monday.
        title: `Week 23 of 2026`.
        found: What stood out.
    """

    week: str
    title: str
    found: list[Signal]


def require_measured(datasette: Datasette) -> None:
    """Make sure that the served file knows of declared changes and what came of them.

    Raises:
        NotFound: No file of tasks is served.
        OutdatedError: It does not, because an older Data³ wrote it.
    """
    published = pages_of(datasette).published
    if DATABASE not in published:
        raise NotFound("No figures of tasks are served here, so that no change can be judged.")
    if missing := sorted(TABLES - published[DATABASE].models.keys()):
        raise OutdatedError(f"no such table: {missing[0]}")


async def declared(datasette: Datasette) -> list[Change]:
    """The declared changes, the newest first."""
    rows = await rows_of(datasette, DATABASE, "impact_changes")
    return [
        await _change(datasette, list(targets)) for _, targets in groupby(rows, lambda row: row["change_key"])
    ]


async def one(datasette: Datasette, change_key: str) -> Change | None:
    """One of them; none where none is called so, or where nothing says whom it concerns."""
    rows = await rows_of(datasette, DATABASE, "impact_changes", {"subject": change_key})
    targets = [row for row in rows if row["change_key"] == change_key]
    return await _change(datasette, targets) if targets else None


async def _change(datasette: Datasette, targets: list[dict[str, Any]]) -> Change:
    row = targets[0]
    judged = await rows_of(datasette, DATABASE, "impact_verdicts", {"subject": row["change_key"]})
    by_subject: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for verdict in judged:
        by_subject[verdict["subject_kind"], verdict["subject_key"]].append(verdict)
    task = row["task_id"]
    return Change(
        key=row["change_key"],
        title=row["title"],
        url=str(datasette.urls.path(f"{PAGE}/{quote(row['change_key'], safe='')}")),
        when=_when(row),
        lead=f"Did it help? Began on {_when(row)}.",
        subjects=[target["subject"] for target in targets],
        verdict=short_verdict(judged),
        link=datasette.urls.path(f"{HOME}task/T{task}") if task is not None else row["link"] or "",
        link_text=f"T{task}" if task is not None else "More of it",
        answers=[
            Answer(target["subject"], answer(found), caveats(_minded(found)))
            for target in targets
            if (found := by_subject[target["subject_kind"], target["subject_key"]])
        ],
    )


def _minded(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the change was meant for and what is decided: to mind the rest is left to the table."""
    return [
        row for row in rows if row["is_expected"] or row["verdict"] not in {"no evidence", "too little data"}
    ]


def _when(row: dict[str, Any]) -> str:
    settled = f", in effect from {row['settled_date']}" if row["settled_date"] > row["started_date"] else ""
    ended = f", ended {row['ended_date']}" if row["ended_date"] else ""
    return f"{row['started_date']}{settled}{ended}"


async def signals(datasette: Datasette, kind: str, subject: str) -> tuple[list[Signals], int]:
    """Weeks of the last year that no declared change explains, the newest first; and how many there are."""
    rows = await rows_of(datasette, DATABASE, "impact_signals", {"subject_kind": kind, "subject": subject})
    weeks = [
        Signals(
            week,
            _week_title(date.fromisoformat(week)),
            [_signal(datasette, subject, row) for row in found],
        )
        for week, found in groupby(rows, lambda row: str(row["week_started_date"]))
    ]
    return weeks[:SIGNALS_SHOWN], len(weeks)


def _week_title(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"Week {week} of {year}"


def _signal(datasette: Datasette, subject: str, row: dict[str, Any]) -> Signal:
    side = "below" if row["measured_value"] < row["centre_value"] else "above"
    asked = {"at": row["week_started_date"], "metric": row["measure"], "project": subject}
    return Signal(
        row["measure"].capitalize(),
        value_text(row["measured_value"], row["unit"]),
        range_text(row["lower_limit"], row["upper_limit"], row["unit"]),
        WAYS.get(row["signal"], row["signal"]).format(side=side),
        datasette.urls.path(f"{PAGE}?{urlencode(asked)}#try"),
    )


def data_url(datasette: Datasette, name: str) -> str:
    """Where the rows behind a part of the page are."""
    return query_url(datasette, DATABASE, name)
