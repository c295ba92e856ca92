"""Extraction over HTTP on loopback: everything arrives, nothing is missed, a killed run goes on."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ddd.demo.endpoint import DocumentStore, Trouble, serve
from ddd.demo.endpoint.trouble import out_of_memory, truncated
from ddd.phab.errors import ServerTroubleError
from ddd.settings import PROJECT_DIR, Settings, Site
from ddd.sources import phabricator
from recorded import (
    COLUMNS_COUNT,
    PROJECTS_COUNT,
    TASKS_COUNT,
    TRANSACTIONS_COUNT,
    USERS_COUNT,
    recorded_store,
    require_shared,
)


@pytest.fixture
def store() -> DocumentStore:
    return recorded_store(require_shared())


@pytest.fixture
def url(store: DocumentStore) -> Iterator[str]:
    with serve(store) as address:
        yield address


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return Settings(Site("recorded", url, "api-test"), data_dir=tmp_path, lock_wait_seconds=0)


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def newest(settings: Settings, stream: str) -> dict[str, str]:
    sql = f"select key, arg_max(document, batch) from raw.phabricator_{stream} group by key"
    return dict(rows(settings, sql))


def edit(store: DocumentStore, task_id: int, title: str) -> None:
    """Change a task's title a minute after everything else, with a transaction, as a person would."""
    moment = max(task.fields["dateModified"] for task in store.tasks.values()) + 60
    row = json.loads(store.tasks[task_id].document())
    row["fields"].update(name=title, dateModified=moment)
    store.put_task(json.dumps(row).encode())
    number = max(store.transactions) + 1
    transaction = json.loads(store.history(task_id)[0].row) | {
        "transactionID": str(number), "transactionPHID": f"PHID-XACT-TASK-{number:015d}", "comments": None,
        "transactionType": "title", "oldValue": "", "newValue": title, "dateCreated": str(moment),
    }  # fmt: skip
    store.put_transaction(json.dumps(transaction).encode())


def test_the_recorded_installation_arrives_whole_and_byte_for_byte(
    settings: Settings, store: DocumentStore
) -> None:
    done = phabricator.extract(settings)
    assert done.mode == "full"
    assert done.known == {
        "tasks": TASKS_COUNT, "transactions": TRANSACTIONS_COUNT, "projects": PROJECTS_COUNT,
        "columns": COLUMNS_COUNT, "users": USERS_COUNT, "statuses": 8, "priorities": 6, "quarantine": 0,
        "transaction_records": 0,
    }  # fmt: skip
    assert (TASKS_COUNT, TRANSACTIONS_COUNT) == (666, 11_498)
    assert done.warnings == []
    kept = newest(settings, "transactions")
    assert kept == {str(number): one.row.decode() for number, one in store.transactions.items()}
    assert newest(settings, "tasks").keys() == {str(number) for number in store.tasks}
    projects = [json.loads(document)["fields"] for document in newest(settings, "projects").values()]
    assert sum(project["status"] == "archived" for project in projects) == 1
    assert sum(project["milestone"] is not None for project in projects) == 12
    columns = [json.loads(document)["fields"] for document in newest(settings, "columns").values()]
    assert [column["name"] for column in columns if column["isHidden"]] == ["Old column"]


