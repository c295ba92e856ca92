"""Dashboards: what their YAML may say, that queries are cheap, and that charts draw what they get."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair
import pytest
import vl_convert
import yaml

from ddd.dashboards import Chart, Dashboard, Figures, Panel, Table, load_dashboard, load_dashboards
from ddd.errors import DataError
from ddd.published import read_published
from ddd.settings import PROJECT_DIR
from ddd.vega import VEGA_LITE_VERSION
from www.indexed import indexed_by_dbt
from www.sample import BOARDLESS_PROJECT, EMPTY_PROJECT, HOSTILE, HOSTILE_PROJECT
from www.sample_impact import LIMITS, TEAM

DASHBOARDS = load_dashboards(PROJECT_DIR / "www" / "dashboards")
CHARTS = [
    pytest.param(dashboard, chart, id=f"{slug}-{chart.name}")
    for slug, dashboard in DASHBOARDS.items()
    for chart in dashboard.charts
]
PANELS = [
    pytest.param(dashboard, panel, id=f"{slug}-{panel.name}")
    for slug, dashboard in DASHBOARDS.items()
    for panel in dashboard.panels
]
QUERIES = [
    pytest.param(dashboard.database, sql, id=name)
    for dashboard in DASHBOARDS.values()
    for name, sql in dashboard.sql.items()
]
YEAR = {
    "project": HOSTILE_PROJECT,
    "period": "week",
    "date_start": "2025-11-18",
    "date_end": "2026-11-18",
    "q": "",
    "subtype": "",
    "priority": "",
    "pipeline": "wiki-service",
    "environment": "production",
    "subject": "1",
    "concerned": TEAM,
    "measure": "median cycle time",
    "until": "2026-12-16",
    "tasks_count": "20",
    "sort": "",
}
OF_TRAINS = YEAR | {"subject": "1.46.0-wmf.55"}
OF_CHANGES = YEAR | {"subject": LIMITS}
CHOSEN = {"metrics": YEAR, "train": OF_TRAINS, "impact": OF_CHANGES}
"""By slug, else by database."""
SMALL_TABLES = {
    *("about", "projects", "trains", "metric_train_size_against_trouble"),
    "metric_deployment_frequency",
}
"""Trains are one a week, and frequencies a row a month and pipeline; of the others there are no more."""


@pytest.fixture
def published_files(trains_dir: Path) -> Iterator[dict[str, sqlite3.Connection]]:
    """The published files by the name of their database."""
    files = {path.stem: sqlite3.connect(f"file:{path}?mode=ro", uri=True) for path in trains_dir.glob("*.db")}
    for connection in files.values():
        connection.row_factory = sqlite3.Row
    yield files
    for connection in files.values():
        connection.close()


@pytest.fixture
def published_file(published_files: dict[str, sqlite3.Connection]) -> sqlite3.Connection:
    return published_files["metrics"]


@pytest.fixture(scope="module")
def files_indexed_by_dbt(
    trains_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, sqlite3.Connection]]:
    """The published files with the indexes that the models' YAML asks for, instead of their own."""
    folder = tmp_path_factory.mktemp("indexed")
    files = {path.stem: indexed_by_dbt(path, folder / path.name) for path in trains_dir.glob("*.db")}
    yield files
    for connection in files.values():
        connection.close()


@pytest.mark.parametrize(("database", "sql"), QUERIES)
def test_query_reads_an_index_and_never_a_whole_table(
    database: str, sql: str, files_indexed_by_dbt: dict[str, sqlite3.Connection]
) -> None:
    file = files_indexed_by_dbt[database]
    tables = {row[0] for row in file.execute("select name from sqlite_master where type = 'table'")}
    plan = [row[3] for row in file.execute(f"explain query plan {sql}", YEAR)]
    named = {alias: table for table, alias in re.findall(r"\b(?:from|join) (\w+) as (\w+)", sql)}
    names = {found.group(1) for step in plan if (found := re.match(r"SCAN (\w+)", step))}
    scanned = {named.get(name, name) for name in names}
    assert scanned & tables <= SMALL_TABLES, plan


