"""Kill -9 during each step of a refresh, time and again: people read on, and then nothing is missing."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_line import dddcli, environment
from published_tables import DEMO, published

KILLS = int(os.environ.get("DDD_KILLS", "50"))
PAGES = ["/", "/-/ddd/", "/-/ddd/workflow", "/-/ddd/data-quality", "/metrics/tasks", "/train/trains"]
STEPS = {
    # step: command, the line of the log after which it is killed, and within how much of the usual time
    "extract": ("refresh", {"event": "step started", "step": "extract phabricator"}, 1.0),
    "extract others": ("refresh", {"event": "step started", "step": "extract gerrit"}, 1.0),
    "land": ("refresh", {"event": "landing"}, 0.3),
    "build": ("refresh", {"event": "step started", "step": "build"}, 1.0),
    "export": ("export", {"event": "step started", "step": "export"}, 1.0),
    "publish": ("export", {"event": "publishing"}, 0.02),
}
SHARES = [
    "extract",
    "land",
    "publish",
    "extract others",
    "export",
    "land",
    "build",
    "extract",
    "publish",
    "land",
]


def run_and_kill(home: Path, step: str, chance: random.Random, usual: dict[str, float]) -> str:
    """Run a command, and kill it at some moment of a step; the last line of its log is returned."""
    command, marker, share = STEPS[step]
    process = subprocess.Popen(
        [sys.executable, "-m", "ddd.cli", "--log-format", "json", command],
        env=environment(home, **DEMO), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    passes = chance.choice([0, 1, 2]) if step == "land" else 0
    last = ""
    timer: threading.Timer | None = None
    for line in process.stderr:
        if not line.startswith("{"):
            continue  # of a process that dbt has started, about its parent's end
        last = line
        found = json.loads(line)
        if timer is None and marker.items() <= found.items():
            if passes:
                passes -= 1
                continue
            seconds = chance.uniform(0, share * usual.get(str(marker.get("step")), 1.0))
            timer = threading.Timer(seconds, process.kill)
            timer.start()
    status = process.wait()
    if timer:
        timer.cancel()
    assert status in {0, -9}, last
    return "killed" if status == -9 else "done before"


def look_at_pages(address: str) -> None:
    """Everything answers, and all of it is of one export."""
    for path in PAGES:
        assert httpx.get(address + path, timeout=120).status_code == 200, path
    health = httpx.get(f"{address}/-/ddd/health.json", timeout=120).json()
    assert len({one["as_of"] for one in health["files"].values()}) == 1, health
    for database, table in (("metrics", "tasks"), ("train", "trains")):
        said = _rows(address, database, "catalog_models", f"&model_name={table}")[0]["rows_count"]
        assert len(_rows(address, database, table, "&_size=max")) == said


def _rows(address: str, database: str, table: str, more: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{address}/{database}/{table}.json?_shape=array{more}", timeout=120)
    rows: list[dict[str, Any]] = answer.json()
    return rows


def usual_seconds(home: Path) -> dict[str, float]:
    """How long each step took in the only run so far."""
    (run,) = json.loads(dddcli(home, "runs", "--format", "json", **DEMO).stdout)
    steps = sqlite3.connect(home / "data" / "demo" / "runs.db").execute(
        "select step, (julianday(finished_at) - julianday(started_at)) * 86400 from steps"
    )
    assert run["outcome"] == "complete"
    return dict(steps.fetchall())


@pytest.mark.proof
@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_kill_in_each_step_fifty_times(tmp_path: Path) -> None:
    chance = random.Random(7)
    undisturbed, home = tmp_path / "undisturbed", tmp_path / "mine"
    first = dddcli(undisturbed, "refresh", **DEMO)
    assert first.returncode == 0, first.stderr
    usual = usual_seconds(undisturbed)
    expected = published(undisturbed / "www")
    shutil.copytree(undisturbed, home, symlinks=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "ddd.cli", "serve", "--port", "0"],
        env=environment(home, **DEMO), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address
        threading.Thread(target=process.stdout.read, daemon=True).start()
        outcomes: list[tuple[str, str]] = []
        for number in range(KILLS):
            step = SHARES[number % len(SHARES)]
            if step == "land":  # everything is fetched again, else there would soon be nothing to land
                for path in (home / "data" / "demo").glob("documents.duckdb*"):
                    path.unlink()
            began = time.monotonic()
            outcomes.append((step, run_and_kill(home, step, chance, usual)))
            look_at_pages(address.group())
            sys.stderr.write(f"{number + 1} {outcomes[-1]} {time.monotonic() - began:.0f} s\n")
        assert sum(outcome == "killed" for _, outcome in outcomes) > KILLS * 0.7
        last = dddcli(home, "refresh", **DEMO)
        assert last.returncode == 0, last.stderr
        look_at_pages(address.group())
    finally:
        process.terminate()
        process.wait()
    found = published(home / "www")
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    site = home / "data" / "demo"
    assert not list(site.glob("segments*/run-*"))
    assert not (site / "building").exists()
    names = [path.name for path in (home / "www" / "exports").iterdir() if path.is_dir()]
    assert not [name for name in names if name.startswith(".")]
