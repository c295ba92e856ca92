"""A small published file, written by hand: two teams over thirty weeks, and one that finished nothing."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

AS_OF = date(2026, 11, 23)
"""A Monday, so that the last complete week began on 16 November."""
SEARCH, DOCS, QUIET = (f"PHID-PROJ-{name}" for name in ("search", "docs", "quiet"))
NAMES = {SEARCH: "Search / Backend", DOCS: "Docs <b>bold</b>", QUIET: "O'Brien's undefined project"}
# Closed tasks per week, the oldest first; of both teams together 19 in the last four weeks and 12 before.
CLOSED = {SEARCH: [2] * 26 + [3, 3, 3, 3], DOCS: [1] * 26 + [1, 2, 1, 3], QUIET: [0] * 30}

_TABLES = """
create table about (
    site_name text, site_url text, is_demo integer, as_of text, exported_at text, ddd_version text,
    export_policies text
);
create table catalog_models (
    model_name text, model_kind text, label text, question text, description text, sql_path text,
    rows_count integer, columns_count integer
);
create table catalog_columns (
    model_name text, column_name text, position integer, data_type text, label text, unit text,
    description text
);
create table projects (
    project_phid text, project_name text, project_path text, project_status text, is_archived integer
);
create table metric_throughput (
    project_phid text, subtype text, priority_name text, period text, period_started_date text,
    closed_tasks_count integer, closed_points real
);
create table metric_cycle_time (
    project_phid text, subtype text, priority_name text, period text, period_started_date text,
    finished_tasks_count integer,
    cycle_time_p50_days real, cycle_time_p85_days real, cycle_time_p95_days real, cycle_time_mean_days real
);
"""
_COLUMNS = [
    ("metric_throughput", "project_phid", "varchar", "Project", "", "The project, or all."),
    ("metric_throughput", "period", "varchar", "Period", "", "Length of the period."),
    ("metric_throughput", "period_started_date", "date", "Period", "", "First day of the period."),
    (
        "metric_throughput",
        "closed_tasks_count",
        "bigint",
        "Closed tasks",
        "tasks",
        "Tasks closed in the period.",
    ),
    ("metric_cycle_time", "finished_tasks_count", "bigint", "Finished tasks", "tasks", "Tasks finished."),
    ("metric_cycle_time", "cycle_time_p50_days", "double", "Cycle time P50", "days", "Half took no longer."),
    ("metric_cycle_time", "cycle_time_p85_days", "double", "Cycle time P85", "days", "85 % took no longer."),
    ("metric_cycle_time", "cycle_time_p95_days", "double", "Cycle time P95", "days", "95 % took no longer."),
    ("projects", "project_path", "varchar", "Project", "", "Name with the names of its parents."),
    ("projects", "is_archived", "boolean", "Archived", "", "Whether it is archived."),
]
_MODELS = [
    ("metric_throughput", "Throughput", "How many tasks are finished?", "One row per project and period."),
    ("metric_cycle_time", "Cycle time", "How long does work take?", "One row per project and period."),
    ("projects", "Projects", "", "One row per project."),
]

TIMES = (3.14, 10.96, 15.5, 5.0)
"""Cycle times of every period in which something was finished: P50, P85, P95 and mean."""


def weeks() -> list[date]:
    """First days of thirty complete weeks and of the one that has just begun."""
    return [AS_OF - timedelta(weeks=back) for back in range(30, -1, -1)]


def write_published(path: Path, *, is_demo: bool = True, has_finished_tasks: bool = True) -> Path:
    """Write a published file of Contract form; without finished tasks it is that of a new installation."""
    with sqlite3.connect(path) as file:
        file.executescript(_TABLES)
        file.execute(
            "insert into about values (?, ?, ?, ?, ?, ?, ?)",
            [
                "demo" if is_demo else "phab.example.org",
                "",
                int(is_demo),
                f"{AS_OF}T00:05:00Z",
                "",
                "0",
                "[]",
            ],
        )
        file.executemany(
            "insert into catalog_models values (?, ?, ?, ?, ?, '', 0, 0)",
            [(name, "metric" if "metric" in name else "mart", *rest) for name, *rest in _MODELS],
        )
        file.executemany(
            "insert into catalog_columns (model_name, column_name, data_type, label, unit, description) "
            "values (?, ?, ?, ?, ?, ?)",
            _COLUMNS,
        )
        file.executemany(
            "insert into projects values (?, ?, ?, 'active', 0)",
            [(phid, name, name) for phid, name in NAMES.items()],
        )
        closed = {phid: [*counts, 0] for phid, counts in CLOSED.items()}
        if not has_finished_tasks:
            closed = {phid: [0] * 31 for phid in closed}
        closed["all"] = [sum(counts) for counts in zip(*closed.values(), strict=True)]
        for phid, counts in closed.items():
            _write_metrics(file, phid, dict(zip(weeks(), counts, strict=True)))
    file.close()
    return path


def _write_metrics(file: sqlite3.Connection, phid: str, per_week: dict[date, int]) -> None:
    per_month: dict[date, int] = {}
    for week, count in per_week.items():
        per_month[week.replace(day=1)] = per_month.get(week.replace(day=1), 0) + count
    slices = [("all", "all"), ("bug", "all")]
    for period, counts in (("week", per_week), ("month", per_month)):
        file.executemany(
            "insert into metric_throughput values (?, ?, ?, ?, ?, ?, null)",
            [
                (phid, *a_slice, period, str(started), count)
                for a_slice in slices
                for started, count in counts.items()
            ],
        )
        file.executemany(
            "insert into metric_cycle_time values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (phid, *a_slice, period, str(started), count, *(TIMES if count else [None] * 4))
                for a_slice in slices
                for started, count in counts.items()
            ],
        )
