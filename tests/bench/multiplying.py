"""Makes published files of a million tasks out of smaller ones, in minutes instead of an hour of building.

Each task is repeated, with its history, tags and places in lists. Metrics stay as they are: they have rows of
periods, not for tasks.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

REPEATED_PHIDS = {"tasks": "task_phid"}
"""Keys that must stay unique, beside the task's number."""


def multiplied(www_dir: Path, folder: Path, tasks_count: int) -> Path:
    """Published files with at least so many tasks: those of `www_dir`, or larger copies in `folder`."""
    times = -(-tasks_count // _tasks_count(www_dir / "metrics.db"))
    if times <= 1:
        return www_dir
    for path in www_dir.glob("*.db"):
        if path.name == "metrics.db":
            _multiply(path, folder / path.name, times)
        else:
            shutil.copy(path, folder)
    return folder


def _tasks_count(path: Path) -> int:
    file = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    (count,) = file.execute("select count(*) from tasks").fetchone()
    file.close()
    return int(count)


def _multiply(source: Path, target: Path, times: int) -> None:
    file = sqlite3.connect(target)
    file.executescript("pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off;")
    file.execute("attach ? as source", [f"{source}"])
    file.execute("create temp table numbers (number integer primary key)")
    file.executemany("insert into numbers values (?)", [(number,) for number in range(times)])
    things = file.execute("select type, name, sql from source.sqlite_master where sql is not null").fetchall()
    virtual = [name for _, name, sql in things if sql.lower().startswith("create virtual")]
    shadows = tuple(f"{name}_" for name in virtual)
    for kind, name, sql in things:
        if kind == "table" and name not in virtual and not name.startswith((*shadows, "sqlite_")):
            file.execute(sql)
            file.execute(_copying(file, name, times))
    file.execute(
        f"update projects set open_tasks_count = {times} * open_tasks_count,"
        f" closed_tasks_count = {times} * closed_tasks_count"
    )
    file.execute("update catalog_models set rows_count = rows_count * ? where model_name = 'tasks'", [times])
    for _, name, sql in things:
        if name in virtual:
            file.execute(sql)
            file.execute(f"insert into {name} ({name}) values ('rebuild')")
    for kind, _, sql in things:
        if kind == "index":
            file.execute(sql)
    file.commit()
    file.execute("analyze")
    file.commit()
    file.close()


def _copying(file: sqlite3.Connection, table: str, times: int) -> str:
    columns = [row[1] for row in file.execute(f'pragma source.table_info("{table}")')]
    if "task_id" not in columns:
        return f'insert into "{table}" select * from source."{table}"'
    said = {
        "task_id": f"task_id * {times} + number",
        REPEATED_PHIDS.get(table, ""): f"{REPEATED_PHIDS.get(table)} || printf('%03d', number)",
    }
    chosen = ", ".join(said.get(column, f'"{column}"') for column in columns)
    # copies of a row lie side by side, in the order that the rows had
    return f'insert into "{table}" select {chosen} from source."{table}" cross join numbers'
