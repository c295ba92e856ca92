"""The order of the report in one file: its sections, what each says, draws and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ddd.reports import charts, deployment_charts
from ddd.reports.drawing import Chart
from ddd.reports.statements import Statement
from ddd.reports.tables import Row, Table

SHOWN_PROJECTS = 20
"""So many projects, the most active ones, are in one file; the site has a page for each that is reported."""


@dataclass(frozen=True)
class Listing:
    """A table for people: what it is of, headings by name of column, rows."""

    caption: str
    columns: Mapping[str, str]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Part:
    """What stands under a smaller heading."""

    title: str
    statements: Sequence[Statement] = ()
    charts: Sequence[Chart] = ()
    listings: Sequence[Listing] = ()
    anchor: str = ""


@dataclass(frozen=True)
class Section:
    """One report: its answer, its parts, and the metrics that define its numbers.

    Attributes:
        name: Its anchor.
        answer: The sentences it begins with.
        metrics: Names of models whose definitions are at its end.
    """

    name: str
    title: str
    answer: Sequence[Statement]
    parts: Sequence[Part]
    metrics: Sequence[str] = field(default=())


def sections(tables: Mapping[str, Table], statements: Sequence[Statement]) -> list[Section]:
    """Everything in the order in which it is read; deployments only where some are known."""
    found = [_weekly(tables, statements), _projects(tables, statements)]
    if tables["train.deployments"].rows or tables["train.trains"].rows:
        found.append(_deployments(tables, statements))
    found.append(_impact(tables, statements))
    return [*found, _statistics(tables, statements), _quality(tables, statements)]


def _said(
    statements: Sequence[Statement], report: str, topic: str = "", subject: str = "all"
) -> list[Statement]:
    return [
        one
        for one in statements
        if (one.report, one.subject) == (report, subject)
        and (one.topic == topic if topic else one.importance == "answer")
    ]


def _weekly(tables: Mapping[str, Table], statements: Sequence[Statement]) -> Section:
    everything = tables["metrics.headlines"].where(project_phid="all")
    drawn = [
        charts.course([row for row in everything if row["figure"] == figure], title, unit)
        for figure, title, unit in (
            ("closed tasks", "Closed tasks per week", "tasks"),
            ("cycle time of 85 %", "Cycle time (P85) per week", "days"),
            ("tasks in progress", "Tasks in progress at the end of the week", "tasks"),
            ("open tasks", "Open tasks at the end of the week", "tasks"),
        )
        if any(row["figure"] == figure and row["figure_value"] is not None for row in everything)
    ]
    parts = [
        Part("What changed since the week before", _said(statements, "weekly", "flow"), drawn),
        *_promises(tables, statements, "weekly", "all"),
        Part("The train", _said(statements, "weekly", "train")),
        Part("Single projects", _said(statements, "weekly", "projects")),
    ]
    metrics = (
        "metric_headlines",
        "metric_throughput",
        "metric_cycle_time",
        "metric_service_level",
        "metric_work_item_age",
    )
    return Section("week", "The week", _said(statements, "weekly"), _filled(parts), metrics)


def _promises(
    tables: Mapping[str, Table], statements: Sequence[Statement], report: str, project: str
) -> list[Part]:
    weeks = tables["metrics.service_level"].where(project_phid=project)
    tasks = tables["metrics.aging_work"].where(project_phid=project)
    progress = tables["metrics.work_in_progress"].where(project_phid=project)
    expected = progress[0]["expected_cycle_time_days"] if progress else None
    promised = _said(statements, report, "service level", project)
    return [
        Part("Cycle time against the expectation", promised, [charts.expectation(weeks)] if promised else []),
        Part(
            "Aging work",
            _said(statements, report, "aging", project),
            [charts.aging(tasks, expected)] if tasks else [],
        ),
    ]


def _projects(tables: Mapping[str, Table], statements: Sequence[Statement]) -> Section:
    shown = [row for row in tables["metrics.projects"].rows if 0 < row["place"] <= SHOWN_PROJECTS]
    parts = []
    for project in shown:
        phid = project["project_phid"]
        weeks = tables["metrics.weeks"].where(project_phid=phid)[-53:]
        months = tables["metrics.cycle_time"].where(project_phid=phid)
        drawn = [charts.comings_and_goings(weeks)] if weeks else []
        drawn += [charts.cycle_time(months)] if months else []
        said = [
            one
            for one in statements
            if (one.report, one.subject) == ("project", phid)
            and (one.topic != "flow" or one.importance == "unusual")
        ]
        parts.append(Part(project["project_path"], said, drawn, anchor=project["page_name"]))
    metrics = ("metric_throughput", "metric_net_flow", "metric_cycle_time")
    return Section("projects", "Projects", [], parts, metrics)


def _deployments(tables: Mapping[str, Table], statements: Sequence[Statement]) -> Section:
    trains, months = tables["train.trains"].rows, tables["train.deployments"].rows
    quarters = {
        "period_started_date": "Quarter from",
        "trains_count": "Trains",
        "troubled_trains_count": "With trouble",
        "rolled_back_trains_count": "Rolled back",
        "trains_with_late_blockers_count": "Late blockers",
        "without_trouble_share": "Without trouble",
        "rollbacks_hours": "Hours rolled back",
        "patches_count": "Patches",
    }
    pipelines = dict.fromkeys((row["pipeline"], row["environment"]) for row in months)
    drawn = [
        deployment_charts.pipeline_months(
            [row for row in months if (row["pipeline"], row["environment"]) == key and row["is_complete"]],
            f"{key[0]} ({key[1]})",
        )
        for key in pipelines
    ]
    train_part = Part(
        "Trains",
        _said(statements, "deployments", "train"),
        [deployment_charts.trains(trains)] if trains else [],
        [
            Listing(
                "Trains by quarter; the last one is not over",
                quarters,
                tables["train.train_quarters"].rows[::-1],
            )
        ]
        if trains
        else [],
    )
    dora = Part("Deployments of the last complete month", _said(statements, "deployments", "dora"), drawn)
    metrics = (
        "metric_train_trouble",
        "metric_deployment_frequency",
        "metric_change_lead_time",
        "metric_change_fail_rate",
        "metric_failed_deployment_recovery_time",
        "metric_deployment_rework_rate",
    )
    return Section(
        "deployments", "Deployments", _said(statements, "deployments"), _filled([train_part, dora]), metrics
    )


def _impact(tables: Mapping[str, Table], statements: Sequence[Statement]) -> Section:
    columns = {
        "title": "Change",
        "subject_name": "Of",
        "measure": "Measure",
        "verdict": "Verdict",
        "before_value": "Before",
        "after_value": "After",
        "difference_low": "Difference, from",
        "difference_high": "to (95 %)",
        "unit": "Unit",
    }
    judged = [
        row for row in tables["metrics.impact"].rows if row["is_expected"] or row["difference"] is not None
    ]
    part = Part(
        "Declared changes",
        _said(statements, "impact", "changes"),
        listings=[Listing("What was measured before and after", columns, judged)] if judged else [],
    )
    said = _said(statements, "impact")
    return Section("impact", "Impact", said, _filled([part]), ("metric_change_impact",))


def _statistics(tables: Mapping[str, Table], statements: Sequence[Statement]) -> Section:
    (about,) = tables["metrics.about"].rows
    month = tables["metrics.statistics"].where(period_started_date=about["last_month_date"])
    columns = {
        "statistic": "Statistic",
        "priority_name": "Priority",
        "statistic_value": "Value",
        "previous_value": "Month before",
        "change_value": "Change",
        "unit": "Unit",
    }
    active = {
        "activity_rank": "Place",
        "project_path": "Project",
        "events_count": "Events",
        "created_tasks_count": "Created",
        "closed_tasks_count": "Closed",
        "active_people_count": "People",
    }
    ranked = tables["metrics.active_projects"].where(period_started_date=about["last_month_date"])
    drawn = [
        charts.statistic(
            tables,
            {"created tasks": "trend", "closed tasks": "count"},
            "Tasks created and closed per month",
            "tasks",
        ),
        charts.statistic(
            tables,
            {"open tasks": "count", "stalled tasks": "trend"},
            "Open and stalled tasks at the end of the month",
            "tasks",
        ),
        charts.statistic(
            tables,
            {"active people": "p50", "task authors": "p85", "task closers": "p95"},
            "People active on tasks per month",
            "people",
        ),
    ]
    part = Part(
        "The figures of the month",
        _said(statements, "statistics", "age"),
        drawn if month else [],
        [Listing("Statistics of the month", columns, month), Listing("Most active projects", active, ranked)]
        if month
        else [],
    )
    metrics = ("metric_monthly_statistics", "metric_active_projects")
    return Section(
        "statistics", "Statistics of the month", _said(statements, "statistics"), _filled([part]), metrics
    )


def _quality(tables: Mapping[str, Table], statements: Sequence[Statement]) -> Section:
    columns = {
        "source": "Source",
        "stream": "Stream",
        "complete_at": "Last complete, UTC",
        "last_mode": "Last run",
        "last_outcome": "Outcome",
    }
    parts = [
        Part("Findings", _said(statements, "quality", "findings")),
        Part(
            "Freshness",
            _said(statements, "quality", "freshness"),
            listings=[Listing("When each stream was last fetched", columns, tables["metrics.streams"].rows)],
        ),
    ]
    return Section(
        "quality", "Data quality", _said(statements, "quality"), _filled(parts), ("data_quality", "streams")
    )


def _filled(parts: Sequence[Part]) -> list[Part]:
    return [part for part in parts if part.statements or part.charts or part.listings]
