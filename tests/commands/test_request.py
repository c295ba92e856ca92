"""`dddcli request`: any method, every page, three forms; and never a write by accident."""

import csv
import io
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_line import dddcli_here as dddcli
from command_line import environment, the_one_line
from ddd.demo import DocumentStore
from ddd.phab import Conduit
from ddd.tabular import flatten, printable, rows_of
from phab.loopback import Answer, Loopback, Request, failure, page, success


def rows_in(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_page_is_printed_as_the_server_sent_it(tmp_path: Path, server: dict[str, str]) -> None:
    params = {"constraints": {"ids": [1, 2]}, "attachments": {"columns": True}}
    body = Conduit(server["CONDUIT_URL"], server["CONDUIT_TOKEN"]).call_bytes("maniphest.search", params)
    said = dddcli(tmp_path, "request", "maniphest.search", json.dumps(params), **server)
    assert (said.returncode, said.stderr) == (0, "")
    assert json.loads(said.stdout) == json.loads(body)["result"]
    assert all(row in body.decode() for row in said.stdout[9:-2].split(",\n"))


def test_every_page_is_one_answer(tmp_path: Path, server: dict[str, str], store: DocumentStore) -> None:
    said = dddcli(tmp_path, "request", "maniphest.search", "-", "--all", stdin='{"limit": 50}', **server)
    result = json.loads(said.stdout)
    ids = [row["id"] for row in result["data"]]
    assert sorted(ids) == sorted(store.tasks)
    assert len(ids) > 4 * 50
    assert {"data", "maps", "query", "cursor"} <= set(result)


def test_rows_become_csv_with_dotted_columns(
    tmp_path: Path, server: dict[str, str], store: DocumentStore
) -> None:
    params = '{"attachments": {"columns": true}, "order": "oldest", "limit": 7}'
    said = dddcli(tmp_path, "request", "maniphest.search", params, "--format", "csv", **server)
    rows = rows_in(said.stdout)
    assert [int(row["id"]) for row in rows] == sorted(store.tasks)[:7]
    for row in rows:
        fields = store.tasks[int(row["id"])].fields
        assert row["fields.name"] == fields["name"]
        assert row["fields.status.value"] == fields["status"]["value"]
    boards = json.loads(
        next(row["attachments.columns.boards"] for row in rows if row["attachments.columns.boards"])
    )
    assert all(board.startswith("PHID-PROJ-") for board in boards)


def test_columns_can_be_chosen(tmp_path: Path, server: dict[str, str]) -> None:
    arguments = ("request", "maniphest.search", '{"limit": 2}', "--format", "csv", "--columns")
    said = dddcli(tmp_path, *arguments, "fields.name, id", **server)
    assert said.stdout.splitlines()[0] == "fields.name,id"
    assert "There is no column nonsense" in the_one_line(dddcli(tmp_path, *arguments, "nonsense", **server))


def test_a_map_of_objects_is_a_table_with_its_keys(tmp_path: Path, server: dict[str, str]) -> None:
    arguments = ("request", "phid.lookup", '{"names": ["T1", "T2"]}', "--format", "table")
    lines = dddcli(tmp_path, *arguments, **server).stdout.splitlines()
    assert lines[0].split()[:2] == ["key", "phid"]
    assert [line.split()[0] for line in lines[2:]] == ["T1", "T2"]


def test_nothing_found_says_so(tmp_path: Path, server: dict[str, str]) -> None:
    said = dddcli(
        tmp_path, "request", "phid.query", '{"phids": ["PHID-TASK-none"]}', "--format", "table", **server
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "No rows.\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"limit": 5', "line 1, column 12"),
        ("limit=5", "not JSON"),
        ("[1]", "not an object"),
        ('{"limit": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_parameters_that_make_no_sense_are_one_line(tmp_path: Path, text: str, words: str) -> None:
    line = the_one_line(dddcli(tmp_path, "request", "maniphest.search", "-", stdin=text))
    assert words in line
    assert "single quotes" in line


def test_a_write_is_sent_only_if_meant_and_only_once(tmp_path: Path) -> None:
    with Loopback(lambda request: Answer(b"<title>Setup Error</title>", 500, "text/html")) as broken:
        environ = {"CONDUIT_URL": broken.url, "CONDUIT_TOKEN": "api-commands"}
        arguments = ("request", "maniphest.edit", '{"transactions": []}')
        assert "--write" in the_one_line(dddcli(tmp_path, *arguments, **environ))
        assert broken.methods == []
        assert "HTTP 500" in the_one_line(dddcli(tmp_path, *arguments, "--write", **environ))
        assert broken.methods == ["maniphest.edit"]


def test_goes_on_where_a_page_ended_with_a_task_that_is_gone(tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        pages = {
            None: page([{"id": 1}, {"id": 2}], after="2"),
            "2": failure("ERR-CONDUIT-CORE", 'Cursor "2" does not identify a valid object in query "X".'),
            "1": page([{"id": 3}]),
        }
        return pages[request.params.get("after")]

    with Loopback(answer) as edited:
        environ = {"CONDUIT_URL": edited.url, "CONDUIT_TOKEN": "api-commands"}
        said = dddcli(tmp_path, "request", "maniphest.search", "--all", **environ)
    assert [row["id"] for row in json.loads(said.stdout)["data"]] == [1, 2, 3]


def test_half_a_character_ends_no_command(tmp_path: Path) -> None:
    body = rb'{"result":{"data":[{"id":1,"name":"\ud83d"}],"cursor":{"after":null}},"error_code":null}'
    with Loopback(lambda request: Answer(body)) as odd:
        environ = {"CONDUIT_URL": odd.url, "CONDUIT_TOKEN": "api-commands"}
        for output_format in ("json", "csv", "table"):
            said = dddcli(tmp_path, "request", "maniphest.search", "--format", output_format, **environ)
            assert said.returncode == 0, said.stderr
            assert r"\ud" in said.stdout


def test_without_a_server_the_demo_is_asked_and_says_so(tmp_path: Path) -> None:
    demo = {"DDD_DEMO": "1", "DDD_DEMO_TASKS": "60", "DDD_DEMO_END": "2026-01-31"}
    said = dddcli(tmp_path, "request", "user.whoami", **demo)
    assert json.loads(said.stdout)["userName"]
    assert "SIMULATED" in said.stderr
    assert not (tmp_path / "data").exists()


def test_a_server_that_echoes_the_token_does_not_make_us_print_it(tmp_path: Path) -> None:
    token = "api-abcdefghijklmnopqrstuvwxyz12"
    with Loopback(lambda request: success({"note": f"my token is {token}"})) as echoing:
        said = dddcli(tmp_path, "request", "user.whoami", CONDUIT_URL=echoing.url, CONDUIT_TOKEN=token)
    assert "my token is" in said.stdout
    assert token not in said.stdout + said.stderr


def test_what_a_table_makes_of_every_shape() -> None:
    assert rows_of({"a": [{"x": 1}, {"x": 2}], "b": [{"x": 3}]}) == [
        {"key": "a", "x": 1}, {"key": "a", "x": 2}, {"key": "b", "x": 3},
    ]  # fmt: skip
    assert rows_of(["a", "b"]) == [{"value": "a"}, {"value": "b"}]
    assert rows_of({"name": "x", "roles": ["admin"]}) == [{"name": "x", "roles": ["admin"]}]
    assert rows_of(None) == rows_of([]) == rows_of({}) == []
    assert flatten({"a": {"b": {"c": None}, "d": []}, "e": ["x", 1], "f": ["x,y"], "g": [{"h": 1}]}) == {
        "a.b.c": None, "e": "x, 1", "f": '["x,y"]', "g": '[{"h": 1}]',
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_nothing_printed_can_move_the_cursor_or_turn_the_text(text: str) -> None:
    shown = printable(text)
    assert not any(one in shown for one in "\x1b\x07\x08\r\x7f\x9b\u202e\u2066\u200f")
    if text.isprintable():
        assert shown == text


def test_interrupted_says_so_and_is_status_130(tmp_path: Path) -> None:
    asked = threading.Event()

    def never(request: Request) -> Answer:
        asked.set()
        return Answer(is_silent=True)

    with Loopback(never) as silent:
        environ = environment(tmp_path, CONDUIT_URL=silent.url, CONDUIT_TOKEN="api-commands")
        arguments = [sys.executable, "-m", "ddd.cli", "request", "user.whoami"]
        # a shell that runs the tests in the background lets its children ignore Ctrl+C
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(arguments, env=environ, stderr=subprocess.PIPE, text=True)
        finally:
            signal.signal(signal.SIGINT, before)
        try:
            assert asked.wait(timeout=30)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert errors == "dddcli: interrupted; what was fetched is kept for the next run\n"


def test_a_pipe_that_is_closed_early_is_no_trouble(tmp_path: Path, server: dict[str, str]) -> None:
    command = f"{sys.executable} -m ddd.cli request maniphest.search --all | head -c 9"
    done = subprocess.run(
        ["bash", "-c", command],
        env=environment(tmp_path, **server),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ('{"data":[', "")
