"""The life of one task and the figures of some months, in the hand-made published file."""

from __future__ import annotations

import sqlite3

TASK = 1
PARENT, MERGED, FORMER_SUBTASK = 2, 3, 4
OWNER = "PHID-USER-hostile"

COLUMNS = {
    "tasks": {"work_item_age_days": "real", "reopened_count": "integer"},
    "task_events": dict.fromkeys(
        ("actor_phid", "board_phid", "object_phid", "field_name", "old_value", "new_value", "edit_group"),
        "text",
    ),
    "metric_service_level": {"service_level_window_days": "integer", "window_tasks_count": "integer"},
}
SCHEMA = """
create table task_projects (task_id integer, project_phid text, column_phid text, tagged_at text);
create table project_columns (column_phid text, project_phid text, column_name text);
create index tasks__task_phid on tasks (task_phid);
"""

MODELS = {
    "task_projects": ("mart", "Tags of tasks", "", "One row per task and project."),
    "project_columns": ("mart", "Workboard columns", "", "One row per column."),
}

STATISTICS = (
    ("created tasks", "tasks", 40), ("closed tasks", "tasks", 30), ("active people", "people", 12),
    ("task authors", "people", 9), ("task closers", "people", 7), ("projects with moves", "projects", 5),
    ("open tasks", "tasks", 300), ("stalled tasks", "tasks", 20), ("accounts created", "accounts", 2),
    ("median age of open tasks", "days", 90.5),
)  # fmt: skip


def fill_task(file: sqlite3.Connection, hostile: str, project: str, as_of: str) -> None:
    """Spans and changes of `TASK` with hostile names, what it relates to, and 14 months of statistics."""
    for table, columns in COLUMNS.items():
        for column, kind in columns.items():
            file.execute(f"alter table {table} add column {column} {kind}")
    file.executescript(SCHEMA)
    file.execute("update metric_service_level set service_level_window_days = 84, window_tasks_count = 21")
    file.execute("update tasks set reopened_count = 0")
    created, closed = file.execute(
        "select created_at, closed_at from tasks where task_id = ?", [TASK]
    ).fetchone()
    file.execute("insert into users (user_phid, username) values (?, ?)", [OWNER, hostile])
    file.execute("insert into task_projects values (?, ?, 'PHID-PCOL-two', ?)", [TASK, project, created])
    file.executemany(
        "insert into project_columns values (?, ?, ?)",
        [("PHID-PCOL-one", project, hostile), ("PHID-PCOL-two", project, "Done")],
    )
    file.execute("delete from task_spans where task_id = ?", [TASK])
    file.executemany(
        "insert into task_spans (task_id, span_kind, board_phid, span_value, started_at, ended_at)"
        " values (?, ?, ?, ?, ?, ?)",
        [
            (TASK, "status", None, "open", created, closed),
            (TASK, "status", None, "resolved", closed, None),
            (TASK, "column", project, "PHID-PCOL-one", created, closed),
            (TASK, "column", project, "PHID-PCOL-two", closed, None),
            (TASK, "owner", None, OWNER, created, None),
            (TASK, "priority", None, "50", created, None),
            (TASK, "project", None, project, created, None),
        ],
    )
    file.execute(
        "update task_spans set span_days = julianday(coalesce(ended_at, ?)) - julianday(started_at)"
        " where task_id = ?",
        [as_of, TASK],
    )
    changes = [
        ("title", None, None, hostile), ("owner", None, None, OWNER),
        ("parent", _phid(PARENT), None, _phid(PARENT)), ("merged_from", _phid(MERGED), None, _phid(MERGED)),
        ("subtask", _phid(FORMER_SUBTASK), None, _phid(FORMER_SUBTASK)),
        ("subtask", _phid(FORMER_SUBTASK), _phid(FORMER_SUBTASK), None),
        ("priority", None, "50", "50"), ("column", "PHID-PCOL-two", "PHID-PCOL-one", "PHID-PCOL-two"),
        ("status", None, "open", "resolved"),
    ]  # fmt: skip
    file.executemany(
        "insert into task_events (task_id, transaction_id, event_index, occurred_at, event_type, actor_phid,"
        " object_phid, old_value, new_value) values (?, ?, 1, ?, ?, ?, ?, ?, ?)",
        [
            (TASK, 100 + number, closed if number > 5 else created, kind, OWNER, other, old, new)
            for number, (kind, other, old, new) in enumerate(changes)
        ],
    )
    _fill_statistics(file)


def _fill_statistics(file: sqlite3.Connection) -> None:
    file.execute("delete from metric_monthly_statistics")
    for number in range(14):
        month = 2026 * 12 + 10 - number
        day = f"{month // 12}-{month % 12 + 1:02}-01"
        rows = [
            (day, name, "all", unit, value + number, place, None)
            for place, (name, unit, value) in enumerate(STATISTICS, 1)
        ]
        rows += [
            (day, STATISTICS[-1][0], name, "days", age, 10, age)
            for name, age in (("High", 80), ("Normal", 50))
        ]
        file.executemany("insert into metric_monthly_statistics values ('month', ?, ?, ?, ?, ?, ?, ?)", rows)


def _phid(task: int) -> str:
    return f"PHID-TASK-{task:020}"
