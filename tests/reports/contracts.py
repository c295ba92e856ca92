"""Empty published files in the form that the dbt YAML promises: every exported model with its columns."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ddd.settings import PROJECT_DIR

_ABOUT = """
create table about (
    site_name text, site_url text, is_demo integer, as_of text, exported_at text, ddd_version text,
    export_policies text
);
create table catalog_models (
    model_name text, model_kind text, label text, question text, description text, sql_path text,
    rows_count integer, columns_count integer, topic text, clock text, left_out text, misleads text
);
create table catalog_columns (
    model_name text, column_name text, position integer, data_type text, label text, unit text,
    description text
);
"""


@cache
def exported_models() -> list[dict[str, Any]]:
    """Every model of the YAML that is exported."""
    files = sorted((PROJECT_DIR / "dbt_project" / "models").glob("m*/_*__models.yml"))
    models = [
        model for file in files for model in yaml.load(file.read_text(), yaml.CSafeLoader).get("models", [])
    ]
    return [model for model in models if "export" in _meta(model)]


def create_published(path: Path, about: tuple[object, ...]) -> None:
    """Write the tables of the published file of that name, with its catalog and no rows."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as file:
        file.executescript(_ABOUT)
        file.execute("insert into about values (?, ?, ?, ?, ?, ?, ?)", about)
        for model in exported_models():
            if _meta(model)["export"]["file"] == path.name:
                _create(file, model)
    file.close()


def _create(file: sqlite3.Connection, model: dict[str, Any]) -> None:
    name, meta = model["name"], _meta(model)
    file.execute(f"create table {name} ({', '.join(column['name'] for column in model['columns'])})")
    kind = "metric" if name.startswith("metric_") else "mart"
    label, question = meta.get("label", name), meta.get("question", "")
    file.execute(
        "insert into catalog_models values (?, ?, ?, ?, ?, '', 0, 0, '', '', '', '')",
        [name, kind, label, question, model["description"]],
    )
    file.executemany(
        "insert into catalog_columns values (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                name,
                column["name"],
                position,
                column["data_type"],
                _meta(column).get("label", ""),
                _meta(column).get("unit", ""),
                column.get("description", ""),
            )
            for position, column in enumerate(model["columns"], 1)
        ],
    )


def insert(file: sqlite3.Connection, table: str, **values: object) -> None:
    """Add a row; columns that are not given are null."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    file.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))


def _meta(part: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = part.get("config", {}).get("meta", {})
    return found
