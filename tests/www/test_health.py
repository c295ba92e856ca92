"""What monitoring and people are told when the data are old or a refresh failed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ddd.health import age_text, as_json, health_of
from ddd.published import About
from ddd.refresh_status import FILE_NAME, Attempt, RefreshStatus, StatusFile, read_status
from www.running import served

SITE = "phabricator.example.org"
ABOUT = About(SITE, "https://phabricator.example.org/", False, "2026-11-18T09:30:00Z", "2026-11-18T09:33:00Z")
NOW = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
BEFORE, AFTER = "2026-11-18T09:32:00Z", "2026-11-19T03:01:00Z"


def failed(outcome: Any, finished_at: str | None, *steps: str) -> RefreshStatus:
    attempt = Attempt(finished_at or AFTER, outcome, finished_at, steps)
    return RefreshStatus(SITE, attempt, attempt)


@pytest.mark.parametrize(
    ("status", "later", "state", "notice"),
    [
        (None, timedelta(0), "ok", ""),
        (None, timedelta(days=2), "stale", "These data are 3 days old. No refresh has come through since."),
        (
            failed("failed", AFTER, "build"), timedelta(0), "failed",
            "The last refresh failed (2026-11-19 03:01 UTC, step build). "
            "What is shown is of 2026-11-18 09:30 UTC.",
        ),
        (
            failed("failed", AFTER, "build"), timedelta(days=2), "stale",
            "These data are 3 days old. The last refresh failed (2026-11-19 03:01 UTC, step build).",
        ),
        (
            failed("incomplete", AFTER, "extract gerrit"), timedelta(0), "failed",
            "The last refresh (2026-11-19 03:01 UTC) did not get everything: extract gerrit failed.",
        ),
        (
            failed("interrupted", None), timedelta(0), "failed",
            "A refresh that began 2026-11-19 03:01 UTC was interrupted. "
            "What is shown is of 2026-11-18 09:30 UTC.",
        ),
        (failed("failed", BEFORE, "build"), timedelta(0), "ok", ""),
        (replace(failed("failed", AFTER, "build"), site_name="demo"), timedelta(0), "ok", ""),
        (replace(failed("failed", BEFORE), stale_after_hours=12), timedelta(0), "stale",
         "These data are 24 hours old. No refresh has come through since."),
    ],
    ids=["well", "old", "failed", "failed and old", "one source failed", "killed", "published since",
         "of another site", "a threshold of one's own"],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(
    status: RefreshStatus | None, later: timedelta, state: str, notice: str
) -> None:
    health = health_of({"metrics": ABOUT}, status, NOW + later)
    assert (health.state, health.notice) == (state, notice)


def test_simulated_data_have_no_age_and_nothing_published_is_an_alarm() -> None:
    demo = replace(ABOUT, is_demo=True)
    assert health_of({"metrics": demo}, None, NOW + timedelta(days=999)).state == "ok"
    assert health_of({}, None, NOW).state == "empty"
    assert as_json(health_of({}, None, NOW), {})["ok"] is False


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=26), "26 hours"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_ages_are_said_in_their_greatest_unit(age: timedelta, text: str) -> None:
    assert age_text(age) == text


def test_a_killed_refresh_is_noticed_by_the_next_one(tmp_path: Path) -> None:
    StatusFile(tmp_path, SITE).begin(NOW)
    killed = read_status(tmp_path)
    assert killed is not None
    assert killed.last_refresh == Attempt("2026-11-19T09:30:00Z", "running")
    second = StatusFile(tmp_path, SITE)
    second.begin(NOW + timedelta(hours=1))
    second.end("complete", (), NOW + timedelta(hours=2))
    status = read_status(tmp_path)
    assert status is not None
    assert status.last_failure == Attempt("2026-11-19T09:30:00Z", "interrupted")
    assert status.last_refresh == Attempt("2026-11-19T10:30:00Z", "complete", "2026-11-19T11:30:00Z")
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"site_name": 1, "stale_after_hours": []}', "\x00"])
def test_a_damaged_status_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    assert read_status(tmp_path) is None


@pytest.fixture(scope="module")
def real(trains_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A server of published data that are no demo, of now; its folder and address."""
    folder = tmp_path_factory.mktemp("health")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for path in trains_dir.glob("*.db"):
        shutil.copy(path, folder)
        with sqlite3.connect(folder / path.name) as file:
            file.execute("update about set as_of = ?, exported_at = ?", [now, now])
        file.close()
    with served(folder, "--public") as address:
        yield folder, address


PAGES = ["/", "/-/ddd/", "/-/ddd/workflow", "/-/ddd/data-quality", "/metrics", "/metrics/tasks", "/nothing"]


def test_pages_and_monitoring_say_the_same(real: tuple[Path, str]) -> None:
    folder, address = real
    site = httpx.get(f"{address}/-/ddd/health.json").json()["site_name"]
    well = httpx.get(f"{address}/-/ddd/health.json")
    assert (well.status_code, well.json()["state"]) == (200, "ok")
    assert well.headers["cache-control"] == "no-store"
    assert well.json()["files"].keys() == {"metrics", "train"}
    assert 0 <= well.json()["age_seconds"] < 3600
    status = StatusFile(folder, site)
    status.begin(datetime.now(UTC))
    status.end("failed", ("build",), datetime.now(UTC) + timedelta(seconds=2))
    answer = httpx.get(f"{address}/-/ddd/health.json")
    found = answer.json()
    assert (answer.status_code, found["state"]) == (200, "failed")
    assert found["last_failure"]["failed_steps"] == ["build"]
    for path in PAGES:
        assert found["notice"] in httpx.get(address + path, follow_redirects=True).text, path
    assert str(folder) not in answer.text


def test_old_data_are_an_alarm(real: tuple[Path, str], trains_dir: Path) -> None:
    del real
    with served(trains_dir) as address:  # of some day in the past
        answer = httpx.get(f"{address}/-/ddd/health.json")
        assert answer.status_code == 503
        assert json.loads(answer.text)["state"] == "stale"
        assert "days old" in httpx.get(f"{address}/-/ddd/").text
