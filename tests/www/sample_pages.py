"""What the pages beside the dashboards show, in the hand-made published file."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

SCHEMA = """
create table metric_headlines (project_phid text, figure text, metric_name text, unit text, period text,
    period_started_date text, verdict text, figure_value real, previous_value real, change_value real,
    usual_lowest_value real, usual_highest_value real, beyond_usual_ratio real, usual_weeks_count integer,
    sequence integer, is_last_week integer);
create index metric_headlines__key on metric_headlines (project_phid, sequence, period_started_date);
create index metric_headlines__last on metric_headlines (is_last_week, verdict);
create table data_quality (task_id integer, version text, pipeline text, environment text, object_key text,
    object_kind text, finding text, severity text, detail text, consequence text);
create index data_quality__severity__finding on data_quality (severity, finding);
create table finding_counts (severity text, finding text, findings_count integer, consequence text);
create table streams (source text, stream text, last_mode text, last_outcome text, runs_count integer,
    complete_runs_count integer, behind_days real, is_behind integer, complete_at text, tried_at text);
"""

MODELS = {
    "metric_headlines": (
        "metric",
        "Headlines",
        "Which figures of the last week are out of the ordinary?",
        "One row per figure and ended week.",
    ),
    "data_quality": ("mart", "Data quality", "", "One row per thing that is wrong."),
    "finding_counts": ("mart", "Findings by kind", "", "One row per kind of finding."),
    "streams": ("mart", "Streams", "", "One row per stream."),
}

LAST_WEEK = date(2026, 11, 9)
WEEKS = 60
TRAIN = "1.46.0-wmf.55"
FINDINGS = 45
"""How many tasks the greatest finding is about: more than the page shows."""


def fill_pages(file: sqlite3.Connection, hostile: str, hostile_project: str) -> None:
    """Unusually many closed tasks, an unusual project of a hostile name, findings and streams."""
    file.executescript(SCHEMA)
    for number in range(WEEKS):
        week = LAST_WEEK - timedelta(days=7 * (WEEKS - 1 - number))
        is_last = int(week == LAST_WEEK)
        closed = 31.0 if is_last else 20.0 + number % 5
        verdict = "above" if is_last else "usual"
        _headline(file, ("all", "closed tasks", week, 1), (verdict, closed, 22.0, 14.25, 28.75, 0.3), is_last)
        days = None if is_last else 3.5 + number % 3
        verdict = "no value" if is_last else "usual"
        _headline(file, ("all", "median cycle time", week, 5), (verdict, days, 4.5, 0.0, 9.26, None), is_last)
    _headline(file, (hostile_project, "created tasks", LAST_WEEK, 2), ("below", 1.0, 9.0, 3.2, 12.8, 0.46), 1)
    for number in range(1, FINDINGS + 1):
        detail = hostile if number == 1 else f"change {number} is missing"
        file.execute(
            "insert into data_quality values "
            "(?, null, null, null, ?, 'task', 'history ends elsewhere', 'warning', ?, ?)",
            [number, str(number), detail, hostile],
        )
    file.executemany(
        "insert into data_quality values (null, ?, ?, ?, ?, ?, ?, ?, ?, 'why')",
        [
            (None, None, None, hostile, "column", "column without role", "info", "none"),
            (TRAIN, None, None, TRAIN, "train", "train without release task", "warning", "none is here"),
            (None, hostile, "a&b", f"{hostile} to a&b", "pipeline", "unknown changes", "info", "1 of 2"),
        ],
    )
    file.execute(
        "insert into finding_counts select severity, finding, count(*), max(consequence) from data_quality"
        " group by severity, finding"
    )
    file.executemany(
        "insert into streams values (?, ?, 'incremental', ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                "phabricator",
                "tasks",
                "complete",
                9,
                9,
                0.0,
                0,
                "2026-11-18T09:30:00Z",
                "2026-11-18T09:30:00Z",
            ),
            ("phabricator", "users", "failed", 9, 8, 6.0, 1, "2026-11-12T09:30:00Z", "2026-11-18T09:30:00Z"),
            ("gerrit", "changes", "failed", 1, 0, None, 1, None, "2026-11-18T09:31:00Z"),
        ],
    )


def _headline(
    file: sqlite3.Connection,
    key: tuple[str, str, date, int],
    said: tuple[str, float | None, float | None, float, float, float | None],
    is_last: int,
) -> None:
    project, figure, week, sequence = key
    verdict, value, previous, low, high, beyond = said
    unit = "days" if "time" in figure else "tasks"
    metric = "metric_cycle_time" if unit == "days" else "metric_throughput"
    file.execute(
        f"insert into metric_headlines values ({', '.join('?' * 16)})",
        [
            *(project, figure, metric, unit, "week", str(week), verdict, value, previous),
            *(None if value is None or previous is None else value - previous, low, high),
            *(beyond, 26, sequence, is_last),
        ],
    )