@pytest.mark.parametrize(("database", "sql"), QUERIES)
def test_query_runs_with_any_parameters(
    database: str, sql: str, published_files: dict[str, sqlite3.Connection]
) -> None:
    for project in ("", "all", HOSTILE_PROJECT, BOARDLESS_PROJECT, "PHID-PROJ-unknown' or 1 --"):
        with_dates = YEAR | {"project": project, "q": HOSTILE, "subtype": HOSTILE, "subject": HOSTILE}
        without = dict.fromkeys(YEAR, "") | {"project": project}
        for parameters in (with_dates, without, dict.fromkeys(YEAR, HOSTILE)):
            published_files[database].execute(sql, parameters).fetchall()


@pytest.mark.parametrize(("dashboard", "chart"), CHARTS)
def test_chart_draws_columns_that_its_query_gives(
    dashboard: Dashboard, chart: Chart, published_files: dict[str, sqlite3.Connection], trains_dir: Path
) -> None:
    file = published_files[dashboard.database]
    cursor = file.execute(chart.sql, CHOSEN.get(dashboard.slug, CHOSEN[dashboard.database]))
    columns = {column[0] for column in cursor.description}
    rows = [dict(row) for row in cursor]
    assert {chart.x, chart.y} <= columns
    assert set(chart.select.values()) - {chart.select.get("dates"), chart.select.get("open")} <= columns

    model = read_published(trains_dir / f"{dashboard.database}.db").models[chart.model]
    specification = chart.vega_lite(model) | {"data": {"name": "rows", "values": rows}}
    drawn = _fields(chart.spec)
    assert drawn <= columns | _outputs(chart.spec), "a field that the query does not give"
    altair.Chart.from_dict(specification)  # the schema: unknown properties, wrong types
    vl_convert.vegalite_to_vega(specification, vl_version=VEGA_LITE_VERSION)  # broken expressions


@pytest.mark.parametrize(("dashboard", "panel"), PANELS)
def test_panel_shows_columns_that_its_query_gives(
    dashboard: Dashboard, panel: Panel, published_files: dict[str, sqlite3.Connection], trains_dir: Path
) -> None:
    file = published_files[dashboard.database]
    chosen = CHOSEN.get(dashboard.slug, CHOSEN[dashboard.database])
    cursor = file.execute(panel.sql, chosen)
    columns = {column[0] for column in cursor.description}
    rows = cursor.fetchall()
    field = panel.empty.field
    assert any(row[field] for row in rows) if field else rows, "the sample must have something to show"
    assert panel.model in read_published(trains_dir / f"{dashboard.database}.db").models
    if panel.row_limit:
        assert f"limit {panel.row_limit}" in panel.sql
    if panel.empty.query:
        suggested = file.execute(dashboard.queries[panel.empty.query], chosen)
        assert "label" in {column[0] for column in suggested.description}
    if isinstance(panel, Table):
        addresses = " ".join(panel.links.values())
        assert {*panel.columns, *panel.links, *re.findall(r"\{(\w+)\}", addresses)} <= columns
    if isinstance(panel, Figures):
        assert len(rows) == 1
        figures = panel.figures.values()
        assert {*panel.figures, *(figure.before for figure in figures if figure.before)} <= columns


def _fields(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(_fields, part))
    if not isinstance(part, dict):
        return set()
    own = {part["field"]} if isinstance(part.get("field"), str) else set()
    expressions = [
        value for key, value in part.items() if isinstance(value, str) and key != "labelExpr"
    ]  # a label's datum is the label
    used = set(re.findall(r"datum\.(\w+)", " ".join(expressions)))
    return own | used | set().union(*map(_fields, part.values()))


def _outputs(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(_outputs, part))
    if not isinstance(part, dict):
        return set()
    named = part.get("as", [])
    own = {named} if isinstance(named, str) else set(named)
    return own | set().union(*map(_outputs, part.values()))


