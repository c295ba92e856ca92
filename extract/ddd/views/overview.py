"""The overview: the figures of the last week, what is unusual among them, and how fresh the data are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette

from ddd.pages import HOME
from ddd.views.deployments import SHOWN, pipelines
from ddd.views.queries import query_url, rows_of
from ddd.views.sparkline import Sparkline, sparkline
from ddd.wording import SENTENCES, VERDICTS, number_text, usual_range

DATABASE = "metrics"


@dataclass(frozen=True)
class Figure:
    """One figure of the site, as a card shows it.

    Attributes:
        title: Its name.
        value: That of the last week, or a dash.
        unit: `tasks` or `days`.
        change: Against the week before; empty where one has no value.
        usual: The usual range in words; empty where there is none.
        verdict: The verdict in words.
        is_unusual: Whether it is beyond its range.
        sentence: The whole in words.
        anchor: Where its definition is on the page of all metrics.
        drawing: Its course.
        drawing_text: What the drawing shows, for those who do not see it.
    """

    title: str
    value: str
    unit: str
    change: str
    usual: str
    verdict: str
    is_unusual: bool
    sentence: str
    anchor: str
    drawing: Sparkline
    drawing_text: str


async def overview(datasette: Datasette) -> dict[str, Any]:
    """Everything that the template shows."""
    weeks = await rows_of(datasette, DATABASE, "overview_figures")
    figures = [_figure(list(of_figure)) for _, of_figure in groupby(weeks, lambda row: row["sequence"])]
    projects = await rows_of(datasette, DATABASE, "overview_unusual_projects")
    last = max((row["period_started_date"] for row in weeks), default="")
    findings: dict[str, int] = {}
    for row in await rows_of(datasette, DATABASE, "data_quality_kinds"):
        findings[row["severity"]] = findings.get(row["severity"], 0) + row["findings_count"]
    deploying = await pipelines(datasette)
    return {
        "pipelines": deploying[:SHOWN],
        "pipelines_count": len(deploying),
        "deployments_url": query_url(datasette, "train", "overview_deployments") if deploying else "",
        "figures": figures,
        "first_day": last,
        "last_day": str(date.fromisoformat(last) + timedelta(days=6)) if last else "",
        "unusual": [figure for figure in figures if figure.is_unusual],
        "unusual_projects": [_project_line(datasette, row) for row in projects],
        "unusual_projects_count": projects[0]["unusual_count"] if projects else 0,
        "findings": findings,
        "figures_url": query_url(datasette, DATABASE, "overview_figures") if figures else "",
        "unusual_url": query_url(datasette, DATABASE, "overview_unusual_projects") if figures else "",
    }


def _figure(weeks: list[dict[str, Any]]) -> Figure:
    row = weeks[-1]
    is_unusual = row["verdict"] in {"above", "below"}
    change = ""
    if row["change_value"] is not None:
        change = f"{number_text(row['change_value'], row['unit'], signed=True)} on the week before"
    return Figure(
        title=row["figure"].capitalize(),
        value=number_text(row["figure_value"], row["unit"]),
        unit=row["unit"],
        change=change,
        usual=usual_range(row),
        verdict=VERDICTS[row["verdict"]][row["unit"]],
        is_unusual=is_unusual,
        sentence=_sentence(row),
        anchor=row["metric_name"].removeprefix("metric_"),
        drawing=sparkline(
            [week["figure_value"] for week in weeks],
            [
                None
                if week["usual_lowest_value"] is None
                else (week["usual_lowest_value"], week["usual_highest_value"])
                for week in weeks
            ],
            [week["verdict"] in {"above", "below"} for week in weeks],
        ),
        drawing_text=_course(weeks),
    )


def _project_line(datasette: Datasette, row: dict[str, Any]) -> dict[str, str]:
    return {
        "project": row["project_path"],
        "sentence": _sentence(row),
        "url": datasette.urls.path(f"{HOME}workflow?{urlencode({'project': row['project_phid']})}"),
    }


def _sentence(row: dict[str, Any]) -> str:
    words = {"tasks": "tasks", "days": "days"}[row["unit"]]
    value = number_text(row["figure_value"], row["unit"])
    with_unit = f"{value} {words if value != '1' else words.removesuffix('s')}"
    said = SENTENCES.get(row["figure"], f"{row['figure']}: {{value}}").format(value=with_unit)
    usual = usual_range(row)
    return f"{said}, {VERDICTS[row['verdict']][row['unit']]}{f' ({usual})' if usual else ''}"


def _course(weeks: list[dict[str, Any]]) -> str:
    values = [week["figure_value"] for week in weeks if week["figure_value"] is not None]
    if not values:
        return "No week has a value."
    unit = weeks[0]["unit"]
    beyond = sum(week["verdict"] in {"above", "below"} for week in weeks)
    return (
        f"{weeks[0]['figure'].capitalize()} in {len(weeks)} weeks from {weeks[0]['period_started_date']}: "
        f"lowest {number_text(min(values), unit)}, highest {number_text(max(values), unit)}, "
        f"{beyond} beyond the usual range."
    )
