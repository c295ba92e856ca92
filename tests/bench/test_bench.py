"""`make bench` works, and its aims about requests hold for a small server too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bench.building import written
from ddd.dashboards import load_dashboards
from ddd.settings import PROJECT_DIR
from www.sample import build_sample
from www.sample_trains import build_trains_sample


@pytest.mark.proof
def test_the_benchmark_writes_its_section_and_leaves_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "before\n<!-- written by make bench -->\nold\n<!-- end of what make bench writes -->\nafter\n"
    )
    sizes = ["--tasks", "200", "--connections", "2", "--latencies", "0", "10", "--repeat", "1", "--page"]
    environ = {**os.environ, "PYTHONPATH": f"{PROJECT_DIR / 'extract'}{os.pathsep}{PROJECT_DIR / 'tests'}"}
    subprocess.run([sys.executable, "-m", "bench", *sizes, str(page)], env=environ, check=True, timeout=300)
    text = page.read_text()
    assert text.startswith("before\n<!-- written")
    assert text.endswith("writes -->\nafter\n")
    assert "old" not in text
    verdicts = {line.split(" | ")[0]: line.rstrip(" |").split(" | ")[-1] for line in text.splitlines()}
    assert verdicts["| requests of a full load"] == "met"
    assert verdicts["| requests after 20 edits"] == "met"


@pytest.mark.proof
def test_the_benchmark_of_the_models_tells_every_model_and_builds_the_edits(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "before\n<!-- models written by make bench -->\n<!-- end of what make bench writes -->\nafter\n"
    )
    folder = tmp_path / "data"
    environ = {**os.environ, "PYTHONPATH": f"{PROJECT_DIR / 'extract'}{os.pathsep}{PROJECT_DIR / 'tests'}"}
    written(folder, 1100)
    command = [sys.executable, "-m", "bench.models", "--folder", str(folder), "--page", str(page)]
    subprocess.run(command, env=environ, check=True, timeout=500)
    text = page.read_text()
    assert text.startswith("before\n<!-- models")
    assert text.endswith("writes -->\nafter\n")
    models = {path.stem for path in (PROJECT_DIR / "dbt_project" / "models").rglob("*.sql")}
    assert {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")} == models | {
        "dddcli build"
    }
    with duckdb.connect(str(folder / "demo" / "warehouse.duckdb"), read_only=True) as warehouse:
        titles = warehouse.execute("select title from tasks where task_id % 1000 = 0").fetchall()
    assert titles
    assert all(title.startswith("Edited ") for (title,) in titles)


@pytest.mark.proof
def test_the_load_run_asks_every_query_and_writes_its_section(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "before\n<!-- pages written by make bench -->\n<!-- end of what make bench writes -->\nafter\n"
    )
    folder = tmp_path / "www"
    folder.mkdir()
    build_sample(folder / "metrics.db")
    build_trains_sample(folder / "train.db")
    command = [sys.executable, "-m", "bench.pages", "--folder", str(folder), "--page", str(page)]
    environ = {**os.environ, "PYTHONPATH": f"{PROJECT_DIR / 'extract'}{os.pathsep}{PROJECT_DIR / 'tests'}"}
    small = ["--tasks", "400", "--repeat", "1", "--seconds", "0.1"]
    subprocess.run([*command, *small], env=environ, check=True, timeout=300)
    text = page.read_text()
    assert text.startswith("before\n<!-- pages")
    assert text.endswith("writes -->\nafter\n")
    assert "480 tasks in a file of" in text, "each of the 240 is there twice"
    for dashboard in load_dashboards(PROJECT_DIR / "www" / "dashboards").values():
        for tab in dashboard.tabs:
            name = f"{dashboard.slug}: {tab.name}" if tab.name else dashboard.slug
            assert f"| {name} | " in text