def test_every_number_that_is_drawn_is_a_metrics_column(published_file: sqlite3.Connection) -> None:
    """What the page shows for a period is what the metric's table holds for it."""
    (workflow,) = [dashboard for slug, dashboard in DASHBOARDS.items() if slug == "workflow"]
    charts = {chart.name: chart for chart in workflow.charts}
    for name, model in (
        ("throughput", "metric_throughput"),
        ("cycle_time", "metric_cycle_time"),
        ("lead_time", "metric_lead_time"),
    ):
        rows = published_file.execute(charts[name].sql, YEAR).fetchall()
        assert len({row["period_started_date"] for row in rows}) == len(rows) > 10
        for row in rows:
            metric = published_file.execute(
                f"select * from {model}"
                " where subtype = 'all' and priority_name = 'all'"
                " and period = 'week' and project_phid = ? and period_started_date = ?",
                [HOSTILE_PROJECT, row["period_started_date"]],
            ).fetchone()
            shared = set(row.keys()) & set(metric.keys())
            assert {key: row[key] for key in shared} == {key: metric[key] for key in shared}
            assert row["period_started_date"] < row["period_ended_date"]


def test_scatter_shows_each_closed_task_of_the_range_once(published_file: sqlite3.Connection) -> None:
    chart = next(chart for chart in DASHBOARDS["workflow"].charts if chart.name == "finished_tasks")
    for project in ("all", HOSTILE_PROJECT):
        rows = published_file.execute(chart.sql, YEAR | {"project": project}).fetchall()
        expected = published_file.execute(
            "select task_id from tasks where cycle_time_days is not null"
            " and substr(closed_at, 1, 10) between '2025-11-18' and '2026-11-18'"
            " and (:project = 'all' or task_id in"
            " (select task_id from project_tasks where project_phid = :project))",
            {"project": project},
        ).fetchall()
        assert sorted(row["task_id"] for row in rows) == sorted(row[0] for row in expected)


@pytest.mark.parametrize("name", ["closed_report", "created_report"])
@pytest.mark.parametrize("project", ["all", HOSTILE_PROJECT])
def test_a_report_is_sorted_before_it_is_cut(
    name: str, project: str, published_file: sqlite3.Connection
) -> None:
    (panel,) = [panel for panel in DASHBOARDS["workflow"].panels if panel.name == name]
    assert isinstance(panel, Table)
    sql = panel.sql.replace("limit 1000", "limit 7")
    at = name.partition("_")[0] + "_at"
    in_range = published_file.execute(
        f"select * from tasks where substr({at}, 1, 10) between '2025-11-18' and '2026-11-18'"
        " and (:project = 'all' or task_id in"
        " (select task_id from project_tasks where project_phid = :project))",
        {"project": project},
    ).fetchall()
    for sort in ("", *panel.sorts, *(f"-{column}" for column in panel.sorts)):
        column = sort.strip("-") or at
        rows = published_file.execute(sql, YEAR | {"project": project, "sort": sort}).fetchall()
        is_falling = not sort or sort.startswith("-")
        known = sorted((row[column] for row in in_range if row[column] is not None), reverse=is_falling)
        assert [row[column] for row in rows if row[column] is not None] == known[:7]
        assert len(rows) == min(7, len(in_range))


def test_flow_starts_with_the_state_of_the_first_day_and_ends_with_the_last(
    published_file: sqlite3.Connection,
) -> None:
    chart = next(chart for chart in DASHBOARDS["workflow"].charts if chart.name == "cumulative_flow")
    chosen = YEAR | {"date_start": "2026-03-01", "date_end": "2026-06-15"}
    rows = published_file.execute(chart.sql, chosen).fetchall()
    for day in ("2026-03-01", "2026-06-15"):
        expected = published_file.execute(
            "select sequence, arrivals_count, departures_count from metric_cumulative_flow as flow"
            " where board_phid = ? and flow_date = (select max(flow_date) from metric_cumulative_flow"
            " where board_phid = flow.board_phid and column_phid = flow.column_phid and flow_date <= ?)"
            " order by sequence",
            [HOSTILE_PROJECT, day],
        ).fetchall()
        at_day = [
            tuple(row[k] for k in ("sequence", "arrivals_count", "departures_count"))
            for row in rows
            if row["flow_date"] == day
        ]
        assert at_day == [tuple(row) for row in expected]
    assert {row["flow_date"] for row in rows} <= {
        f"2026-{month:02}-{day:02}" for month in range(3, 7) for day in range(1, 32)
    }