def test_a_full_run_asks_no_more_than_it_must(settings: Settings, store: DocumentStore) -> None:
    done = phabricator.extract(settings)
    windows = -(-max(store.tasks) // 100)
    assert done.requests_count <= windows + -(-TASKS_COUNT // 100) + 10


def test_a_second_run_fetches_what_changed_and_lands_nothing_else(
    settings: Settings, store: DocumentStore
) -> None:
    first = phabricator.extract(settings)
    idle = phabricator.extract(settings)
    assert (idle.mode, idle.changed_count) == ("incremental", 0)
    edit(store, 5, "Changed after the first run")
    edit(store, 600, "Changed as well")
    done = phabricator.extract(settings)
    assert done.changed_count == 4  # two tasks, two transactions
    assert done.requests_count < 15 < first.requests_count * 2
    assert "Changed after the first run" in newest(settings, "tasks")["5"]
    assert done.known["transactions"] == TRANSACTIONS_COUNT + 2


def test_edits_and_new_tasks_during_a_walk_are_there_after_the_next(
    settings: Settings, store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_numbers = random.Random(3)
    ask = phabricator.crawl.split_search
    changed: set[int] = set()

    def ask_while_people_work(stream: str, answer: bytes) -> Any:
        if stream == "tasks":
            task_id = random_numbers.choice(sorted(store.tasks))
            edit(store, task_id, f"Edited while page {len(changed)} was read")
            changed.add(task_id)
            highest = max(store.tasks)
            new = json.loads(store.tasks[task_id].document())
            new.update(id=highest + 1, phid=f"PHID-TASK-{highest + 1:020d}")
            store.put_task(json.dumps(new).encode())
        return ask(stream, answer)

    monkeypatch.setattr(phabricator.crawl, "split_search", ask_while_people_work)
    phabricator.extract(settings)
    phabricator.extract(settings)
    monkeypatch.undo()
    phabricator.extract(settings)
    assert len(changed) > 8
    for task_id, task in store.tasks.items():
        known = json.loads(newest(settings, "tasks")[str(task_id)]) if task_id in changed else None
        if known:
            assert known["fields"]["name"] == task.fields["name"]
    assert newest(settings, "tasks").keys() == {str(number) for number in store.tasks}
    assert newest(settings, "transactions").keys() == {str(number) for number in store.transactions}


def test_a_server_out_of_memory_is_asked_for_less(settings: Settings, store: DocumentStore) -> None:
    trouble = out_of_memory(times=4)
    trouble.method = "maniphest.gettasktransactions"
    store.troubles.plan(trouble)
    assert phabricator.extract(settings).known["transactions"] == TRANSACTIONS_COUNT


def test_a_broken_answer_is_asked_for_again(settings: Settings, store: DocumentStore) -> None:
    trouble = truncated(times=1)
    trouble.method, trouble.after_calls = "maniphest.search", 4
    store.troubles.plan(trouble)
    assert phabricator.extract(settings).known["tasks"] == TASKS_COUNT


def test_one_unreadable_row_is_quarantined_and_shown(settings: Settings, store: DocumentStore) -> None:
    first = min(store.transactions)
    store.transactions[first].row = store.transactions[first].row.replace(
        b'"dateCreated":"', b'"dateCreated":"soon'
    )
    done = phabricator.extract(settings)
    assert done.known["transactions"] == TRANSACTIONS_COUNT - 1
    assert done.known["quarantine"] == 1
    assert "quarantined" in done.warnings[0]
    ((key, document),) = rows(settings, "select key, document from raw.quarantine")
    assert key == str(first)
    assert document.encode() == store.transactions[first].row


def test_an_interrupted_full_run_goes_on_where_it_stopped(
    settings: Settings, store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phabricator, "BLOCK_SIZE", 100)
    whole = phabricator.extract(settings).requests_count
    undisturbed = newest(settings, "tasks"), newest(settings, "transactions")
    interrupted = Settings(settings.site, data_dir=settings.data_dir / "other", connections=1)
    store.troubles.plan(Trouble(500, body=b"<html></html>", times=99, after_calls=16))
    with pytest.raises(ServerTroubleError), _no_waiting(monkeypatch):
        phabricator.extract(interrupted)
    store.troubles.clear()
    rest = phabricator.extract(interrupted)
    assert rest.mode == "incremental (after finishing an interrupted run)"
    assert rest.requests_count < whole
    assert (newest(interrupted, "tasks"), newest(interrupted, "transactions")) == undisturbed
    assert not list(interrupted.segments_dir.iterdir())


@contextlib.contextmanager
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from ddd.phab.retries import RetryPolicy

    with monkeypatch.context() as patched:
        patched.setattr(RetryPolicy, "wait_seconds", lambda *_: 0.0)
        yield


@pytest.mark.parametrize("calls_before_death", [1, 9, 13, 16])
def test_kill_9_at_any_moment_and_then_a_normal_run(
    calls_before_death: int, settings: Settings, store: DocumentStore
) -> None:
    environ = {
        **os.environ,
        "CONDUIT_URL": settings.site.url, "CONDUIT_TOKEN": "api-test", "DDD_DATA_DIR": str(settings.data_dir),
    }  # fmt: skip
    for _ in range(2):
        # the server never answers this call: the process is surely in the middle of its work when killed
        stuck = _Stuck(after_calls=calls_before_death)
        store.troubles.plan(stuck)
        process = subprocess.Popen([sys.executable, "-m", "ddd.cli", "extract"], env=environ, cwd=PROJECT_DIR)
        assert stuck.reached.wait(30)
        process.send_signal(signal.SIGKILL)
        process.wait()
        stuck.release.set()
        store.troubles.clear()
    from ddd.settings import load_settings

    site = load_settings(environ)
    phabricator.extract(site)
    assert newest(site, "transactions") == {str(n): one.row.decode() for n, one in store.transactions.items()}
    assert newest(site, "tasks").keys() == {str(number) for number in store.tasks}
    assert rows(site, "select key from raw.phabricator_tasks group by key having count(*) > 1") == []


class _Stuck(Trouble):
    """A call that is not answered until the test says so."""

    def __init__(self, after_calls: int) -> None:
        import threading

        super().__init__(is_dropped=True, after_calls=after_calls, times=1)
        self.reached, self.release = threading.Event(), threading.Event()

    @property
    def delay_seconds(self) -> float:  # type: ignore[override]
        self.reached.set()
        self.release.wait(60)
        return 0.0

    @delay_seconds.setter
    def delay_seconds(self, _: float) -> None:
        """Kept by the base class's constructor."""
