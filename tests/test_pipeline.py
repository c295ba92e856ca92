"""The main job, end to end, as a user runs it: a real server's answers in, a published file out."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ddd.demo.endpoint import serve
from ddd.reports import read_content
from ddd.settings import DEMO_SITE, PROJECT_DIR, Settings
from recorded import recorded_store, require_shared
from reports.agreement import disagreements


@dataclass(frozen=True)
class Installation:
    """One user's machine: a checkout, and an environment that says where everything is."""

    project_dir: Path
    environ: dict[str, str]

    def dddcli(self, *arguments: str, **environ: str) -> str:
        """Run a command and return what it printed; fails where the command fails."""
        done = subprocess.run(
            [sys.executable, "-m", "ddd.cli", *arguments],
            env={**self.environ, **environ},
            cwd=self.project_dir,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the published file."""
        connection = sqlite3.connect(f"file:{self.environ['DATASETTE_DIR']}/metrics.db?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def installation(project_dir: Path, folder: Path, **environ: str) -> Installation:
    www = folder / "www"
    www.mkdir(parents=True)
    plain = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CONDUIT_", "DDD_", "DATASETTE_"))
    }
    paths = {
        "PYTHONPATH": str(project_dir / "extract"),
        "HOME": str(folder),
        "DDD_DATA_DIR": str(folder / "data"),
        "DATASETTE_DIR": str(www),
        "COLUMNS": "200",
    }
    return Installation(project_dir, {**plain, **paths, **environ})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with serve(recorded_store(require_shared())) as url:
        yield installation(
            PROJECT_DIR, tmp_path_factory.mktemp("recorded"), CONDUIT_URL=url, CONDUIT_TOKEN="api-test"
        )


@pytest.mark.slow
def test_refresh_of_the_recorded_installation(recorded: Installation) -> None:
    said = recorded.dddcli("refresh", DDD_EXPORT_POLICIES="public,users")
    for figure in ("666", "11,498", "25", "79", "12"):
        assert figure in said
    assert "SIMULATED" not in said
    assert re.search(r"Took [\d.]+ s: extract phabricator [\d.]+ s, build [\d.]+ s, export [\d.]+ s", said)
    assert "make serve" in said
    assert "make reports" in said
    assert recorded.query("select count(*) from tasks") == [(666,)]
    assert recorded.query("select count(*) from projects") == [(25,)]
    assert recorded.query("select count(*) from project_columns") == [(79,)]
    assert recorded.query("select count(*) from users") == [(12,)]
    assert recorded.query("select sum(transactions_count) from tasks") == [(11_498,)]
    assert recorded.query("select is_demo from about") == [(0,)]


@pytest.mark.proof
def test_a_second_refresh_by_default_publishes_public_tasks_only_and_says_so(recorded: Installation) -> None:
    said = recorded.dddcli("refresh")
    assert "phabricator: incremental" in said
    assert "0 documents new or changed" in said
    assert "665 of 666 tasks are not published, by view policy: 665 users" in said
    assert "DDD_EXPORT_POLICIES=public,users" in said
    assert recorded.query("select count(*), min(view_policy) from tasks") == [(1, "public")]
    assert recorded.query("select count(*) from projects") == [(0,)]
    assert recorded.query(
        "select coalesce(sum(closed_tasks_count), 0) <= 1 from metric_throughput where period = 'week'"
    )
    # what dbt does not parse again must not lose the words that warnings are made of
    (written,) = Path(recorded.environ["DDD_DATA_DIR"]).glob("*/dbt/manifest.json")
    manifest = json.loads(written.read_text())
    by_hand = [node for node in manifest["nodes"].values() if node["path"].endswith("_values.sql")]
    assert by_hand
    assert all(node["description"] for node in by_hand)
    dump = Path(recorded.environ["DATASETTE_DIR"], "metrics.db").read_bytes()
    assert b"Release-Engineering-Team" not in dump


TOY_SQL = """with

tasks as (
    select * from {{ ref('tasks') }}
    where is_published
),

counted_by_subtype as (
    select
        subtype,
        count(*) as tasks_count
    from tasks
    group by subtype
)

select * from counted_by_subtype
"""

TOY_YAML = """
  - name: metric_toy
    description: One row per subtype of tasks. Subtypes without a task are left out.
    config:
      meta:
        label: Toy figure
        question: How many tasks of each kind are there?
        misleads: A kind that nobody uses any more is still there.
        example: subtype = 'default'
        export: {indexes: [[subtype]]}
    columns:
      - name: subtype
        data_type: varchar
        description: Kind of the tasks.
        data_tests: [unique, not_null]
      - name: tasks_count
        data_type: bigint
        description: Tasks of that kind.
"""


@pytest.mark.proof
def test_a_metric_costs_two_files(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, tracked):
        if (PROJECT_DIR / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT_DIR / name, copy / name)
    metrics = copy / "dbt_project" / "models" / "metrics"
    (metrics / "metric_toy.sql").write_text(TOY_SQL)
    with (metrics / "_metrics__models.yml").open("a") as block:
        block.write(TOY_YAML)

    mine = installation(copy, tmp_path / "mine", DDD_DEMO_TASKS="600", DDD_DEMO_END="2026-01-31")
    mine.dddcli("refresh")
    listed = mine.dddcli("metrics", "list")
    assert "metric_toy" in listed
    assert "How many tasks of each kind are there?" in listed
    assert mine.query("select sum(tasks_count) = (select count(*) from tasks) from metric_toy") == [(1,)]
    mine.dddcli("docs", "--out", str(tmp_path / "docs"))
    page = (copy / "docs" / "metrics.md").read_text()
    assert "## Toy figure" in page
    assert "How many tasks of each kind are there?" in page
    assert "* **How it can mislead**: A kind that nobody uses any more is still there." in page
    assert "| `subtype` |  | Kind of the tasks. | default |" in page
    _require_that_the_report_says_what_is_published(mine)
    shown = _page(mine, "/metrics/metric_toy")
    assert "One row per subtype of tasks" in shown
    assert "Kind of the tasks." in shown
    assert "Toy figure" in _page(mine, "/-/ddd/all-metrics")


def _require_that_the_report_says_what_is_published(mine: Installation) -> None:
    www = Path(mine.environ["DATASETTE_DIR"])
    statements = read_content(Settings(site=DEMO_SITE, www_dir=www)).statements
    checked, wrong = disagreements(www, statements)
    assert wrong == []
    assert checked > 100


def _page(mine: Installation, path: str) -> str:
    script = (
        "import asyncio, sys; from ddd.serve import open_datasette; from ddd.settings import load_settings;"
        "print(asyncio.run(open_datasette(load_settings()).client.get(sys.argv[1])).text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path],
        env=mine.environ,
        cwd=mine.project_dir,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
