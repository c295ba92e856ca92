"""What a sentence of a report is, and those on figures of a week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ddd.reports.tables import Row
from ddd.wording import day_text, number_text, usual_range

ANSWER, UNUSUAL, PLAIN = "answer", "unusual", "plain"
"""The answer to the report's question, something out of the ordinary, anything else."""

_FIGURES = {
    "closed tasks": ("Closed tasks", "their", ""),
    "created tasks": ("Created tasks", "their", ""),
    "open tasks": ("Open tasks", "their", ""),
    "tasks in progress": ("Tasks in progress", "their", ""),
    "median cycle time": ("Median cycle time", "its", ""),
    "cycle time of 85 %": ("Cycle time", "its", " (P85)"),
    "median lead time": ("Median lead time", "its", ""),
}
"""A figure's name at the beginning of a sentence, its possessive, and what follows its value."""


@dataclass(frozen=True)
class Said:
    """One or more sentences that belong together.

    Attributes:
        text: Plain text; whoever shows it escapes it.
        importance: `answer`, `unusual` or `plain`.
        topic: Under which heading of the report it stands, such as `flow`.
    """

    text: str
    importance: str = PLAIN
    topic: str = ""


@dataclass(frozen=True)
class Statement:
    """A sentence at its place.

    Attributes:
        report: `weekly`, `project`, `statistics`, `deployments`, `impact` or `quality`.
        subject: The project's PHID; `all` for the whole site.
        sequence: Its place in the report, from 1.
        topic: Under which heading of the report it stands.
        importance: `answer`, `unusual` or `plain`.
        text: The sentence.
    """

    report: str
    subject: str
    sequence: int
    topic: str
    importance: str
    text: str


def is_unusual(row: Row) -> bool:
    """Whether a figure is beyond its usual range."""
    return row["verdict"] in {"above", "below"}


def headline(row: Row, project: str = "") -> str:
    """A figure of `metric_headlines` as a sentence: where it went, and whether that is usual."""
    name, possessive, suffix = _FIGURES.get(row["figure"], (row["figure"].capitalize(), "its", ""))
    subject = f"{name} of {project}" if project else name
    if row["verdict"] == "no value":
        return (
            f"No task{f' of {project}' if project else ''} was finished, so that there is no {row['figure']}."
        )
    return f"{subject} {_move(row)}{suffix}, {_judged(row, possessive)}{_since(row)}."


def _move(row: Row) -> str:
    now, before = (number_text(row[name], row["unit"]) for name in ("figure_value", "previous_value"))
    unit = "" if row["unit"] == "tasks" else f" {row['unit']}"
    if row["change_value"] is None:
        return f"came to {now}{unit}"
    if now == before:
        return f"stayed at {now}{unit}"
    return f"{'rose' if row['change_value'] > 0 else 'fell'} from {before} to {now}{unit}"


def _judged(row: Row, possessive: str) -> str:
    if row["verdict"] == "too little data":
        return "with too few weeks to say what is usual"
    place = {"above": "above", "below": "below"}.get(row["verdict"], "within")
    return f"{place} {possessive} usual range ({usual_range(row)})"


def _since(row: Row) -> str:
    if not is_unusual(row) or row["verdict_since_date"] == row["period_started_date"]:
        return ""
    return f", since the week of {day_text(row['verdict_since_date'])}"


def by_size(rows: list[Row]) -> list[Row]:
    """What is unusual, furthest beyond its range first; a range without width comes before all."""

    def far(row: Row) -> Any:
        ratio = row["beyond_usual_ratio"]
        return (-(float("inf") if ratio is None else ratio), row["project_phid"], row["sequence"])

    return sorted(filter(is_unusual, rows), key=far)
