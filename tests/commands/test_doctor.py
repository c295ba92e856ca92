"""`dddcli doctor`: every ailment that it knows, brought about on purpose."""

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from command_line import dddcli as dddcli_process
from command_line import dddcli_here as dddcli
from ddd.access import site_lock
from ddd.demo import DocumentStore, organisation_store, serve, simulate
from ddd.segments import Document, Rejected, Segment, write_segment
from ddd.settings import Settings, Site, site_name
from ddd.warehouse import LAYOUT_VERSION, Documents, StreamRun
from phab.loopback import Answer, Loopback, success

TOKEN = "api-abcdefghijklmnopqrstuvwxyz12"
NOWHERE = "http://127.0.0.1:1/api/"


@pytest.fixture
def ill(tmp_path: Path) -> Iterator[tuple[DocumentStore, dict[str, str]]]:
    """A server of its own, to be made ill."""
    store = organisation_store(simulate(1, date(2026, 1, 31), 60))
    store.token, store.clock = TOKEN, lambda: datetime.now(UTC)
    with serve(store) as url:
        yield store, {"CONDUIT_URL": url, "CONDUIT_TOKEN": TOKEN}


def findings(home: Path, status: int, **environ: str) -> dict[tuple[str, str], dict[str, Any]]:
    said = dddcli(home, "doctor", "--format", "json", **environ)
    assert said.returncode == status, said
    assert "Traceback" not in said.stderr
    assert environ.get("CONDUIT_TOKEN", "no token") not in said.stdout + said.stderr
    listed = json.loads(said.stdout)
    assert (listed["state"] == "problem") == (status == 1)
    for one in listed["findings"]:
        assert bool(one["remedy"]) == (one["state"] != "ok"), one
    return {(one["area"], one["subject"]): one for one in listed["findings"]}


def offline(home: Path) -> Settings:
    return Settings(Site(site_name(NOWHERE), NOWHERE, TOKEN), data_dir=home / "data", www_dir=home / "www")


def fetched(settings: Settings, finished: datetime, *, reject: bool = False) -> None:
    """A warehouse with one complete run that ended at a time."""
    folder = settings.segments_dir / "landed"
    folder.mkdir(parents=True)
    rejected = [Rejected("tasks", "7", "", "The server cannot give T7: it is on fire")] if reject else []
    write_segment(folder, "all", Segment("tasks", [Document("1", b'{"id":1}', 1)], rejected), finished)
    with Documents(settings, "phabricator", ("tasks",)) as documents:
        documents.land(folder, 1)
        documents.record([StreamRun(1, "phabricator", "tasks", "full", finished, finished, None, 1, 1, 8)])
        documents.connection.execute("update raw.runs set finished_at = ?", [finished.replace(tzinfo=None)])
    folder.rmdir()


def test_a_healthy_server_and_no_data_yet(tmp_path: Path, ill: tuple[DocumentStore, dict[str, str]]) -> None:
    _, environ = ill
    found = findings(tmp_path, 0, **environ)
    assert found["server", "token"]["text"].endswith("a bot")
    assert found["server", "clock"]["text"].startswith("differs from ours by")
    assert found["server", "methods"]["state"] == found["server", "history"]["state"] == "ok"
    assert "tells column moves" in found["server", "history"]["text"]
    assert found["warehouse", "folder"]["remedy"] == "Run `dddcli refresh`"
    assert found["versions", "duckdb"]["text"] == duckdb.__version__


def test_an_older_server_is_recognised_by_what_it_leaves_out(
    tmp_path: Path, ill: tuple[DocumentStore, dict[str, str]]
) -> None:
    store, environ = ill
    store.is_old_server = True
    history = findings(tmp_path, 0, **environ)["server", "history"]
    assert history["state"] == "ok"
    assert "does not tell column moves" in history["text"]


