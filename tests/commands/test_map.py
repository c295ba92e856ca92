"""`dddcli metrics map`: one project from the server, or histories from a file without any server."""

import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from command_line import dddcli as dddcli_process
from command_line import dddcli_here as dddcli
from command_line import the_one_line
from ddd.demo import DocumentStore, serve
from ddd.demo.endpoint import methods as endpoint_methods
from ddd.demo.endpoint.methods import Methods
from ddd.demo.endpoint.search import Query
from ddd.errors import AnswerFileError
from ddd.mapping import fetch_tasks
from ddd.mock import land_histories
from ddd.settings import MOCK_SITE, PROJECT_DIR, Settings, Site
from ddd.sources.phabricator.answer_file import read_answer_file
from recorded import SHARED_DIR, require_shared

TWO_TASKS = PROJECT_DIR / "tests" / "fixtures" / "histories_of_two_tasks.json"
TRAIN = SHARED_DIR / "conduit" / "train.transactions.json"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(MOCK_SITE, data_dir=tmp_path / "data", www_dir=tmp_path / "www")


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home where one file was mapped: our two tasks, and the train's where the recordings are there."""
    home = tmp_path_factory.mktemp("mapped")
    result = json.loads(TWO_TASKS.read_text())["result"]
    if TRAIN.exists():
        result |= json.loads(TRAIN.read_text())["result"]
    (home / "answer.json").write_text(json.dumps({"result": result}))
    # whatever the settings say of a server, it is not asked
    nowhere = {"CONDUIT_URL": "http://127.0.0.1:1/api/", "CONDUIT_TOKEN": "api-none"}
    said = dddcli_process(home, "metrics", "map", "--mock", str(home / "answer.json"), **nowhere)
    assert said.returncode == 0, said.stderr
    return home, said.stdout


def cells(said: str, task: str) -> list[str]:
    line = next(line for line in said.splitlines() if f"│ {task} " in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


@pytest.mark.proof
def test_a_file_becomes_published_figures(mapped: tuple[Path, str]) -> None:
    home, said = mapped
    assert cells(said, "T7") == ["T7", "Ship the übertrain 🚂", "5", "1", "2023-11-14", "", "2023-11-20"]
    assert cells(said, "T8") == ["T8", "Polish the rails", "1", "0", "2023-11-16", "", ""]
    with sqlite3.connect(home / "www" / "metrics.db") as published:
        assert published.execute("select site_name, is_demo, export_policies from about").fetchall() == [
            ("mock", 0, '["public", "unknown"]')
        ]
        tasks = published.execute("select task_id, is_closed from tasks where task_id < 10 order by task_id")
        assert tasks.fetchall() == [(7, 1), (8, 0)]
    published.close()


@pytest.mark.proof
def test_the_train_that_the_first_data3_names_as_its_example(mapped: tuple[Path, str]) -> None:
    require_shared()
    _, said = mapped
    task, title, transactions, edges, created, _, closed = cells(said, "T281158")
    assert (task, transactions, edges, closed) == ("T281158", "45", "7", "2021-08-08")
    assert title == "1.37.0-wmf.17 deployment blockers"
    assert created == "2021-04-26"


def test_rows_are_landed_as_they_stand_in_the_file_and_replaced_whole(settings: Settings) -> None:
    land_histories(settings, read_answer_file(TWO_TASKS))
    sql = "select document from raw.phabricator_transactions"
    documents = query(settings.documents_path, sql)
    assert len(documents) == 6
    assert all(str(document) in TWO_TASKS.read_text() for (document,) in documents)
    runs = "select distinct site_name, site_url, is_demo, mode, server_time_at from raw.runs"
    newest = datetime.fromtimestamp(1_700_500_000, UTC).replace(tzinfo=None)
    assert query(settings.documents_path, runs) == [("mock", "", False, "mock", newest)]

    land_histories(settings, read_answer_file(TWO_TASKS, task_ids=[8]))
    assert [json.loads(str(one))["taskID"] for (one,) in query(settings.documents_path, sql)] == ["8"]


def test_tasks_are_chosen_by_number_and_by_any_mention_of_a_project() -> None:
    assert read_answer_file(TWO_TASKS).task_ids == [7, 8]
    assert read_answer_file(TWO_TASKS, task_ids=[8, 9]).task_ids == [8]
    chosen = read_answer_file(TWO_TASKS, projects=["PHID-PROJ-trainstrainstrainst"])
    assert (chosen.task_ids, len(chosen.documents)) == ([7], 5)
    for unknown in ("#trains", "PHID-PROJ-anotheranotheranother"):
        everything = read_answer_file(TWO_TASKS, projects=[unknown])
        assert (everything.task_ids, everything.is_by_project) == ([7, 8], False)
    with pytest.raises(AnswerFileError, match="none of the tasks"):
        read_answer_file(TWO_TASKS, task_ids=[99])


def test_the_bare_result_is_as_good_as_the_envelope(tmp_path: Path) -> None:
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(json.loads(TWO_TASKS.read_text())["result"]))
    keys = {document.key for document in read_answer_file(bare).documents}
    assert keys == {document.key for document in read_answer_file(TWO_TASKS).documents}


