"""A published file made by hand, in the shape that the export promises, with names that try to break pages.

It is written with sqlite3 alone: no code of the project takes part, so that the pages are tested against
the promise and not against today's export.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from www.sample_flow import MODELS as FLOW_MODELS
from www.sample_flow import fill_flow
from www.sample_impact import MODELS as IMPACT_MODELS
from www.sample_impact import fill_impact
from www.sample_pages import MODELS as PAGE_MODELS
from www.sample_pages import fill_pages
from www.sample_task import MODELS as TASK_MODELS
from www.sample_task import fill_task

AS_OF = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script> \"quoted\" 'single' {{7*7}}"
    " javascript:alert(2) <img src=x onerror=alert(3)> 🙂"
)
EMPTY_PROJECT = "PHID-PROJ-sleeping"
BOARDLESS_PROJECT = "PHID-PROJ-boardless"
HOSTILE_PROJECT = "PHID-PROJ-hostile"
CLOCK = "It starts <b>here</b> & stops there."
TOPICS = {"metric_throughput": "Flow", "metric_cycle_time": "Time", "metric_lead_time": "Time"}
COLUMNS = ("Backlog", "Ready", "Doing", "Review", "closed")

SCHEMA = """
create table about (site_name text, site_url text, is_demo integer, as_of text, exported_at text,
    ddd_version text, export_policies text, left_out_tasks_count integer, left_out_by_policy text);
create table catalog_models (model_name text, model_kind text, label text, question text, description text,
    sql_path text, rows_count integer, columns_count integer, topic text, clock text, left_out text,
    misleads text);
create table catalog_columns (model_name text, column_name text, position integer, data_type text,
    label text, unit text, description text);
create table projects (project_phid text, project_id integer, project_name text, project_path text,
    parent_project_phid text, slug text, project_status text, depth integer, is_milestone integer,
    is_archived integer, open_tasks_count integer, closed_tasks_count integer, created_at text);
create unique index projects__project_phid on projects (project_phid);
create table tasks (task_id integer, task_phid text, title text, status text, status_name text,
    status_role text, is_closed integer, subtype text, priority_name text, points real, owner_phid text,
    created_at text, started_at text, closed_at text, lead_time_days real, cycle_time_days real,
    age_days real, closed_date text, closed_month_started_date text);
create unique index tasks__task_id on tasks (task_id);
create index tasks__closed_at on tasks (closed_at);
create virtual table tasks_fts using fts5(title, content='tasks');
create table project_tasks (project_phid text, task_id integer, is_direct integer);
create index project_tasks__project_phid__task_id on project_tasks (project_phid, task_id);
create table measured_tasks (project_phid text, task_id integer, subtype text, priority_name text,
    status_role text, lead_time_days real, cycle_time_days real, is_closed integer, created_at text,
    started_at text, closed_at text, closed_date text);
create index measured_tasks__closed on measured_tasks (project_phid, closed_at);
create index measured_tasks__created on measured_tasks (project_phid, created_at);
create index measured_tasks__open on measured_tasks (project_phid, is_closed, created_at);
create table task_events (task_id integer, transaction_id integer, event_index integer, occurred_at text,
    event_type text);
create table task_spans (task_id integer, span_kind text, board_phid text, span_value text,
    span_days real, started_at text, ended_at text);
create table metric_throughput (project_phid text, subtype text, priority_name text, period text,
    period_started_date text,
    closed_tasks_count integer, closed_points real);
create index metric_throughput__key on metric_throughput (project_phid, period, subtype, priority_name,
    period_started_date);
create table metric_lead_time (project_phid text, subtype text, priority_name text, period text,
    period_started_date text,
    finished_tasks_count integer, lead_time_p50_days real, lead_time_p85_days real, lead_time_p95_days real,
    lead_time_mean_days real);
create index metric_lead_time__key on metric_lead_time (project_phid, period, subtype, priority_name,
    period_started_date);
create table metric_cycle_time (project_phid text, subtype text, priority_name text, period text,
    period_started_date text,
    finished_tasks_count integer, cycle_time_p50_days real, cycle_time_p85_days real,
    cycle_time_p95_days real, cycle_time_mean_days real);
