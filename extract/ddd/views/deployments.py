"""DORA's five figures on the overview: the newest whole month of each pipeline, with their course."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from datasette.app import Datasette

from ddd.pages import HOME
from ddd.views.queries import rows_of
from ddd.views.sparkline import Sparkline, sparkline
from ddd.wording import percent

DATABASE = "train"
SHOWN = 4
"""So many pipelines are shown, the busiest of the newest month; the dashboard has all."""


class _Measure(NamedTuple):
    title: str
    unit: str
    anchor: str


MEASURES = {
    "deployments_count": _Measure("Deployments", "", "deployment_frequency"),
    "committed_to_deployed_p50_days": _Measure("Change lead time", "days", "change_lead_time"),
    "failed_deployments_share": _Measure("Change fail rate", "%", "change_fail_rate"),
    "recovery_time_p50_hours": _Measure("Recovery time", "hours", "failed_deployment_recovery_time"),
    "unplanned_deployments_share": _Measure("Rework rate", "%", "deployment_rework_rate"),
}


@dataclass(frozen=True)
class DeploymentFigure:
    """One of DORA's figures of one pipeline, as a card shows it.

    Attributes:
        value: That of the newest whole month, or a dash.
        before: That of the month before, in words.
        anchor: Where its definition is on the page of all metrics.
        drawing_text: What the drawing shows, for those who do not see it.
    """

    title: str
    value: str
    unit: str
    before: str
    anchor: str
    drawing: Sparkline
    drawing_text: str


@dataclass(frozen=True)
class Pipeline:
    """A pipeline and environment with its figures.

    Attributes:
        month: The newest whole month, `YYYY-MM`.
        url: Where all that is known of it is.
    """

    name: str
    month: str
    url: str
    figures: list[DeploymentFigure]
    deployments_count: int


async def pipelines(datasette: Datasette) -> list[Pipeline]:
    """Every pipeline with a deployment in the months that are shown, the busiest first."""
    rows = await rows_of(datasette, DATABASE, "overview_deployments")
    found = [
        _pipeline(datasette, names, list(months))
        for names, months in groupby(rows, lambda row: (row["pipeline"], row["environment"]))
    ]
    return sorted(found, key=lambda one: (one.month, one.deployments_count), reverse=True)


def _pipeline(datasette: Datasette, names: tuple[str, str], months: list[dict[str, Any]]) -> Pipeline:
    query = urlencode({"tab": "dora", "pipeline": names[0], "environment": names[1]})
    return Pipeline(
        name=f"{names[0]}, {names[1]}",
        month=months[-1]["period_started_date"][:7],
        url=str(datasette.urls.path(f"{HOME}deployments?{query}")),
        figures=[
            _figure(column, measure, months)
            for column, measure in MEASURES.items()
            if any(month[column] is not None for month in months)
        ],
        deployments_count=months[-1]["deployments_count"],
    )


def _figure(column: str, measure: _Measure, months: list[dict[str, Any]]) -> DeploymentFigure:
    values = [month[column] for month in months]
    before = _text(values[-2], measure.unit) if len(values) > 1 else ""
    known = [value for value in values if value is not None]
    course = (
        f"{measure.title} in {len(months)} months from {months[0]['period_started_date'][:7]}: "
        f"lowest {_text(min(known), measure.unit)}, highest {_text(max(known), measure.unit)}."
    )
    return DeploymentFigure(
        title=measure.title,
        value=_text(values[-1], measure.unit),
        unit=measure.unit,
        before=f"{before}{'' if before == '–' else f' {measure.unit}'.rstrip()} the month before"
        if before
        else "",
        anchor=measure.anchor,
        drawing=sparkline(values, [None] * len(values), [False] * len(values)),
        drawing_text=course,
    )


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "%":
        return percent(value).removesuffix("\N{NO-BREAK SPACE}%")
    digits = 0 if not unit or value >= 100 else 1 if value >= 1 else 2
    return f"{value:,.{digits}f}"
