"""What cannot be read: the rest goes on, it is kept with the server's words, tried again, and resolved."""

import json
import re

import pytest
from landed import assert_same_as_server, gone, newest, rows
from small_site import now, retitle, small_site

from ddd.demo.endpoint import DocumentStore
from ddd.demo.endpoint.trouble import broken
from ddd.errors import DataError
from ddd.segments import Document
from ddd.settings import Settings
from ddd.sources import Wanted, phabricator
from ddd.sources.phabricator.answers import split_history, split_search


@pytest.fixture
def store() -> DocumentStore:
    return small_site()


def open_rows(settings: Settings) -> list[tuple[object, ...]]:
    return rows(
        settings, "select stream, key from raw.quarantine where resolved_at is null order by stream, key"
    )


def test_an_unreadable_task_is_quarantined_and_tried_again_until_it_can_be_read(
    settings: Settings, store: DocumentStore
) -> None:
    store.unreadable_tasks = {7, 130}
    done = phabricator.extract(settings)
    assert done.known["tasks"] == 248
    assert open_rows(settings) == [("tasks", "130"), ("tasks", "7")]
    (warning,) = done.warnings
    assert re.search(r"2 tasks \(T\d+, T\d+\) could not be read .*Allowed memory size.*next run", warning)
    for _ in range(2):  # failing again makes no second row
        again = phabricator.extract(settings)
        assert again.mode == "incremental"
        assert open_rows(settings) == [("tasks", "130"), ("tasks", "7")]
    assert rows(settings, "select count(*), min(run_id) from raw.quarantine") == [(2, 3)]
    store.unreadable_tasks = {130}
    done = phabricator.extract(settings)
    assert open_rows(settings) == [("tasks", "130")]
    assert "1 documents that were quarantined could be read" in done.warnings[-1]
    assert rows(
        settings, "select key, resolved_run_id from raw.quarantine where resolved_at is not null"
    ) == [("7", 4)]
    store.unreadable_tasks = set()
    assert phabricator.extract(settings).known["quarantine"] == 0
    assert_same_as_server(settings, store)


def test_an_unreadable_history_is_quarantined_and_tried_again(
    settings: Settings, store: DocumentStore
) -> None:
    store.unreadable_histories = {9}
    done = phabricator.extract(settings)
    assert done.known["tasks"] == 250
    assert open_rows(settings) == [("histories", "9")]
    assert "1 history of a task (T9)" in done.warnings[0]
    store.unreadable_histories = set()
    assert phabricator.extract(settings).known["quarantine"] == 0
    assert_same_as_server(settings, store)


def test_an_unreadable_row_is_kept_byte_for_byte_and_tried_again(
    settings: Settings, store: DocumentStore
) -> None:
    first = min(store.transactions)
    good = store.transactions[first].row
    store.transactions[first].row = good.replace(b'"dateCreated":"', b'"dateCreated":"soon')
    done = phabricator.extract(settings)
    assert done.known["quarantine"] == 1
    ((key, document),) = rows(settings, "select key, document from raw.quarantine")
    assert (key, document.encode()) == (str(first), store.transactions[first].row)
    store.transactions[first].row = good
    assert phabricator.extract(settings).known["quarantine"] == 0
    assert_same_as_server(settings, store)


def test_half_a_character_costs_one_row_and_no_more(settings: Settings, store: DocumentStore) -> None:
    retitle(store, 5, "Half a smile", at=now(store) + 1)
    number = max(store.transactions)
    row = store.transactions[number].row
    store.transactions[number].row = row.replace(b"Half a smile", rb"Half a smile \ud83d")
    done = phabricator.extract(settings)
    assert open_rows(settings) == [("transactions", str(number))]
    assert done.known["transactions"] == len(store.transactions) - 1
    assert newest(settings, "tasks").keys() == {str(number) for number in store.tasks}


def test_answers_with_half_a_character_are_cut_into_the_servers_own_bytes() -> None:
    odd = rb'{"id" : 3, "fields":{"dateModified":5, "name":"\ud83d [,] {\"", "x":[ ] }}'
    plain = b'{"id":4,"fields":{"dateModified":6}}'
    answer = b'{"result":{"data":[%s , %s],"cursor":{"after": "4"}},"error_code":null}' % (odd, plain)
    page = split_search("tasks", answer)
    assert page.after == "4"
    assert page.documents == [Document("4", plain, 6)]
    assert [(one.key, one.document.encode()) for one in page.rejected] == [("3", odd)]
    row = rb'{"transactionID":"8","dateCreated":"9","comments":"\ud83d"}'
    history = split_history(b'{"result":{"7":[%s],"8":[]},"error_code":null}' % row)
    assert history.task_ids == {7, 8}
    assert [one.key for one in (*history.documents, *history.rejected)] == ["8"]
    assert split_history(b'{"result":[],"error_code":null}').documents == []


def test_a_reference_stream_that_is_denied_does_not_stop_the_others(
    settings: Settings, store: DocumentStore
) -> None:
    from ddd.demo.endpoint.trouble import Trouble

    phabricator.extract(settings)
    denied = {"result": None, "error_code": "ERR-CONDUIT-CORE", "error_info": "[Access Denied] No."}
    trouble = Trouble(200, "application/json", json.dumps(denied).encode(), method="project.search")
    store.troubles.plan(trouble)
    done = phabricator.extract(settings)
    assert "1 document of projects could not be read" in done.warnings[0]
    assert "Access Denied" in done.warnings[0]
    assert gone(settings, "projects") == set()
    assert phabricator.extract(settings).known["quarantine"] == 0


def test_a_server_that_can_give_no_history_at_all_stops_the_run(
    settings: Settings, store: DocumentStore
) -> None:
    store.unreadable_histories = set(store.tasks)
    with pytest.raises(DataError, match=r"none of 2\d histories in a row.*Allowed memory size"):
        phabricator.extract(settings)
    store.unreadable_histories = set()
    assert phabricator.extract(settings).known["quarantine"] == 0
    assert_same_as_server(settings, store)


def test_a_server_in_trouble_stops_the_run_without_blaming_a_task(
    settings: Settings, store: DocumentStore, no_waiting: None
) -> None:
    phabricator.extract(settings)
    trouble = broken(times=200)
    trouble.after_calls = 8
    store.troubles.plan(trouble)
    with pytest.raises(DataError, match="Setup Error"):
        phabricator.extract(settings, Wanted(full=True))
    store.troubles.clear()
    assert open_rows(settings) == []
