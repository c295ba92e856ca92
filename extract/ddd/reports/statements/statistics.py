"""What the statistics of the month say; the mail has the same sentence on top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ddd.reports.statements.saying import ANSWER, PLAIN, Said
from ddd.reports.tables import Row, Table
from ddd.wording import counted, length, month_text, were


def statistics_statements(tables: Mapping[str, Table]) -> list[Said]:
    """The last month that is over, and how old what is open is."""
    (about,) = tables["metrics.about"].rows
    return statistics_of(tables, about["last_month_date"])


def statistics_of(tables: Mapping[str, Table], month: date | None) -> list[Said]:
    """The sentences of one month."""
    found = tables["metrics.statistics"].where(period_started_date=month, priority_name="all")
    rows = {row["statistic"]: row for row in found}
    if month is None or not rows:
        return [Said("No month of work on tasks is over yet.", ANSWER)]
    value = {name: row["statistic_value"] for name, row in rows.items()}
    created, closed, now = value["created tasks"], value["closed tasks"], value["open tasks"]
    text = (
        f"In {month_text(month)}, {counted(created, 'task')} {were(created)} created and "
        f"{f'{closed:,.0f}' if closed else 'none'} closed; "
        f"{counted(value['active people'], 'person', 'people')} worked on tasks. "
        f"At its end {counted(now, 'task')} {were(now)} open{_compared(rows['open tasks'])}"
    )
    if now:
        stalled = value["stalled tasks"]
        text += f", {f'{stalled:,.0f}' if stalled else 'none'} of them stalled"
    said = [Said(f"{text}.", ANSWER)]
    age = rows["median age of open tasks"]
    if age["statistic_value"] is not None:
        older = ""
        if age["change_value"]:
            direction = "more" if age["change_value"] > 0 else "less"
            older = f", {length(abs(age['change_value']))} {direction} than at the end of the month before"
        half = length(age["statistic_value"])
        said.append(Said(f"Half of the open tasks were older than {half}{older}.", PLAIN, "age"))
    return said


def _compared(row: Row) -> str:
    if row["change_value"] is None:
        return ""
    if not row["change_value"]:
        return ", as many as a month before"
    direction = "more" if row["change_value"] > 0 else "fewer"
    return f", {abs(row['change_value']):,.0f} {direction} than a month before"
