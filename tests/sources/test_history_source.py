"""Servers without maniphest.gettasktransactions: each task's history page by page, and what that lacks."""

import pytest
from landed import newest, rows

from ddd.demo.endpoint import DocumentStore
from ddd.demo.endpoint.search_rows import search_row
from ddd.errors import DataError
from ddd.settings import Settings
from ddd.sources import Wanted, phabricator
from ddd.sources.phabricator import history

MANY = "maniphest.gettasktransactions"


def test_histories_come_from_the_other_method_byte_for_byte(
    settings: Settings, store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "RECORDS_PAGE_SIZE", 20)  # so that there are pages
    store.removed_methods = {MANY}
    for task_id in [number for number in store.tasks if number > 120]:
        store.destroy_task(task_id)
    done = phabricator.extract(settings)
    assert done.known["transactions"] == 0
    assert done.known["transaction_records"] == len(store.transactions) > 1000
    expected = {str(number): search_row(store, one).decode() for number, one in store.transactions.items()}
    assert newest(settings, "transaction_records") == expected
    assert done.warnings == []  # this server tells where tasks were moved
    idle = phabricator.extract(settings)
    assert (idle.changed_count, idle.mode) == (0, "incremental")
    assert idle.requests_count < 50  # the newest task alone has 28 pages


def test_an_older_server_lacks_the_history_of_columns_which_is_said(
    settings: Settings, store: DocumentStore
) -> None:
    store.removed_methods, store.is_old_server = {MANY}, True
    wanted = Wanted(task_ids=tuple(range(1, 30)))
    done = phabricator.extract(settings, wanted)
    assert any("cycle time and cumulative flow lack the history of columns" in one for one in done.warnings)
    store.is_old_server = False
    assert phabricator.extract(settings, wanted).warnings == []


def test_an_unreadable_history_is_quarantined_there_too(settings: Settings, store: DocumentStore) -> None:
    store.removed_methods, store.unreadable_histories = {MANY}, {5}
    done = phabricator.extract(settings, Wanted(task_ids=(4, 5, 6)))
    assert rows(settings, "select stream, key from raw.quarantine") == [("histories", "5")]
    assert "1 history of a task (T5)" in done.warnings[0]


def test_a_server_without_either_is_refused(settings: Settings, store: DocumentStore) -> None:
    store.removed_methods = {MANY, "transaction.search"}
    with pytest.raises(DataError, match=r"neither maniphest\.gettasktransactions nor transaction\.search"):
        phabricator.extract(settings)
