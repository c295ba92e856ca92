"""The statistics of a month as plain text, ready to be mailed: what Wikimedia sends each month."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ddd.errors import ReportError
from ddd.reports.content import Content
from ddd.reports.statements.statistics import statistics_of
from ddd.reports.tables import Row, Table
from ddd.wording import day_text, month_text, number_text

WIDTH = 72
_LINES = {
    "accounts created": "Accounts created",
    "active people": "People active on tasks (any activity)",
    "task authors": "People who created tasks",
    "task closers": "People who closed tasks",
    "projects with moves": "Projects with a task moved on their workboard",
    "created tasks": "Tasks created",
    "closed tasks": "Tasks closed",
    "open tasks": "Tasks open at the end of the month",
    "stalled tasks": "Of these stalled",
}


def last_month(tables: Mapping[str, Table]) -> date | None:
    """First day of the last month that is over; nothing where there is none."""
    (about,) = tables["metrics.about"].rows
    found: date | None = about["last_month_date"]
    return found


def file_name(month: date) -> str:
    """`statistics-2026-10.txt`."""
    return f"statistics-{month:%Y-%m}.txt"


def statistics_mail(content: Content, month: date | None = None) -> str:
    """The mail of a month.

    Args:
        content: What was selected.
        month: A day of the month, the last complete one where none is given.

    Raises:
        ReportError: That month is not over, or before the first task or the last three years.
    """
    tables = content.tables
    first = month.replace(day=1) if month else last_month(tables)
    rows = tables["metrics.statistics"].where(period_started_date=first, is_complete=True)
    if first is None or not rows:
        raise _no_statistics(tables["metrics.statistics"].where(is_complete=True), first)
    about = content.about
    whose = "a simulated organisation" if about.is_demo else about.site_name
    title = f"Statistics of {month_text(first)} for {_one_line(whose)}"
    parts = [
        f"{title}\n{'=' * len(title)}",
        *(textwrap.fill(_one_line(said.text), WIDTH) for said in statistics_of(tables, first)),
        _figures({row["statistic"]: row for row in rows if row["priority_name"] == "all"}),
        _ages([row for row in rows if row["priority_name"] != "all"]),
        _active(tables["metrics.active_projects"].where(period_started_date=first)),
        textwrap.fill(
            f"Data of {day_text(date.fromisoformat(about.as_of[:10]))}; in brackets the month before. A task "
            "that was closed and opened again is not counted as closed. How long tasks have been open is "
            "their age, not how long they have had their priority.",
            WIDTH,
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def month_named(text: str) -> date:
    """The month that a text such as `2026-10` names.

    Raises:
        ReportError: It names none.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ReportError(f"{text!r} is not a month", "Write it as 2026-10") from None


def write_text(out: Path, text: str) -> None:
    """Write a text beside its place, then move it there: a kill or a full disk leaves what was there.

    Raises:
        ReportError: It cannot be written.
    """
    beside = out.with_name(f".{out.name}.new")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        raise ReportError(
            f"{out} could not be written ({error.strerror})", "Check free disk space and permissions"
        ) from None


def write_mail(content: Content, folder: Path) -> Path | None:
    """The mail of the last complete month as a file of a folder; nothing where no month is over."""
    month = last_month(content.tables)
    if month is None or not content.tables["metrics.statistics"].where(period_started_date=month):
        return None
    path = folder / file_name(month)
    path.write_text(statistics_mail(content), encoding="utf-8")
    return path


def _no_statistics(known: list[Row], month: date | None) -> ReportError:
    if not known or month is None:
        return ReportError("No month of work on tasks is over yet", "Run it again next month")
    first, last = (row["period_started_date"] for row in (known[0], known[-1]))
    return ReportError(
        f"There are no statistics of {month_text(month)}",
        f"Choose a month from {first:%Y-%m} to {last:%Y-%m}",
    )


def _figures(rows: Mapping[str, Row]) -> str:
    return _aligned([(label, rows[name]) for name, label in _LINES.items() if name in rows])


def _ages(rows: list[Row]) -> str:
    if not rows:
        return ""
    named = [(f"  {_one_line(row['priority_name'])}", row) for row in rows]
    return f"Median age of open tasks in days, by priority:\n{_aligned(named)}"


def _active(rows: list[Row]) -> str:
    lines = [
        f"  {row['activity_rank']:>3.0f}. {_one_line(row['project_path'])}: "
        f"{row['created_tasks_count']:,} created, {row['closed_tasks_count']:,} closed"
        for row in rows
    ]
    return "\n".join(["Most active projects:", *lines]) if lines else ""


def _aligned(lines: list[tuple[str, Row]]) -> str:
    wide = max(len(label) for label, _ in lines) + 2
    return "\n".join(f"{f'{label}:':<{wide}}{_now(row):>8}  ({_before(row)})" for label, row in lines)


def _now(row: Row) -> str:
    return number_text(row["statistic_value"], row["unit"])


def _before(row: Row) -> str:
    return number_text(row["previous_value"], row["unit"])


def _one_line(text: str) -> str:
    """A name without line breaks and other control characters: anyone may name a project."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
