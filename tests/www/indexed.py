"""A hand-made file with the indexes that the dbt project asks for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import yaml

from ddd.settings import PROJECT_DIR


def indexed_by_dbt(original: Path, copy: Path) -> sqlite3.Connection:
    """A copy of a published file with the indexes that the models' YAML asks for, instead of its own.

    Without statistics SQLite plans for tables of a million rows.
    """
    copy.write_bytes(original.read_bytes())
    connection = sqlite3.connect(copy)
    for (name,) in connection.execute("select name from sqlite_master where type = 'index'").fetchall():
        connection.execute(f"drop index {name}")
    for table, indexes in _asked().items():
        known = {row[1] for row in connection.execute(f"pragma table_info({table})")}
        for number, columns in enumerate(indexes):
            if known and known.issuperset(columns):
                connection.execute(f"create index {table}_{number} on {table} ({', '.join(columns)})")
    connection.execute("drop table if exists sqlite_stat1")
    connection.commit()
    connection.close()
    return sqlite3.connect(copy)


def _asked() -> dict[str, list[list[str]]]:
    paths = (PROJECT_DIR / "dbt_project" / "models").glob("m*/_*__models.yml")
    return {
        model["name"]: model["config"]["meta"]["export"].get("indexes", [])
        for path in paths
        for model in yaml.safe_load(path.read_text())["models"]
        if model.get("config", {}).get("meta", {}).get("export")
    }
