"""What a person sees when something is wrong: one line that says what to do, exit 1, nothing lost."""

import os
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import command_line
from command_line import dddcli
from ddd.segments import Document, Segment, write_segment
from ddd.settings import Settings, Site, site_name
from ddd.warehouse import Documents
from servers import answering
from test_warehouse import NOON

TOKEN = "api-abcdefghijklmnopqrstuvwxyz12"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def the_one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert TOKEN not in done.stdout + done.stderr
    return command_line.the_one_line(done)


def existing_warehouse(home: Path, url: str) -> Settings:
    settings = Settings(Site(site_name(url), url, TOKEN), data_dir=home / "data")
    folder = settings.segments_dir / "landed"
    folder.mkdir(parents=True)
    write_segment(folder, "all", Segment("tasks", [Document("1", b'{"id":1}', 1)]), NOON)
    with Documents(settings, "phabricator", ("tasks",)) as documents:
        documents.land(folder, 1)
    return settings


def is_intact(settings: Settings) -> bool:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute("select document from raw.phabricator_tasks").fetchall() == [('{"id":1}',)]


def test_no_server_and_no_demo_wanted(home: Path) -> None:
    line = the_one_line(dddcli(home, "refresh"))
    assert "No server is configured" in line
    assert "Set CONDUIT_URL and CONDUIT_TOKEN" in line


def test_an_unreachable_server(home: Path) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/api/"
        settings = existing_warehouse(home, url)
        line = the_one_line(dddcli(home, "extract", CONDUIT_URL=url, CONDUIT_TOKEN=TOKEN))
    assert "127.0.0.1" in line
    assert is_intact(settings)


ENVELOPE = b'{"result":null,"error_code":"ERR-INVALID-AUTH","error_info":"API token \\"%s\\" is not valid."}'


@pytest.mark.parametrize(
    ("status", "content_type", "body", "words"),
    [
        (200, "application/json", ENVELOPE % TOKEN.encode(), "token"),
        (200, "text/html", b"<!DOCTYPE html><title>Login</title>Authentication Failure", "CONDUIT_URL"),
        (404, "text/html", b"<html>Not Found</html>", "CONDUIT_URL"),
    ],
    ids=["wrong token", "login page", "wrong path"],
)
def test_a_server_that_is_not_ours_to_use(
    status: int, content_type: str, body: bytes, words: str, home: Path
) -> None:
    with answering(status, content_type, body) as url:
        settings = existing_warehouse(home, url + "api/")
        line = the_one_line(dddcli(home, "extract", CONDUIT_URL=url, CONDUIT_TOKEN=TOKEN))
    assert words in line
    assert is_intact(settings)


def test_a_warehouse_that_another_program_has_open(home: Path) -> None:
    with answering(200, "application/json", b'{"result":{},"error_code":null,"error_info":null}') as url:
        settings = existing_warehouse(home, url + "api/")
        with duckdb.connect(str(settings.documents_path)):
            line = the_one_line(
                dddcli(home, "extract", CONDUIT_URL=url, CONDUIT_TOKEN=TOKEN, DDD_LOCK_WAIT_SECONDS="0")
            )
    assert f"open in process {os.getpid()}" in line
    assert is_intact(settings)


def test_a_folder_that_cannot_be_made(home: Path) -> None:
    (home / "data").write_text("a file, not a folder")
    with answering(200, "application/json", b"{}") as url:
        line = the_one_line(dddcli(home, "extract", CONDUIT_URL=url, CONDUIT_TOKEN=TOKEN))
    assert "DDD_DATA_DIR" in line