def test_empty_project_is_told_of_its_newest_closed_task(published_file: sqlite3.Connection) -> None:
    sql = DASHBOARDS["workflow"].queries["newest_closed"]
    (row,) = published_file.execute(sql, YEAR | {"project": EMPTY_PROJECT}).fetchall()
    closed = published_file.execute(
        "select max(closed_at) from tasks join project_tasks using (task_id) where project_phid = ?",
        [EMPTY_PROJECT],
    ).fetchone()[0]
    assert row["closed_date"] == row["date_end"] == closed[:10]
    assert published_file.execute(sql, YEAR | {"project": "PHID-PROJ-unknown"}).fetchall() == []


GOOD_CHART = {
    "model": "tasks",
    "sql": "select 1 as a",
    "spec": {"mark": "bar"},
    "x": "a",
    "y": "a",
    "empty": {"field": "a", "text": "Nothing."},
}
GOOD: dict[str, Any] = {
    "title": "T",
    "question": "Q?",
    "database": "metrics",
    "filters": ["project"],
    "panels": {"one": GOOD_CHART},
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"panels": None}, "either panels or tabs"),
        ({"tabs": {"a": {"title": "A", "panels": {}}}}, "either panels or tabs"),
        ({"filters": ["subtype"]}, "needs a query subtypes"),
        (
            {"panels": {"one": GOOD_CHART | {"kind": "picture"}}},
            "kind picture; there are chart, table, figures",
        ),
        ({"panels": {"one": GOOD_CHART | {"select": {"team": "a"}}}}, "selects the unknown filter team"),
        ({"panels": {"one": GOOD_CHART | {"select": {"open": "//example.org"}}}}, "begins with / or"),
        ({"panels": {"one": GOOD_CHART | {"spec": {"use": "axis"}}}}, "no fragment axis"),
        (
            {"inputs": {"project": {"label": "P", "type": "date", "default": "+1 days"}}},
            "name of a parameter",
        ),
        (
            {"inputs": {"many": {"label": "N", "type": "integer", "default": "ten"}}},
            "default ten is no integer",
        ),
        ({"inputs": {"many": {"label": "N", "type": "text", "default": 1}}}, "integer and date"),
        ({"subject": {"noun": "n", "pattern": "(", "query": "q", "title": ""}}, "unknown query q"),
        ({"titel": "T"}, "unknown key titel"),
        ({"filters": ["team"]}, "no filter team"),
        ({"queries": {"one": "select 1"}}, "used twice"),
        ({"queries": {"two": "select :secret"}}, "unknown parameter secret"),
        ({"panels": {"one": {"model": "tasks"}}}, "missing"),
        ({"panels": {"one": GOOD_CHART | {"width": "wide"}}}, "half and full"),
        ({"panels": {"one": GOOD_CHART | {"sql": "select :sort as a"}}}, "has sorts if its query asks"),
        ({"panels": {"one": GOOD_CHART | {"spec": {True: 1}}}}, "in quotes"),
        (
            {"panels": {"one": GOOD_CHART | {"empty": {"field": "a", "text": "b", "query": "c"}}}},
            "unknown query c",
        ),
        ({"panels": {"one": "bar"}}, "not a mapping"),
    ],
)
def test_wrong_yaml_is_refused_with_the_place(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(GOOD))
    assert load_dashboard(path).sql == {"mine_one": "select 1 as a"}
    path.write_text(yaml.safe_dump(GOOD | change))
    with pytest.raises(DataError, match=complaint) as caught:
        load_dashboard(path)
    assert "mine.yaml" in str(caught.value)


def test_unreadable_yaml_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: [")
    with pytest.raises(DataError, match=r"mine\.yaml cannot be read") as caught:
        load_dashboard(path)
    assert "\n" not in str(caught.value)
