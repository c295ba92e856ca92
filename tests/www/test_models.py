"""Every query of every page against the tables that the dbt project exports: their names and columns.

The hand-made file is the promise that pages are tested against; this keeps the promise true.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
import yaml

from ddd.dashboards import load_dashboards
from ddd.dashboards.page import asked_of
from ddd.export import _ABOUT
from ddd.settings import PROJECT_DIR
from ddd.views.queries import load_queries

QUERIES = {
    name: (dashboard.database, sql)
    for dashboard in load_dashboards(PROJECT_DIR / "www" / "dashboards").values()
    for name, sql in dashboard.sql.items()
} | {
    name: ("train" if {"trains", "metric_deployment_frequency"} & query.tables else "metrics", query.sql)
    for name, query in load_queries(PROJECT_DIR / "www" / "queries").items()
}


@pytest.fixture(scope="module")
def exported_schemas() -> Iterator[dict[str, sqlite3.Connection]]:
    """An empty file each, with the tables and columns that the models' YAML exports to it."""
    files = {"metrics": sqlite3.connect(":memory:"), "train": sqlite3.connect(":memory:")}
    for file in files.values():
        file.executescript(_ABOUT)
    for path in sorted((PROJECT_DIR / "dbt_project" / "models").glob("m*/_*__models.yml")):
        for model in yaml.safe_load(path.read_text())["models"]:
            export = model.get("config", {}).get("meta", {}).get("export")
            if not export:
                continue
            columns = [each["name"] for each in model["columns"] if each["name"] != "is_published"]
            file = files[export.get("file", "metrics.db").removesuffix(".db")]
            file.execute(f"create table {model['name']} ({', '.join(columns)})")
            if export.get("full_text"):
                names = ", ".join(export["full_text"])
                file.execute(f"create virtual table {model['name']}_fts using fts5({names})")
    yield files
    for file in files.values():
        file.close()


@pytest.mark.parametrize("name", QUERIES)
def test_query_asks_for_tables_and_columns_that_are_exported(
    name: str, exported_schemas: dict[str, sqlite3.Connection]
) -> None:
    database, sql = QUERIES[name]
    exported_schemas[database].execute(f"explain {sql}", dict.fromkeys(asked_of(sql), "")).fetchall()