def test_rows_that_cannot_be_read_are_quarantined_with_a_reason(tmp_path: Path, settings: Settings) -> None:
    answer = json.loads(TWO_TASKS.read_text())
    without_number = {"taskID": "8", "transactionType": "status"}
    without_task = {"transactionID": "9", "dateCreated": "5"}
    answer["result"]["8"] += [without_number, without_task]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer))
    land_histories(settings, read_answer_file(path))
    assert query(settings.documents_path, "select count(*) from raw.phabricator_transactions") == [(6,)]
    reasons = query(settings.documents_path, "select reason from raw.quarantine order by reason")
    assert len(reasons) == 2
    assert all(reason for (reason,) in reasons)


SEARCH_PAGE = '{"result": {"data": [{"id": 1}], "cursor": {"after": null}}, "error_code": null}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        ("", "is empty"),
        ("<!DOCTYPE html><title>Login</title>", "a web page"),
        ('{"result": {"1": [', "not JSON: .* line 1"),
        ("\x80", "not text in UTF-8"),
        (SEARCH_PAGE, "a page of some search"),
        ('{"result": {"userName": "kim"}}', "an object with userName"),
        ('{"result": null, "error_code": "ERR-BAD-IDS", "error_info": "token api-abcdefgh"}', "ERR-BAD-IDS"),
        ('{"result": [], "error_code": null}', "no histories"),
        ("[1, 2]", "not an answer"),
        ('{"7": [{"id": 1}]}', "not an answer"),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "answer.json"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    line = the_one_line(dddcli(tmp_path, "metrics", "map", "--mock", str(path)))
    assert re.search(words, line), line
    assert "api-abcdefgh" not in line
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["a real server", "something else"])
def test_figures_of_a_real_server_are_not_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "www" / "metrics.db"
    path.parent.mkdir()
    if content == "a real server":
        with sqlite3.connect(path) as published:
            now = "'2026-01-01T00:00:00Z'"
            published.execute(
                "create table about as select 'phab.example.org' as site_name,"
                f" 'http://phab.example.org' as site_url, 0 as is_demo, {now} as as_of, {now} exported_at"
            )
            published.execute("create table catalog_models (model_name)")
            published.execute("create table catalog_columns (model_name, position)")
        published.close()
    else:
        path.write_text("my diary")
    before = path.read_bytes()
    line = the_one_line(dddcli(tmp_path, "metrics", "map", "--mock", str(TWO_TASKS)))
    assert "DATASETTE_DIR" in line
    assert path.read_bytes() == before
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "--project"), (("--task-ids", "1,x"), "'x' is no task id"), (("--task-ids", "-5"), "no task id")],
)
def test_a_command_line_without_sense_is_status_2(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    said = dddcli(tmp_path, "metrics", "map", *arguments)
    assert said.returncode == 2
    assert words in said.stderr


MENTIONS = "maniphest.project.task.transactions"


def told_by(settings: Settings, sql: str) -> set[object]:
    return {value for (value,) in query(settings.documents_path, sql)}


@pytest.fixture
def mentioned(store: DocumentStore) -> tuple[str, set[int], set[int]]:
    """A project, its tasks with those of its sub-projects, and others that name it in their history."""
    families = {
        phid: {phid, *(one for one, row in store.projects.items() if phid in row.document().decode())}
        for phid, row in store.projects.items()
        if row.fields["parent"] is None
    }
    for phid, family in families.items():
        tagged = {
            task_id
            for task_id, task in store.tasks.items()
            if family & set(json.loads(task.document())["attachments"]["projects"]["projectPHIDs"])
        }
        naming = {
            task_id
            for task_id in store.tasks
            if any(phid in row.row.decode() for row in store.history(task_id))
        }
        if naming - tagged:
            return phid, tagged, naming - tagged
    raise AssertionError("the simulated organisation has no such project")


def test_a_project_is_mapped_and_only_that(
    tmp_path: Path, server: dict[str, str], mentioned: tuple[str, set[int], set[int]]
) -> None:
    phid, tagged, _ = mentioned
    settings = Settings(Site("loopback", server["CONDUIT_URL"], "api-test"), data_dir=tmp_path)
    chosen = fetch_tasks(settings, project=phid, task_ids=[], console=Console(quiet=True))
    assert (chosen.project_phid, chosen.task_ids) == (phid, ())
    fetched = told_by(settings, "select key::int from raw.phabricator_tasks")
    assert fetched == tagged
    with_history = "select distinct (document ->> 'taskID')::int from raw.phabricator_transactions"
    assert told_by(settings, with_history) == tagged
    assert told_by(settings, "select mode from raw.runs") == {"partial"}


def test_tasks_that_only_mention_the_project_are_found_where_the_server_can(
    tmp_path: Path,
    store: DocumentStore,
    mentioned: tuple[str, set[int], set[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phid, tagged, mentioning = mentioned

    def by_mention(asked: Query) -> bytes:
        # as Wikimedia's method does: any row that names the project, with all rows of its task
        found = [task for task in store.tasks if any(phid in one.row.decode() for one in store.history(task))]
        rows = {
            str(task): [json.loads(one.row) | {"action": "Updated"} for one in store.history(task)]
            for task in found
        }
        return json.dumps(rows).encode()

    made = Methods.__init__

    def with_mentions(self: Methods, store: DocumentStore) -> None:
        made(self, store)
        self._methods[MENTIONS] = by_mention

    monkeypatch.setattr(Methods, "__init__", with_mentions)
    monkeypatch.setitem(endpoint_methods._PARAMETERS, MENTIONS, ["project", "task_ids"])
    with serve(store) as url:
        settings = Settings(Site("loopback", url, "api-test"), data_dir=tmp_path)
        fetch_tasks(settings, project=phid, task_ids=[], console=Console(quiet=True))
    assert told_by(settings, "select key::int from raw.phabricator_tasks") == tagged | mentioning
    assert mentioning


def test_single_tasks_are_mapped(tmp_path: Path, server: dict[str, str]) -> None:
    settings = Settings(Site("loopback", server["CONDUIT_URL"], "api-test"), data_dir=tmp_path)
    fetch_tasks(settings, project=None, task_ids=[3, 5], console=Console(quiet=True))
    assert told_by(settings, "select key from raw.phabricator_tasks") == {"3", "5"}


def test_an_unknown_project_is_one_line(tmp_path: Path, server: dict[str, str]) -> None:
    line = the_one_line(dddcli(tmp_path, "metrics", "map", "--project", "#nonsense", **server))
    assert "knows no project #nonsense" in line
