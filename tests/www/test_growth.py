"""What a page's query costs does not grow with the tasks: counted in steps of SQLite, not in seconds."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

from ddd.dashboards import load_dashboards
from ddd.settings import PROJECT_DIR
from ddd.views.queries import load_queries
from www.indexed import indexed_by_dbt
from www.sample import HOSTILE_PROJECT, build_sample

DEPLOYED = {"trains", "metric_deployment_frequency"}
"""Tables of the file of deployments, which has no tasks."""
QUERIES = {
    name: sql
    for dashboard in load_dashboards(PROJECT_DIR / "www" / "dashboards").values()
    if dashboard.database == "metrics"
    for name, sql in dashboard.sql.items()
} | {
    name: query.sql
    for name, query in load_queries(PROJECT_DIR / "www" / "queries").items()
    if not DEPLOYED & query.tables
}
YEAR = {
    "project": "",
    "period": "week",
    "date_start": "2025-11-18",
    "date_end": "2026-11-18",
    "q": "team",
    "subtype": "",
    "priority": "",
    "subject": "1",
    "subject_kind": "project",
    "concerned": "all",
    "measure": "closed tasks",
    "until": "2026-12-16",
    "tasks_count": "20",
    "sort": "",
    "severity": "warning",
    "finding": "history ends elsewhere",
    "phid": HOSTILE_PROJECT,
    "task_id": "7",
}
SMALL, LARGE = 900, 3600
"""A project has a ninth of the tasks; more of these are open than the three rows that are asked for here."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[sqlite3.Connection]]:
    """Two installations of the same age and projects, one with four times the tasks of the other."""
    folder = tmp_path_factory.mktemp("growth")
    found = []
    for tasks_count in (SMALL, LARGE):
        path = build_sample(folder / f"{tasks_count}.db", tasks_count=tasks_count, teams_count=3)
        found.append(indexed_by_dbt(path, folder / f"indexed-{tasks_count}.db"))
    yield found
    for connection in found:
        connection.close()


@pytest.mark.parametrize("project", ["", HOSTILE_PROJECT])
@pytest.mark.parametrize("name", QUERIES)
def test_a_query_does_as_much_for_four_times_the_tasks(
    name: str, project: str, files: list[sqlite3.Connection]
) -> None:
    sql = re.sub(r"\blimit \d+", "limit 3", QUERIES[name])
    small, large = (_steps(file, sql, YEAR | {"project": project}) for file in files)
    assert large <= 1.5 * small + 200, f"{small} steps for {SMALL} tasks, {large} for {LARGE}"


def _steps(file: sqlite3.Connection, sql: str, parameters: dict[str, str]) -> int:
    count = 0

    def step() -> int:
        nonlocal count
        count += 10
        return 0

    file.set_progress_handler(step, 10)
    file.execute(sql, parameters).fetchall()
    file.set_progress_handler(None, 0)
    return count
