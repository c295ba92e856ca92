"""What the report on data quality says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ddd.reports.statements.saying import ANSWER, PLAIN, UNUSUAL, Said
from ddd.reports.tables import About, Row, Table
from ddd.wording import counted, day_text, joined, length

_KINDS = {"error": "error", "warning": "warning", "info": "note"}
NOTHING = "Nothing was found wrong, missing or unknown in the data."


def quality_statements(tables: Mapping[str, Table], about: About) -> list[Said]:
    """How much was found, each kind of it, and which streams are behind."""
    findings, streams = tables["metrics.findings"].rows, tables["metrics.streams"].rows
    numbers = {
        severity: sum(row["findings_count"] for row in findings if row["severity"] == severity)
        for severity in _KINDS
    }
    parts = [
        counted(number, _KINDS[severity])
        for severity, number in numbers.items()
        if number or severity != "info"
    ]
    answer = f"The data have {joined(parts)}." if any(numbers.values()) else NOTHING
    if about.as_of:
        at = datetime.fromisoformat(about.as_of)
        answer += f" They are of {day_text(at.date())}, {at:%H:%M} UTC."
    behind = [text for row in streams if (text := _behind(row))]
    if streams and not behind:
        answer += " Every stream was fetched to its end."
    said = [Said(answer, ANSWER)]
    said += [Said(one, UNUSUAL, "freshness") for one in behind]
    return said + [
        Said(
            f"{str(row['finding']).capitalize()} ({row['findings_count']:,}): {row['consequence']}",
            PLAIN if row["severity"] == "info" else UNUSUAL,
            "findings",
        )
        for row in findings
    ]


def _behind(row: Row) -> str:
    name = f"{row['stream']} of {row['source']}".capitalize()
    if row["complete_at"] is None:
        return f"{name} were never fetched to their end: the last run was {row['last_outcome']}."
    if row["is_behind"]:
        return f"{name} are {length(row['behind_days'])} behind."
    return ""