create index metric_cycle_time__key on metric_cycle_time (project_phid, period, subtype, priority_name,
    period_started_date);
create table metric_cumulative_flow (board_phid text, column_phid text, flow_date text, column_name text,
    sequence integer, arrivals_count integer, departures_count integer, wip_count integer);
create index metric_cumulative_flow__key on metric_cumulative_flow (board_phid, flow_date);
"""

TYPES = {r"_date$": "date", r"_at$|^as_of$": "timestamp", r"^(is|has)_": "boolean"}
"""What columns are called in the catalog, by their names; SQLite itself keeps texts and numbers."""
SLICES = [("all", "all"), ("default", "all")]
"""Subtype and priority: pages show the first slice, and would count twice if they forgot to ask for it."""

MODELS = {
    "projects": ("mart", "Projects", "", "One row per project. Private ones are left out."),
    "tasks": ("mart", "Tasks", "", "One row per task. Private ones are left out."),
    "project_tasks": (
        "mart",
        "Tasks of projects",
        "",
        "One row per project and task, sub-projects included.",
    ),
    "measured_tasks": ("mart", "Measured tasks", "", "One row per project and task that its metrics count."),
    "task_events": ("mart", "Task events", "", "One row per change of a task."),
    "task_spans": ("mart", "Task spans", "", "One row per task and stretch of time with one value."),
    "metric_throughput": (
        "metric",
        "Throughput",
        "How many tasks are finished?",
        "One row per project, period and start of the period. Tasks closed then; zero periods are included.",
    ),
    "metric_lead_time": (
        "metric",
        "Lead time",
        "How long does a request wait until it is done?",
        "One row per project and period. Days from `created_at` to `closed_at` of the tasks closed then.",
    ),
    "metric_cycle_time": (
        "metric",
        "Cycle time",
        "How long does work take once it is started?",
        "One row per project and period. Days from `started_at` to `closed_at` of the tasks closed then.",
    ),
    "metric_cumulative_flow": (
        "metric",
        "Cumulative flow",
        "Where does work pile up?",
        "One row per board, column and day with a change. Arrivals and departures never fall.",
    ),
}


def build_sample(
    path: Path, *, tasks_count: int = 240, days: int = 400, is_demo: bool = True, teams_count: int = 0
) -> Path:
    """Write a published file of `tasks_count` tasks that were created in the last `days` days."""
    path.unlink(missing_ok=True)
    chance = random.Random(7)
    with sqlite3.connect(path) as file:
        file.executescript(SCHEMA)
        projects = _projects(teams_count or max(3, tasks_count // 300))
        tasks = list(
            _tasks(
                chance, [row[0] for row in projects if row[0].startswith("PHID-PROJ-team")], tasks_count, days
            )
        )
        members: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for task in tasks:
            members["all"].append(task)
            members[task["project"]].append(task)
        members[HOSTILE_PROJECT] = tasks[::9]
        members[BOARDLESS_PROJECT] = tasks[::11]
        members[EMPTY_PROJECT] = [task for task in tasks if task["closed"]][:1]
        _fill(
            file,
            "projects",
            [
                (
                    *row,
                    len([t for t in members[row[0]] if not t["closed"]]),
                    len([t for t in members[row[0]] if t["closed"]]),
                    "2023-01-01T00:00:00Z",
                )
                for row in projects
            ],
        )
        _fill(file, "tasks", [_task_row(task) for task in tasks])
        file.execute("insert into tasks_fts (tasks_fts) values ('rebuild')")
        for phid, of_project in members.items():
            if phid != "all":
                _fill(file, "project_tasks", [(phid, task["id"], 1) for task in of_project])
            _fill(file, "measured_tasks", [_measured_row(phid, task) for task in of_project])
            _fill_metrics(file, phid, of_project)
            if phid not in {"all", BOARDLESS_PROJECT, EMPTY_PROJECT}:
                _fill(file, "metric_cumulative_flow", list(_flow(phid, of_project)))
        _fill(
            file,
            "task_events",
            [(task["id"], task["id"], 0, _stamp(task["created"]), "created") for task in tasks],
        )
        _fill(
            file,
            "task_spans",
            [
                (
                    *(task["id"], "status", None, "open"),
                    (AS_OF - task["created"]) / timedelta(days=1),
                    *(_stamp(task["created"]), None),
                )
                for task in tasks
            ],
        )
        fill_pages(file, HOSTILE, HOSTILE_PROJECT)
        known = [phid for phid in members if phid != EMPTY_PROJECT]
        columns = ["Backlog", "Ready", HOSTILE, "Review", "closed"]
        boards = {phid: columns for phid in known if phid not in {"all", BOARDLESS_PROJECT}}
        fill_flow(file, known, boards, {phid: [task["id"] for task in members[phid]] for phid in known})
        fill_task(file, HOSTILE, HOSTILE_PROJECT, str(_stamp(AS_OF)))
        fill_impact(file, HOSTILE)
        _describe(file, is_demo)
        file.commit()
        file.execute("analyze")
    file.close()
    return path


def _projects(teams: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        (
            f"PHID-PROJ-team{number}",
            number,
            f"Team {number}",
            f"Product / Team {number}",
            None,
            f"team_{number}",
            "active",
            1,
            0,
            0,
        )
        for number in range(1, teams + 1)
    ]
    rows.append((HOSTILE_PROJECT, 90, HOSTILE, HOSTILE, None, "hostile", "active", 0, 0, 0))
    rows.append(
        (BOARDLESS_PROJECT, 91, "No board", "Product / No board", None, "no_board", "active", 1, 0, 0)
    )
    rows.append((EMPTY_PROJECT, 92, "Sleeping", "Sleeping", None, "sleeping", "archived", 0, 0, 1))
    return rows


def _tasks(chance: random.Random, teams: list[str], count: int, days: int) -> Iterator[dict[str, Any]]:
    first = AS_OF - timedelta(days=days)
    for number in range(1, count + 1):
        created = first + timedelta(days=days * (number - 1) / count, hours=chance.randrange(10))
        started = created + timedelta(days=chance.expovariate(1 / 12))
        closed = started + timedelta(days=chance.lognormvariate(1.3, 1.0))
        yield {
            "id": number,
            "title": HOSTILE if number % 9 == 1 else f"Task number {number}",
            "project": teams[chance.randrange(len(teams))],
            "created": created,
            "started": started if started < AS_OF else None,
            "closed": closed if closed < AS_OF else None,
        }


def _task_row(task: dict[str, Any]) -> tuple[Any, ...]:
    closed = task["closed"]
    status = "resolved" if closed else "stalled" if task["id"] % 9 == 1 else "open"
    return (
        *(task["id"], f"PHID-TASK-{task['id']:020}", task["title"], status),
        status.capitalize(),
        *("done" if closed else "to do", int(bool(closed)), "default"),
        *("Normal", None, "PHID-USER-one" if task["id"] % 3 else None),
        *(_stamp(task["created"]), _stamp(task["started"]), _stamp(closed)),
        (closed - task["created"]) / timedelta(days=1) if closed else None,
        (closed - task["started"]) / timedelta(days=1) if closed else None,
        None if closed else (AS_OF - task["created"]) / timedelta(days=1),
        f"{closed:%Y-%m-%d}" if closed else None,
        f"{closed:%Y-%m}-01" if closed else None,
    )


def _measured_row(phid: str, task: dict[str, Any]) -> tuple[Any, ...]:
    row = _task_row(task)
    priority_name, subtype = row[8], row[7]
    role = "waiting" if row[3] == "stalled" else row[5]
    return (phid, row[0], subtype, priority_name, role, *row[14:16], row[6], *row[11:14], row[17])


def _fill_metrics(file: sqlite3.Connection, phid: str, tasks: list[dict[str, Any]]) -> None:
    if not tasks:
        return
    for period in ("day", "week", "month"):
        groups: dict[date, list[dict[str, Any]]] = {
            day: [] for day in _periods(period, min(t["created"] for t in tasks))
        }
        for task in tasks:
            if task["closed"]:
                groups[_start(period, task["closed"].date())].append(task)
        _fill(
            file,
            "metric_throughput",
            [
                (phid, *a_slice, period, str(day), len(found), None)
                for a_slice in SLICES
                for day, found in groups.items()
            ],
        )
        if period == "day":
            continue
        for name, start in (("lead", "created"), ("cycle", "started")):
            rows = [
                (
                    phid,
                    *a_slice,
                    period,
                    str(day),
                    len(found),
                    *_quantiles([(t["closed"] - t[start]) / timedelta(days=1) for t in found]),
                )
                for a_slice in SLICES
                for day, found in groups.items()
            ]
            _fill(file, f"metric_{name}_time", rows)


def _quantiles(values: list[float]) -> tuple[float | None, ...]:
    if not values:
        return (None,) * 4
    values = sorted(values)

    def at(share: float) -> float:
        place = share * (len(values) - 1)
        low = int(place)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (place - low)

    return at(0.5), at(0.85), at(0.95), sum(values) / len(values)


def _start(period: str, day: date) -> date:
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[period]


def _periods(period: str, first: datetime) -> Iterator[date]:
    day = _start(period, first.date())
    while day <= AS_OF.date():
        yield day
        day = _start(period, day + timedelta(days={"day": 1, "week": 7, "month": 31}[period]))


def _flow(phid: str, tasks: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Each task passes every column in order; the stays split the time between its known dates."""
    changes: dict[date, list[tuple[int, int]]] = defaultdict(list)
    for task in tasks:
        created, started, closed = task["created"], task["started"], task["closed"]
        if started is None:
            moves = [created]
        elif closed is None:
            moves = [created, created + (started - created) / 2, started]
        else:
            moves = [
                created,
                created + (started - created) / 2,
                started,
                started + (closed - started) / 2,
                closed,
            ]
        for place, moment in enumerate(moves):
            changes[moment.date()].append((place, +1))
            if place:
                changes[moment.date()].append((place - 1, -1))
    arrivals, departures = [0] * len(COLUMNS), [0] * len(COLUMNS)
    changes.setdefault(AS_OF.date(), [])
    for day in sorted(changes):
        for place, change in changes[day]:
            arrivals[place] += change > 0
            departures[place] += change < 0
        for place, name in enumerate(COLUMNS):
            column = "closed" if name == "closed" else f"PHID-PCOL-{name}"
            label = HOSTILE if phid == HOSTILE_PROJECT and name == "Doing" else name
            wip = arrivals[place] - departures[place]
            yield (phid, column, str(day), label, place, arrivals[place], departures[place], wip)


