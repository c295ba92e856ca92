"""What is written down of a run: its history, its log, and that only one runs at a time."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from command_line import dddcli, dddcli_here, environment
from ddd.errors import DataError, WarehouseError
from ddd.history import KEPT, History
from ddd.journal import recorded
from ddd.refresh_status import read_status
from ddd.settings import DEMO_SITE, PROJECT_DIR, Settings

TOKEN = "api-abcdefghijklmnopqrstuvwxyz12"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(site=DEMO_SITE, data_dir=tmp_path / "data", www_dir=tmp_path / "www")


def test_a_run_is_remembered_with_its_steps(settings: Settings) -> None:
    with recorded(settings, "refresh", is_refresh=True) as journal:
        with journal.step("extract one") as facts:
            facts["requests_count"] = 7
        with pytest.raises(DataError), journal.step("extract two"):
            raise DataError("The server is on fire", "Put it out")
    (run,) = History(settings.runs_path).newest(5)
    assert (run.command, run.outcome, run.message) == ("refresh", "incomplete", None)
    assert [(step.step, step.outcome, step.message) for step in run.steps] == [
        ("extract one", "complete", None),
        ("extract two", "failed", "The server is on fire. Put it out"),
    ]
    assert run.steps[0].facts == {"requests_count": 7}
    assert run.finished_at
    assert run.started_at <= run.steps[0].started_at <= run.finished_at
    status = read_status(settings.www_dir)
    assert status is not None
    assert status.last_failure is not None
    assert status.last_failure.failed_steps == ("extract two",)
    public = (settings.www_dir / "refresh_status.json").read_text()
    assert "fire" not in public  # what went wrong may name private things


@pytest.mark.parametrize(
    ("error", "outcome"), [(DataError("No", "x"), "failed"), (KeyboardInterrupt(), "interrupted")]
)
def test_how_a_run_ends_is_what_ended_it(settings: Settings, error: BaseException, outcome: str) -> None:
    with pytest.raises(type(error)), recorded(settings, "build") as journal, journal.step("build"):
        raise error
    (run,) = History(settings.runs_path).newest(1)
    assert run.outcome == run.steps[0].outcome == outcome
    assert read_status(settings.www_dir) is None  # pages are told of refreshes only


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        duckdb.IOException("IO Error: Could not write file: No space left"),
    ],
)
def test_a_full_disk_is_told_in_one_line(settings: Settings, error: Exception) -> None:
    with (
        pytest.raises(
            WarehouseError, match=r"The step extract could not write in .*No space left.*Make room"
        ),
        recorded(settings, "extract") as journal,
        journal.step("extract"),
    ):
        raise error


def test_an_error_of_ours_is_not_hidden(settings: Settings) -> None:
    with pytest.raises(FileNotFoundError), recorded(settings, "extract") as journal, journal.step("extract"):
        (settings.data_dir / "no such file").read_text()


def test_a_run_that_was_killed_is_called_so_by_the_next_one(settings: Settings) -> None:
    settings.site_dir.mkdir(parents=True)
    history = History(settings.runs_path)
    killed = history.begin("refresh", "demo", datetime.now(UTC))
    history.begin_step(killed, "build", datetime.now(UTC))
    with recorded(settings, "refresh"):
        pass
    later, before = history.newest(5)
    assert (later.outcome, before.outcome, before.steps[0].outcome) == (
        "complete",
        "interrupted",
        "interrupted",
    )


def test_what_is_older_than_a_year_is_forgotten(settings: Settings) -> None:
    settings.site_dir.mkdir(parents=True)
    history, now = History(settings.runs_path), datetime.now(UTC)
    for age in (KEPT + timedelta(days=1), KEPT - timedelta(days=1)):
        history.begin_step(history.begin("refresh", "demo", now - age), "build", now - age)
    history.begin("refresh", "demo", now)
    assert [run.run_id for run in history.newest(9)] == [3, 2]
    with sqlite3.connect(settings.runs_path) as file:
        assert file.execute("select count(*) from steps").fetchone() == (1,)
    file.close()


def test_a_history_that_cannot_be_written_stops_nobody(settings: Settings) -> None:
    settings.site_dir.mkdir(parents=True)
    settings.runs_path.write_bytes(b"this is no database" * 100)
    with recorded(settings, "build") as journal, journal.step("build"):
        done = True
    assert done
    with pytest.raises(WarehouseError, match=r"runs\.db cannot be read"):
        History(settings.runs_path).newest(1)


def test_a_history_of_a_newer_version_is_left_alone(settings: Settings) -> None:
    settings.site_dir.mkdir(parents=True)
    with sqlite3.connect(settings.runs_path) as file:
        file.execute("pragma user_version = 99")
    file.close()
    before = settings.runs_path.read_bytes()
    with recorded(settings, "build"):
        pass
    assert settings.runs_path.read_bytes() == before
    with pytest.raises(WarehouseError, match=r"layout 99, this Data³ knows 1\. Use the newer"):
        History(settings.runs_path).newest(1)


HOLD = (
    "import sys; from pathlib import Path; from ddd.journal import recorded;"
    "from ddd.settings import DEMO_SITE, Settings;"
    "here = Path(sys.argv[1]);"
    "settings = Settings(site=DEMO_SITE, data_dir=here / 'data', www_dir=here / 'www');"
    "journal = recorded(settings, 'refresh', is_refresh=True); journal.__enter__();"
    "print('held', flush=True); sys.stdin.read()"
)


@pytest.mark.parametrize("command", ["refresh", "extract", "build", "export"])
def test_a_second_process_is_refused_and_harms_nothing(tmp_path: Path, command: str) -> None:
    demo = {"DDD_DEMO": "1", "DDD_DEMO_TASKS": "60"}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        env=environment(tmp_path, **demo), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as first:  # fmt: skip
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        second = dddcli(tmp_path, command, **demo)
        assert second.returncode == 75
        assert f"is being refreshed by process {first.pid} since" in second.stderr
        listed = json.loads(dddcli_here(tmp_path, "runs", "--format", "json", **demo).stdout)
        assert [(one["command"], one["outcome"]) for one in listed] == [("refresh", "running")]
        first.kill()
    listed = json.loads(dddcli_here(tmp_path, "runs", "--format", "json", **demo).stdout)
    assert [one["outcome"] for one in listed] == ["interrupted"]
    free = dddcli_here(tmp_path, "export", **demo)  # the lock has gone with its holder
    assert (free.returncode, "Run `dddcli build` first" in free.stderr) == (1, True)


def log_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_line_of_the_log_is_an_object_and_none_has_the_token(tmp_path: Path) -> None:
    nowhere = {"CONDUIT_URL": "http://127.0.0.1:1/api/", "CONDUIT_TOKEN": TOKEN}
    said = dddcli(tmp_path, "--log-format", "json", "refresh", **nowhere)
    assert said.returncode == 1
    lines = log_of(said.stderr)
    assert [line["event"] for line in lines] == [
        "run started", "step started", "step failed", "run finished", "command failed",
    ]  # fmt: skip
    assert [line["run_id"] for line in lines[:4]] == [1, 1, 1, 1]
    assert lines[2]["step"] == "extract phabricator"
    assert "connection refused" in str(lines[2]["message"]).lower()
    assert (lines[3]["outcome"], lines[3]["level"]) == ("failed", "error")
    assert lines[4]["exit_status"] == 1
    assert all(datetime.fromisoformat(str(line["time"])).tzinfo for line in lines)
    assert TOKEN not in said.stdout + said.stderr
    assert TOKEN.encode() not in (tmp_path / "data" / "127.0.0.1-1" / "runs.db").read_bytes()
    table = dddcli_here(tmp_path, "runs", **nowhere).stdout
    assert "failed" in table
    assert "extract phabricator" in table


def test_whatever_is_written_to_standard_error_is_an_object_too() -> None:
    program = (
        "import sys, logging; from ddd import logs; logs.configure('json'); logs.hide('secret of mine');"
        "logging.getLogger('uvicorn').warning('slow %s', 'client'); print('half', end='', file=sys.stderr);"
        f"print(' a line with {TOKEN} and secret of mine', file=sys.stderr); raise ValueError('so\\nbroken')"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PROJECT_DIR / "extract")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = log_of(said.stderr)
    assert (lines[0]["logger"], lines[0]["level"], lines[0]["message"]) == (
        "uvicorn",
        "warning",
        "slow client",
    )
    assert lines[1]["message"] == "half a line with api-[hidden] and [hidden]"
    assert lines[-1]["message"] == "broken"
