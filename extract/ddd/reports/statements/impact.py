"""What the report on declared changes says: what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from ddd.reports.statements.saying import ANSWER, PLAIN, UNUSUAL, Said
from ddd.reports.tables import Row, Table
from ddd.verdicts import answer, short_verdict
from ddd.wording import counted, day_text, joined

_IN_SHORT = ("better", "worse", "better and worse", "changed", "something else changed", "no evidence")


def impact_statements(tables: Mapping[str, Table]) -> list[Said]:
    """How many changes there are and what came of them in short, then each in a paragraph."""
    rows = tables["metrics.impact"].rows
    changes = [list(found) for _, found in groupby(rows, lambda row: row["change_key"])]
    if not changes:
        return [Said("No declared change has figures yet.", ANSWER)]
    return [Said(_in_short(changes), ANSWER), *(said for change in changes for said in _told(change))]


def _in_short(changes: list[list[Row]]) -> str:
    verdicts = [short_verdict(change) for change in changes]
    counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in _IN_SHORT if verdict in verdicts]
    others = verdicts.count("too little data")
    parts = counts + ([f"{others} with too little data"] if others else [])
    return f"Of {counted(len(changes), 'declared change')} with figures: {joined(parts)}."


def _told(change: list[Row]) -> list[Said]:
    importance = PLAIN if short_verdict(change) in {"no evidence", "too little data"} else UNUSUAL
    return [
        Said(
            f"{found[0]['title']} ({subject}, from {day_text(found[0]['started_date'])}): "
            f"{' '.join(answer(found))}",
            importance,
            "changes",
        )
        for subject, rows in groupby(change, lambda row: row["subject_name"])
        if (found := list(rows))
    ]
