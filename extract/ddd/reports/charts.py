"""The charts of the report in one file: each draws rows of the tables as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddd.reports.drawing import Chart, colour
from ddd.reports.tables import Row, Table
from ddd.wording import counted, day_text, length, month_text, number_text

DAYS = {"type": "temporal", "title": None, "axis": {"format": "%-d %b %y", "tickCount": 6}}
MONTHS = {"type": "temporal", "title": None, "axis": {"format": "%b %Y", "tickCount": 6}}


def value_of(field: str, title: str, **more: Any) -> dict[str, Any]:
    """An axis of numbers."""
    return {"field": field, "type": "quantitative", "title": title, "axis": {"tickCount": 4}, **more}


def course(weeks: list[Row], title: str, unit: str) -> Chart:
    """A figure of `metric_headlines` over the last year, with its usual range."""
    shown = [row for row in weeks if row["figure_value"] is not None]
    beyond = sum(row["verdict"] in {"above", "below"} for row in shown)
    x = {"field": "period_started_date", **DAYS}
    alternative = (
        f"{title} in {counted(len(shown), 'week')}: {counted(beyond, 'week')} beyond the usual range."
    )
    if shown:
        lowest, highest = (end(row["figure_value"] for row in shown) for end in (min, max))
        alternative = (
            f"{title} in {counted(len(shown), 'week')} from {day_text(shown[0]['period_started_date'])}: "
            f"lowest {number_text(lowest, unit)}, highest {number_text(highest, unit)}, "
            f"{counted(beyond, 'week')} beyond the usual range."
        )
    spec = {
        "encoding": {"x": x},
        "layer": [
            {
                "mark": {"type": "area", "color": colour("band"), "interpolate": "step-after"},
                "encoding": {
                    "y": value_of("usual_lowest_value", unit),
                    "y2": {"field": "usual_highest_value"},
                },
            },
            {
                "mark": {"type": "line", "color": colour("count"), "strokeWidth": 1.8},
                "encoding": {"y": value_of("figure_value", unit)},
            },
            {
                "transform": [{"filter": "datum.verdict == 'above' || datum.verdict == 'below'"}],
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 60,
                    "opacity": 1,
                    "color": colour("unusual"),
                },
                "encoding": {"y": value_of("figure_value", unit)},
            },
        ],
    }
    columns = {
        "period_started_date": "Week of",
        "figure_value": title,
        "usual_lowest_value": "Usual, from",
        "usual_highest_value": "Usual, to",
        "verdict": "Verdict",
    }
    return Chart(title, alternative, spec, columns, only(weeks, columns))


def comings_and_goings(weeks: list[Row]) -> Chart:
    """Closed and created tasks per week."""
    closed, created = (
        sum(row[f"{name}_tasks_count"] or 0 for row in weeks) for name in ("closed", "created")
    )
    scale = scale_of({"closed": "calm", "created": "trend"})
    spec = {
        "encoding": {"x": {"field": "period_started_date", **DAYS}},
        "layer": [
            {
                "mark": {"type": "bar", "width": 5.5},
                "encoding": {
                    "y": value_of("closed_tasks_count", "tasks"),
                    "color": {"datum": "closed", "scale": scale},
                },
            },
            {
                "mark": {"type": "line", "strokeWidth": 1.6},
                "encoding": {
                    "y": value_of("created_tasks_count", "tasks"),
                    "color": {"datum": "created", "scale": scale},
                },
            },
        ],
    }
    columns = {
        "period_started_date": "Week of",
        "closed_tasks_count": "Closed tasks",
        "created_tasks_count": "Created tasks",
    }
    alternative = (
        f"{counted(closed, 'task')} closed and {created:,} created in {counted(len(weeks), 'week')}."
    )
    return Chart("Closed and created tasks per week", alternative, spec, columns, only(weeks, columns))


def cycle_time(months: list[Row]) -> Chart:
    """Percentiles of cycle time per month."""
    names = {"cycle_time_p50_days": "P50", "cycle_time_p85_days": "P85", "cycle_time_p95_days": "P95"}
    spec = {
        "transform": [
            {"fold": list(names), "as": ["column", "days"]},
            {"calculate": "upper(slice(datum.column, 11, 14))", "as": "percentile"},
        ],
        "mark": {"type": "line", "point": {"size": 26, "filled": True}, "strokeWidth": 1.8},
        "encoding": {
            "x": {"field": "period_started_date", **MONTHS},
            "y": value_of("days", "days"),
            "color": {
                "field": "percentile",
                "type": "nominal",
                "scale": scale_of({"P50": "p50", "P85": "p85", "P95": "p95"}),
            },
        },
    }
    columns = {"period_started_date": "Month", "finished_tasks_count": "Finished tasks", **names}
    last = months[-1]
    alternative = (
        f"Cycle time in {counted(len(months), 'month')}; in {month_text(last['period_started_date'])} half "
        f"of the tasks took {length(last['cycle_time_p50_days'])} or less, and 85 % "
        f"{length(last['cycle_time_p85_days'])}."
    )
    return Chart("Cycle time per month", alternative, spec, columns, only(months, columns))


def expectation(weeks: list[Row]) -> Chart:
    """The expectation of each week, and the share of its tasks that kept it."""
    percentile = weeks[-1]["service_level_percentile"]
    spec = {
        "encoding": {"x": {"field": "period_started_date", **DAYS}},
        "layer": [
            {
                "mark": {"type": "bar", "width": 9, "color": colour("calm")},
                "encoding": {
                    "y": value_of(
                        "within_expectation_share",
                        "finished as expected",
                        scale={"domain": [0, 1]},
                        axis={"tickCount": 4, "format": ".0%"},
                    )
                },
            },
            {
                "mark": {"type": "rule", "color": colour("p85"), "strokeDash": [4, 3], "strokeWidth": 1.5},
                "encoding": {"x": None, "y": {"datum": percentile / 100}},
            },
        ],
    }
    columns = {
        "period_started_date": "Week of",
        "expected_cycle_time_days": "Expected, days",
        "finished_tasks_count": "Finished tasks",
        "tasks_within_expectation_count": "Within it",
        "within_expectation_share": "Share",
    }
    finished, within = (
        sum(row[name] for row in weeks) for name in ("finished_tasks_count", "tasks_within_expectation_count")
    )
    alternative = (
        f"{within:,} of {finished:,} tasks of {counted(len(weeks), 'week')} were finished as expected."
    )
    title = f"Tasks finished within the expectation ({percentile:.0f} % is the line)"
    return Chart(title, alternative, spec, columns, only(weeks, columns))


def aging(tasks: list[Row], expected_days: float | None) -> Chart:
    """How long the oldest tasks in progress have been so, beside what is expected."""
    rows = [{**row, "task": f"T{row['task_id']}"} for row in tasks]
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "height": {"band": 0.7}},
            "encoding": {
                "y": {"field": "task", "type": "nominal", "title": None, "sort": None},
                "x": {
                    **value_of("work_item_age_days", "days in progress"),
                    "axis": {"grid": True, "tickCount": 5},
                },
                "color": {
                    "condition": {"test": "datum.is_beyond_expectation", "value": colour("unusual")},
                    "value": colour("calm"),
                },
            },
        }
    ]
    if expected_days is not None:
        rule = {"type": "rule", "color": colour("p85"), "strokeDash": [4, 3], "strokeWidth": 1.5}
        layers.append({"mark": rule, "encoding": {"x": {"datum": expected_days}}})
    columns = {"task": "Task", "title": "Title", "state_name": "Where", "work_item_age_days": "Days"}
    beyond = sum(bool(row["is_beyond_expectation"]) for row in tasks)
    alternative = (
        f"The {counted(len(rows), 'task')} longest in progress; {beyond} of them beyond what is expected."
    )
    keys = [*columns, "is_beyond_expectation"]
    spec = {"layer": layers, "height": max(60, 19 * len(rows))}
    return Chart("Aging work", alternative, spec, columns, [{key: row[key] for key in keys} for row in rows])


def statistic(tables: Mapping[str, Table], names: dict[str, str], title: str, unit: str) -> Chart:
    """Some statistics of the month over the last years; each has a token of its own."""
    rows = [
        row
        for row in tables["metrics.statistics"].where(priority_name="all", is_complete=True)
        if row["statistic"] in names
    ]
    spec = {
        "mark": {"type": "line", "strokeWidth": 1.8, "point": {"size": 20, "filled": True}},
        "encoding": {
            "x": {"field": "period_started_date", **MONTHS},
            "y": value_of("statistic_value", unit),
            "color": {"field": "statistic", "type": "nominal", "scale": scale_of(names)},
        },
    }
    columns = {"period_started_date": "Month", "statistic": "Statistic", "statistic_value": "Value"}
    months = len({row["period_started_date"] for row in rows})
    alternative = f"{title} in {counted(months, 'month')}."
    return Chart(title, alternative, spec, columns, only(rows, columns))


def scale_of(tokens: Mapping[str, str]) -> dict[str, Any]:
    """Colours of values, by their tokens."""
    return {"domain": list(tokens), "range": [colour(token) for token in tokens.values()]}


def only(rows: list[Row], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns of rows that a chart draws or lists."""
    return [{name: row[name] for name in columns} for row in rows]