def _describe(file: sqlite3.Connection, is_demo: bool) -> None:
    site = "demo" if is_demo else "phabricator.example.org"
    url = "http://127.0.0.1:1/api/" if is_demo else "https://phabricator.example.org/api/"
    file.execute(
        "insert into about values (?, ?, ?, ?, ?, '0.1.0', '[\"public\"]', 0, '{}')",
        [site, url, int(is_demo), _stamp(AS_OF), _stamp(AS_OF + timedelta(minutes=3))],
    )
    for name, (kind, label, question, description) in (
        MODELS | PAGE_MODELS | FLOW_MODELS | TASK_MODELS | IMPACT_MODELS
    ).items():
        columns = file.execute(f"select name, type from pragma_table_info('{name}')").fetchall()
        rows = file.execute(f"select count(*) from {name}").fetchone()[0]
        sql_path = f"dbt_project/models/{kind}s/{name}.sql"
        file.execute(
            f"insert into catalog_models values ({', '.join('?' * 12)})",
            [
                *(
                    name,
                    kind,
                    label,
                    question,
                    f"{description}\n\nClock: {CLOCK}" if question else description,
                ),
                *(sql_path, rows, len(columns), TOPICS.get(name, ""), CLOCK if question else "", "", ""),
            ],
        )
        for position, (column, kept_as) in enumerate(columns):
            data_type = next((kind for part, kind in TYPES.items() if re.search(part, column)), kept_as)
            unit = next((unit for unit in ("days", "points") if column.endswith(unit)), "")
            file.execute(
                "insert into catalog_columns values (?, ?, ?, ?, ?, ?, ?)",
                [
                    name,
                    column,
                    position,
                    data_type,
                    column.replace("_", " ").capitalize(),
                    unit,
                    f"What {column} is.",
                ],
            )


def _fill(file: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    rows = list(rows)
    if rows:
        file.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)


def _stamp(moment: datetime | None) -> str | None:
    return moment and moment.strftime("%Y-%m-%dT%H:%M:%SZ")
