"""What the tabs of the workflow page show, in the hand-made published file, after simple rules."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

SLICE = "project_phid text, subtype text, priority_name text, period text, period_started_date text"
SCHEMA = f"""
create table users (user_phid text, username text);
create unique index users__user_phid on users (user_phid);
create table metric_wip ({SLICE}, wip_count integer, wip_mean_count real);
create table metric_net_flow ({SLICE}, created_tasks_count integer, reopenings_count integer,
    arrivals_count integer, closings_count integer, net_flow_count integer, open_tasks_count integer);
create table metric_open_task_age (project_phid text, subtype text, priority_name text,
    oldest_task_id integer, open_tasks_count integer,
    age_p50_days real, age_p85_days real, age_mean_days real);
create table metric_work_item_age (project_phid text, task_id integer, column_phid text, column_name text,
    status_name text,
    subtype text, priority_name text, sequence integer, work_item_age_days real, quicker_tasks_share real,
    started_at text);
create table metric_age_at_column_exit (board_phid text, column_phid text, column_name text,
    column_role text, sequence integer, tasks_count integer, age_at_exit_p50_days real,
    age_at_exit_p85_days real, age_at_exit_p95_days real, window_started_date text, window_ended_date text);
create table metric_time_distribution (duration_kind text, project_phid text, subtype text,
    priority_name text, period text, period_started_date text, at_least_days integer,
    less_than_days integer, tasks_count integer);
create table metric_burnup (project_phid text, period text, period_started_date text,
    scope_tasks_count integer, scope_closed_tasks_count integer, scope_added_tasks_count integer,
    scope_removed_tasks_count integer, scope_points real, scope_closed_points real, scope_added_points real,
    scope_removed_points real);
create table metric_time_in_status (project_phid text, status text, period text, period_started_date text,
    status_name text, status_role text, tasks_count integer, time_in_status_p50_days real,
    time_in_status_p85_days real, time_in_status_mean_days real);
create table metric_time_in_column (board_phid text, column_phid text, period text, period_started_date text,
    column_name text, column_role text, sequence integer, tasks_count integer,
    time_in_column_p50_days real, time_in_column_p85_days real, time_in_column_mean_days real);
create table metric_board_progression (project_phid text, transition_kind text, from_state text,
    to_state text, period text, period_started_date text,
    from_name text, to_name text, from_role text, to_role text,
    from_sequence integer, to_sequence integer, transitions_count integer, is_backward integer);
create table metric_blocked_time (project_phid text, period text, period_started_date text,
    blocked_tasks_count integer, blocked_at_end_tasks_count integer, blocked_days real,
    blocked_by_subtasks_days real, blocked_by_status_days real, blocked_by_column_days real);
create table metric_service_level (project_phid text, period text, period_started_date text,
    cycle_time_p50_days real, cycle_time_p85_days real, cycle_time_p95_days real,
    expected_cycle_time_days real, within_expectation_share real);
create table metric_forecast_how_many (project_phid text, horizon_days integer,
    closed_tasks_p50_count integer, closed_tasks_p15_count integer,
    closed_tasks_p5_count integer, forecast_date text, horizon_date text);
create table metric_forecast_when (project_phid text, tasks_count integer, is_every_open_task integer,
    forecast_date text, finished_p50_date text, finished_p85_date text, finished_p95_date text);
create table metric_forecast_backtest (project_phid text, period text, period_started_date text,
    horizon_days integer, closed_tasks_p15_count integer, closed_tasks_count integer, is_hit integer,
    forecast_hit_share real);
create table metric_monthly_statistics (period text, period_started_date text, statistic text,
    priority_name text, unit text, statistic_value real, sequence integer, priority integer);