@pytest.mark.parametrize(
    ("roles", "state", "status"),
    [(["agent"], "ok", 0), (["admin", "activated"], "warning", 0), (["disabled"], "problem", 1)],
)
def test_whose_token_it_is(
    tmp_path: Path, ill: tuple[DocumentStore, dict[str, str]], roles: list[str], state: str, status: int
) -> None:
    store, environ = ill
    store.whoami = json.dumps({"userName": "kim", "realName": "Kim", "roles": roles}).encode()
    assert findings(tmp_path, status, **environ)["server", "token"]["state"] == state


def test_a_token_that_the_server_refuses_is_not_shown(
    tmp_path: Path, ill: tuple[DocumentStore, dict[str, str]]
) -> None:
    _, environ = ill
    wrong = "api-wrongwrongwrongwrongwrongwro"
    found = findings(tmp_path, 1, **{**environ, "CONDUIT_TOKEN": wrong})
    assert found["server", "connection"]["state"] == "ok"
    assert found["server", "token"]["state"] == "problem"


@pytest.mark.parametrize(
    ("answer", "subject", "words"),
    [
        (success([1]), "connection", "unknown shape"),
        (success({"data": [{"id": 1}]}), "abilities", "unknown shape"),
        (Answer(b"<title>Login</title>", 200, "text/html"), "connection", "is not a Conduit API"),
        (Answer(b"<title>Setup Error</title>", 500, "text/html"), "connection", "HTTP 500"),
    ],
    ids=["a list", "a page", "a web page", "a broken server"],
)
def test_something_else_than_a_server(tmp_path: Path, answer: Answer, subject: str, words: str) -> None:
    with Loopback(lambda request: answer) as other:
        found = findings(tmp_path, 1, CONDUIT_URL=other.url, CONDUIT_TOKEN=TOKEN)
    assert found["server", subject]["state"] == "problem"
    assert words in found["server", subject]["text"]


def test_a_clock_that_is_an_hour_ahead(tmp_path: Path, ill: tuple[DocumentStore, dict[str, str]]) -> None:
    store, environ = ill
    store.clock = lambda: datetime.now(UTC) + timedelta(hours=1)
    clock = findings(tmp_path, 0, **environ)["server", "clock"]
    assert clock["state"] == "warning"
    assert "ahead of ours" in clock["text"]
    assert 3_590 <= float(clock["text"].split()[0].replace(",", "")) <= 3_610


def test_nothing_that_may_be_published(tmp_path: Path, ill: tuple[DocumentStore, dict[str, str]]) -> None:
    _, environ = ill
    tasks = findings(tmp_path, 0, DDD_EXPORT_POLICIES="PHID-PLCY-nobody", **environ)["server", "tasks"]
    assert tasks["state"] == "warning"
    assert "DDD_EXPORT_POLICIES" in tasks["remedy"]


def test_without_network_everything_else_is_still_looked_at(tmp_path: Path) -> None:
    fetched(offline(tmp_path), datetime.now(UTC))
    found = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)
    assert "connection refused" in found["server", "connection"]["text"]
    assert found["warehouse", "documents"]["state"] == "ok"
    assert f"layout {LAYOUT_VERSION}" in found["warehouse", "documents"]["text"]
    assert found["warehouse", "tasks"]["state"] == "ok"
    assert found["warehouse", "tasks"]["text"] == "last complete run just now: tasks"


def test_no_server_at_all(tmp_path: Path) -> None:
    found = findings(tmp_path, 1)
    assert "CONDUIT_URL" in found["settings", "site"]["remedy"]
    assert ("versions", "dbt-core") in found


def test_the_demo_is_well(tmp_path: Path) -> None:
    found = findings(tmp_path, 0, DDD_DEMO="1")
    assert "simulated" in found["settings", "site"]["text"]
    assert {one["state"] for (area, _), one in found.items() if area in {"settings", "server"}} == {"ok"}


