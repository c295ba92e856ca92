"""Do the sentences say what the published tables say? Figures are read out of the words and asked for again.

The questions go to the metrics that define a figure, not to `metric_headlines` nor to `reports/sources`.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ddd.reports.statements import Statement

_WHERE = "project_phid = ? and subtype = 'all' and priority_name = 'all' and period = 'week'"
_QUESTIONS = {
    "Closed tasks": ("closed_tasks_count", "metric_throughput"),
    "Created tasks": ("created_tasks_count", "metric_net_flow"),
    "Open tasks": ("open_tasks_count", "metric_net_flow"),
    "Tasks in progress": ("wip_count", "metric_wip"),
    "Median cycle time": ("cycle_time_p50_days", "metric_cycle_time"),
    "Cycle time": ("cycle_time_p85_days", "metric_cycle_time"),
    "Median lead time": ("lead_time_p50_days", "metric_lead_time"),
}
_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_MOVED = re.compile(
    rf"^({'|'.join(_QUESTIONS)})(?: of .+?)? "
    rf"(?:(rose|fell) from {_NUMBER} to {_NUMBER}|(stayed) at {_NUMBER}|(came) to {_NUMBER})(?: days)?"
    rf"(?: \(P85\))?, (within|above|below|with)(?: \w+ usual range \((?:(up to)|{_NUMBER} to) {_NUMBER}\))?"
)
_DAYS = re.compile(
    rf"half took {_NUMBER} (days|hours) or less from start to close, and 85\W% took {_NUMBER} (days|hours)"
)
_WIP = re.compile(r"^(\d[\d,]*) tasks? (?:is|are) in progress, (\d+|none) of them")


def disagreements(www: Path, statements: list[Statement]) -> tuple[int, list[str]]:
    """How many figures were asked for again, and what was found to differ."""
    checked, wrong = 0, []
    with closing(sqlite3.connect(f"file:{www / 'metrics.db'}?mode=ro", uri=True)) as file:
        for statement in statements:
            if statement.report not in {"weekly", "project"}:
                continue
            for said, true in _figures(file, statement):
                checked += 1
                if said != true:
                    wrong.append(f"{statement.text} says {said}, and it is {true}")
    return checked, wrong


def _figures(file: sqlite3.Connection, statement: Statement) -> list[tuple[Any, Any]]:
    if moved := _MOVED.match(statement.text):
        return _moved(file, statement, moved)
    if days := _DAYS.search(statement.text):
        return _last_month(file, statement, days)
    if wip := _WIP.match(statement.text):
        ages = "select count(*), sum(is_beyond_expectation) from metric_work_item_age where project_phid = ?"
        count, beyond = file.execute(ages, [statement.subject]).fetchone()
        return [(_value(wip[1]), count), (0 if wip[2] == "none" else _value(wip[2]), beyond)]
    return []


def _moved(file: sqlite3.Connection, statement: Statement, moved: re.Match[str]) -> list[tuple[Any, Any]]:
    column, table = _QUESTIONS[moved[1]]
    project = statement.subject
    if " of " in statement.text.split(",")[0] and statement.report == "weekly":
        name = re.search(r" of (.+?) (?:rose|fell|stayed|came) ", statement.text)
        project = file.execute(
            "select project_phid from projects where project_path = ?", [name and name[1]]
        ).fetchone()[0]
    last = "date((select as_of from about), 'weekday 0', '-13 days')"
    sql = f"select {column} from {table} where {_WHERE} and period_started_date = date({last}, ?)"
    now, before = (
        (file.execute(sql, [project, back]).fetchone() or [None])[0] for back in ("+0 days", "-7 days")
    )
    unit = "days" if column.endswith("_days") else "tasks"
    found: list[tuple[Any, Any]] = []
    verb = moved[2] or moved[5] or moved[7]
    if verb in {"rose", "fell"}:
        found += [
            (moved[3], _shown(before, unit)),
            (moved[4], _shown(now, unit)),
            (verb == "rose", now > before),
        ]
    elif verb == "stayed":
        found += [(moved[6], _shown(now, unit)), (moved[6], _shown(before, unit))]
    else:
        found += [(moved[8], _shown(now, unit)), (before, None)]
    if moved[12]:
        low, high = 0 if moved[10] else _value(moved[11]), _value(moved[12])
        place = "above" if now > high + 0.1 else "below" if now < low - 0.1 else "within"
        if (
            abs(now - high) > 1 and abs(now - low) > 1
        ):  # nearer the ends, rounding inwards may hide which it is
            found.append((moved[9], place))
    return found


def _last_month(file: sqlite3.Connection, statement: Statement, days: re.Match[str]) -> list[tuple[Any, Any]]:
    sql = (
        "select cycle_time_p50_days, cycle_time_p85_days from metric_cycle_time where project_phid = ? "
        "and subtype = 'all' and priority_name = 'all' and period = 'month' and finished_tasks_count > 0 "
        "and period_started_date < date((select as_of from about), 'start of month') "
        "order by period_started_date desc limit 1"
    )
    half, most = file.execute(sql, [statement.subject]).fetchone()
    return [
        (said, _shown(true * (24 if unit == "hours" else 1), "days"))
        for said, unit, true in ((days[1], days[2], half), (days[3], days[4], most))
    ]


def _shown(value: float, unit: str) -> str:
    """As it is to be printed: one decimal for durations under a hundred days, else none."""
    return f"{value:,.1f}" if unit == "days" and value < 100 else f"{value:,.0f}"


def _value(text: str) -> float:
    return float(text.replace(",", ""))