"""

METRICS = {
    "metric_wip": "How much work is under way at a time?",
    "metric_net_flow": "Does as much leave as comes in?",
    "metric_open_task_age": "How old are the tasks that are open now?",
    "metric_work_item_age": "Which tasks have been in progress for longer than usual?",
    "metric_age_at_column_exit": "How old is work when it leaves a column?",
    "metric_time_distribution": "How many tasks take how long?",
    "metric_burnup": "How much of the scope is done?",
    "metric_time_in_status": "In which status do tasks spend their time?",
    "metric_time_in_column": "In which column do tasks spend their time?",
    "metric_board_progression": "How do tasks move over the board?",
    "metric_blocked_time": "For how long do tasks wait for others?",
    "metric_service_level": "Within how many days are tasks finished?",
    "metric_forecast_how_many": "How many tasks will be finished by a date?",
    "metric_forecast_when": "When will so many tasks be finished?",
    "metric_forecast_backtest": "Would past forecasts have come true?",
    "metric_monthly_statistics": "What happened in the month?",
}
MODELS = {
    name: ("metric", name[7:].replace("_", " ").capitalize(), question, f"One row of {name} each.")
    for name, question in METRICS.items()
} | {"users": ("mart", "Users", "", "One row per user.")}

LAST_MONDAY = date(2026, 11, 16)
WEEKS = 60
MONTHS = 14
AHEAD = [*range(1, 29), *range(35, 183, 7)]
SLICES = [("all", "all"), ("default", "all"), ("all", "Normal")]


def fill_flow(
    file: sqlite3.Connection,
    projects: Iterable[str],
    boards: dict[str, list[str]],
    tasks: dict[str, list[int]],
) -> None:
    """Rows of every metric for these projects; `boards` has the columns of those with a workboard."""
    file.executescript(SCHEMA)
    _fill(file, "users", [("PHID-USER-one", "<b>one</b>"), ("PHID-USER-two", "two")])
    for name, priority in (("Normal", 50), ("all", None)):
        statistic = ("month", "2026-11-01", "median age of open tasks", name, "days", 3.5, 1, priority)
        _fill(file, "metric_monthly_statistics", [statistic])
    for place, project in enumerate(projects):
        _fill_weeks(file, project, place + 1)
        _fill_now(file, project, tasks[project], boards.get(project, []))
        _fill_forecast(file, project, place + 1)
        _fill_moves(file, project, boards.get(project, []))


def _fill_weeks(file: sqlite3.Connection, project: str, size: int) -> None:
    for number in range(WEEKS):
        week = str(LAST_MONDAY - timedelta(days=7 * (WEEKS - 1 - number)))
        created, closed = size + number % 5, number % 4
        scope = (20 + 2 * number, 10 + number, created, number % 3)
        _fill(
            file,
            "metric_burnup",
            [(project, "week", week, *scope, 5.5 + number, 2.0 + number / 2, 1.0, 0.0)],
        )
        level = (2.0 + number % 3, 8.0 + number % 5, 20.0 + number % 7)
        _fill(file, "metric_service_level", [(project, "week", week, *level, level[1], 0.8)])
        for a_slice in SLICES:
            _fill(
                file,
                "metric_wip",
                [(project, *a_slice, "week", week, number % 6 + size, number % 6 + size - 0.5)],
            )
            arrived = created + number % 2
            flow = (created, number % 2, arrived, closed, arrived - closed, 30 + size + number % 9)
            _fill(file, "metric_net_flow", [(project, *a_slice, "week", week, *flow)])
    for month in _months():
        for a_slice in SLICES:
            _fill(file, "metric_wip", [(project, *a_slice, "month", month, size, size + 0.5)])
            _fill(file, "metric_net_flow", [(project, *a_slice, "month", month, 9, 1, 10, 8, 2, 40)])
        for kind in ("cycle time", "lead time"):
            for place, (least, less) in enumerate(((0, 1), (1, 2), (30, 60), (365, None))):
                row = (kind, project, "all", "all", "month", month, least, less, size + place)
                _fill(file, "metric_time_distribution", [row])
        _fill(file, "metric_blocked_time", [(project, "month", month, 4, 2, 25.0, 15.0, 9.0, 4.0)])


def _fill_now(file: sqlite3.Connection, project: str, tasks: list[int], columns: list[str]) -> None:
    for place, name in enumerate(("Normal", "High", "all")):
        ages = (tasks[0], 5 + place, 30.0 + place, 90.0 + place, 40.0)
        _fill(file, "metric_open_task_age", [(project, "all", name, *ages)])
    for place, task in enumerate(tasks[:12]):
        column = columns[place % len(columns)] if columns else None
        age = (place % 5, 1.5 * place + 0.5, place / 12, "2026-10-01T00:00:00Z")
        task_now = (project, task, column, column, "Open", "default", "Normal")
        _fill(file, "metric_work_item_age", [(*task_now, *age)])
    for place, column in enumerate(columns[1:]):  # nothing that is finished was ever in the first one
        leaving = (7 - place, 1.0 + place, 3.5 + place, 9.0 + place, "2026-08-24", "2026-11-16")
        _fill(file, "metric_age_at_column_exit", [(project, column, column, None, place + 1, *leaving)])
    for place, (status, role) in enumerate((("open", "to do"), ("stalled", "waiting"))):
        times = (9 - place, 1.5, 10.5 + place, 4.0)
        _fill(
            file,
            "metric_time_in_status",
            [(project, status, "all", None, status.capitalize(), role, *times)],
        )


def _fill_forecast(file: sqlite3.Connection, project: str, size: int) -> None:
    first = date(2026, 11, 18)
    for ahead in AHEAD:
        counts = (size * ahead // 2, size * ahead // 3, size * ahead // 4)
        day = str(first + timedelta(days=ahead - 1))
        _fill(file, "metric_forecast_how_many", [(project, ahead, *counts, str(first), day)])
    for count in (1, 2, 5, 10, 20):
        days = [str(first + timedelta(days=count * factor)) for factor in (2, 3, 4)]
        _fill(file, "metric_forecast_when", [(project, count, int(count == 20), str(first), *days)])
    for number in range(26):
        week = str(LAST_MONDAY - timedelta(days=7 * (30 - number)))
        closed = 10 + number % 7
        row = (project, "week", week, 28, 12, closed, int(closed >= 12), 0.7)
        _fill(file, "metric_forecast_backtest", [row])


def _fill_moves(file: sqlite3.Connection, project: str, columns: list[str]) -> None:
    kind = "column" if columns else "status"
    states = columns or ["Open", "Stalled", "Resolved"]
    for month in _months():
        for place, (one, next_one) in enumerate(pairwise(states)):
            for is_backward, ends in enumerate([(one, next_one), (next_one, one)]):
                places = (place, place + 1) if not is_backward else (place + 1, place)
                count = 2 + place if is_backward else 20 + place
                row = (project, kind, *ends, "month", month, *ends, None, None, *places, count, is_backward)
                _fill(file, "metric_board_progression", [row])
    for place, name in enumerate(columns):
        for period, start in [("all", None), *(("month", month) for month in _months())]:
            row = (project, name, period, start, name, "to do", place, 5, 1.0 + place, 6.0 + place, 3.0)
            _fill(file, "metric_time_in_column", [row])


def _months() -> list[str]:
    first = 2026 * 12 + 10
    return [f"{number // 12}-{number % 12 + 1:02}-01" for number in range(first - MONTHS + 1, first + 1)]


def _fill(file: sqlite3.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    file.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