def test_a_warehouse_that_has_seen_better_days(tmp_path: Path) -> None:
    settings = offline(tmp_path)
    fetched(settings, datetime.now(UTC) - timedelta(days=5), reject=True)
    (settings.segments_dir / "run-00000002").mkdir()
    (settings.segments_dir / "run-00000002" / "tasks.1.parquet").write_bytes(b"x" * 2_000_000)
    settings.warehouse_path.write_text("this is no database")
    found = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)
    assert found["warehouse", "tasks"]["text"] == "last complete run 5 days ago: tasks"
    assert "T7: it is on fire" in found["warehouse", "quarantine"]["text"]
    assert found["warehouse", "interrupted runs"]["text"] == "1, with 2.0 MB fetched"
    assert found["warehouse", "models"]["state"] == "problem"


def test_how_long_ago_somebody_looked_for_what_is_gone(tmp_path: Path) -> None:
    settings, now = offline(tmp_path), datetime.now(UTC)
    fetched(settings, now)
    never = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)["warehouse", "sweep"]
    assert (never["state"], never["text"]) == ("warning", "nobody has ever looked for what is gone")
    for days, state in ((5, "warning"), (1, "ok")):
        began = now - timedelta(days=days)
        with Documents(settings, "phabricator", ("tasks",)) as documents:
            sweep = StreamRun(9 - days, "phabricator", "sweep", "incremental", began, began, None, 1, 1, 8)
            documents.record([sweep])
        found = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)["warehouse", "sweep"]
        assert found["state"] == state
    late = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN, DDD_SWEEP_HOURS="96")
    assert late["warehouse", "sweep"]["state"] == "ok"


def test_a_warehouse_of_a_newer_version(tmp_path: Path) -> None:
    settings = offline(tmp_path)
    fetched(settings, datetime.now(UTC))
    with duckdb.connect(str(settings.documents_path)) as documents:
        documents.execute("insert into raw.layout values (999)")
    found = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)
    assert found["warehouse", "documents"]["state"] == "problem"
    assert "999" in found["warehouse", "documents"]["text"]


def test_somebody_is_at_work(tmp_path: Path) -> None:
    settings = offline(tmp_path)
    fetched(settings, datetime.now(UTC))
    with site_lock(settings), duckdb.connect(str(settings.documents_path)):
        said = dddcli_process(
            tmp_path, "doctor", "--format", "json", CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN
        )
    found = {(one["area"], one["subject"]): one for one in json.loads(said.stdout)["findings"]}
    assert f"process {os.getpid()}" in found["warehouse", "lock"]["text"]
    assert found["warehouse", "documents"]["state"] == "warning"


def published(settings: Settings, **about: object) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = {
        "site_name": settings.site.name, "site_url": NOWHERE, "is_demo": 0, "as_of": now, "exported_at": now,
        "export_policies": '["public"]', **about,
    }  # fmt: skip
    settings.www_dir.mkdir(exist_ok=True)
    with sqlite3.connect(settings.metrics_path) as file:
        file.execute(f"create table about ({', '.join(row)})")
        file.execute(f"insert into about values ({', '.join('?' * len(row))})", list(row.values()))
        file.execute("create table catalog_models (model_name)")
        file.execute("create table catalog_columns (model_name, position)")
    file.close()


@pytest.mark.parametrize(
    ("about", "subject", "state", "words"),
    [
        ({}, "metrics.db", "ok", "as of just now"),
        ({"site_name": "other.example.org"}, "metrics.db", "warning", "other.example.org"),
        ({"as_of": "2020-01-01T00:00:00Z"}, "metrics.db", "warning", "days ago"),
        ({"export_policies": '["public", "users"]'}, "policies", "warning", "public, users"),
    ],
)
def test_what_is_published(
    tmp_path: Path, about: dict[str, object], subject: str, state: str, words: str
) -> None:
    published(offline(tmp_path), **about)
    found = findings(tmp_path, 1, CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)["published", subject]
    assert found["state"] == state
    assert words in found["text"]


def test_people_get_a_table_with_remedies(tmp_path: Path) -> None:
    said = dddcli(tmp_path, "doctor", CONDUIT_URL=NOWHERE, CONDUIT_TOKEN=TOKEN)
    assert said.returncode == 1
    assert "→ Check CONDUIT_URL and your network" in said.stdout
    assert said.stdout.splitlines()[-1].startswith("1 problem and ")
