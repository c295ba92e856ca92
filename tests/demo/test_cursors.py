"""Pages while tasks change: the outcomes are those tried on a real server (FACTS.md §2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ddd.demo.endpoint import DocumentStore

from .conftest import Caller

LATER = 1_790_100_000


def _page(
    caller: Caller, order: str, after: str | None = None, limit: int = 5
) -> tuple[list[int], str | None]:
    params: dict[str, Any] = {"order": order, "limit": limit, "constraints": {"modifiedStart": 1_789_000_000}}
    if after is not None:
        params["after"] = after
    result = caller.result("maniphest.search", **params)
    return [task["id"] for task in result["data"]], result["cursor"]["after"]


def _walk(caller: Caller, order: str, after: str | None) -> list[int]:
    seen: list[int] = []
    while after is not None:
        ids, after = _page(caller, order, after)
        seen += ids
    return seen


def test_oldest_loses_nothing_whatever_is_edited(small: Caller, small_store: DocumentStore) -> None:
    first, after = _page(small, "oldest")
    assert (first, after) == ([1, 2, 3, 4, 5], "5")
    small_store.edit_task(5, at=LATER, name="cursor task")
    small_store.edit_task(9, at=LATER + 1, name="unread task")
    small_store.edit_task(2, at=LATER + 2, name="read task")
    created = small_store.create_task(at=LATER + 3, title="new", author_phid="PHID-USER-a")
    assert _walk(small, "oldest", after) == [6, 7, 8, 9, 10, 11, 12, created]


def test_outdated_misses_everything_when_the_cursor_task_is_edited(
    small: Caller, small_store: DocumentStore
) -> None:
    first, after = _page(small, "outdated")
    assert first == [1, 2, 3, 4, 5]
    small_store.edit_task(5, at=LATER, name="edited")
    assert _page(small, "outdated", after) == ([], None)


def test_outdated_sees_an_edited_unread_task_at_the_end(small: Caller, small_store: DocumentStore) -> None:
    _, after = _page(small, "outdated")
    small_store.edit_task(8, at=LATER, name="edited")
    assert _walk(small, "outdated", after) == [6, 7, 9, 10, 11, 12, 8]


def test_updated_misses_an_edited_unread_task_and_repeats_after_an_edited_cursor(
    small: Caller, small_store: DocumentStore
) -> None:
    first, after = _page(small, "updated")
    assert first == [12, 11, 10, 9, 8]
    small_store.edit_task(3, at=LATER, name="edited")
    assert 3 not in _walk(small, "updated", after)
    small_store.edit_task(8, at=LATER + 1, name="edited")
    repeated, _ = _page(small, "updated", after)
    assert repeated == [3, 12, 11, 10, 9]


def test_newest_does_not_see_a_new_task(small: Caller, small_store: DocumentStore) -> None:
    _, after = _page(small, "newest")
    created = small_store.create_task(at=LATER, title="new", author_phid="PHID-USER-a")
    assert created not in _walk(small, "newest", after)


def test_a_destroyed_or_hidden_cursor_task_is_an_error(small: Caller, small_store: DocumentStore) -> None:
    _, after = _page(small, "oldest")
    small_store.hide_task(5)
    hidden = small("maniphest.search", order="oldest", after=after)
    assert hidden["error_code"] == "ERR-CONDUIT-CORE"
    assert hidden["error_info"].startswith("[You Shall Not Pass: Restricted Maniphest Task]")
    small_store.destroy_task(5)
    gone = small("maniphest.search", order="oldest", after=after)
    assert gone["error_info"] == 'Cursor "5" does not identify a valid object in query "ManiphestTaskQuery".'


def test_one_identical_date_pages_correctly() -> None:
    store = DocumentStore()
    for _ in range(150):
        store.create_task(at=1_790_000_000, title="same second", author_phid="PHID-USER-a")
    from ddd.demo.endpoint import serve

    with serve(store) as url:
        caller = Caller(url)
        first, after = _page(caller, "outdated", limit=100)
        second, end = _page(caller, "outdated", after, limit=100)
    assert (first + second, end) == (list(range(1, 151)), None)


@pytest.fixture
def with_many_hidden() -> DocumentStore:
    """120 consecutive tasks that nobody may see, and as many behind them."""
    store = DocumentStore()
    for number in range(240):
        task_id = store.create_task(at=1_790_000_000 + number, title="task", author_phid="PHID-USER-a")
        if number < 120:
            store.hide_task(task_id)
    return store


@pytest.mark.parametrize(
    ("limit", "is_refused"), [(1, True), (10, True), (12, True), (50, False), (100, False)]
)
def test_many_hidden_tasks_overheat_small_pages(
    with_many_hidden: DocumentStore, limit: int, is_refused: bool
) -> None:
    from ddd.demo.endpoint import serve

    with serve(with_many_hidden) as url:
        envelope = Caller(url)("maniphest.search", order="oldest", limit=limit)
    if is_refused:
        assert envelope["error_info"] == (
            'Query (of class "ManiphestTaskQuery") overheated: examined more than '
            f"{10 * (limit + 1)} raw rows without finding {limit + 1} visible objects."
        )
    else:
        assert [task["id"] for task in envelope["result"]["data"]][:2] == [121, 122]


def test_hidden_tasks_are_silently_absent_and_come_back_with_their_history(
    small: Caller, small_store: DocumentStore
) -> None:
    small_store.hide_task(3)
    found = small.result("maniphest.search", constraints={"ids": [2, 3, 4]}, order="oldest")
    assert [task["id"] for task in found["data"]] == [2, 4]
    assert set(small.result("maniphest.gettasktransactions", ids=[2, 3])) == {"2"}
    assert small.result("maniphest.gettasktransactions", ids=[3]) == []
    small_store.show_task(3)
    assert len(small.result("maniphest.gettasktransactions", ids=[3])["3"]) == 2


def test_the_transaction_log_can_be_followed_by_before(small: Caller, small_store: DocumentStore) -> None:
    newest = small.result("transaction.search", objectType="TASK", limit=1)["data"][0]["id"]
    tail = {"objectType": "TASK", "before": str(newest), "limit": 2}
    assert small.result("transaction.search", **tail) == {
        "data": [],
        "cursor": {"limit": 2, "after": None, "before": None},
    }
    written = [
        small_store.add_transaction(4, "title", "a", "b", at=LATER + n, author_phid="PHID-USER-a")
        for n in range(3)
    ]
    page = small.result("transaction.search", **tail)
    assert [row["id"] for row in page["data"]] == [written[1], written[0]]
    page = small.result("transaction.search", **{**tail, "before": page["cursor"]["before"]})
    assert ([row["id"] for row in page["data"]], page["cursor"]["before"]) == ([written[2]], None)


def test_large_pages_of_transactions_are_clamped(small: Caller) -> None:
    assert small.result("transaction.search", objectType="TASK", limit=5000)["cursor"]["limit"] == 1000


def test_unknown_objects_say_nothing(small: Caller) -> None:
    assert small.result("phid.query", phids=["PHID-TASK-nowhere"]) == []
    assert small.result("maniphest.search", constraints={"statuses": ["nowhere"]})["data"] == []
    assert small.result("maniphest.search", constraints={"projects": ["nowhere"]})["data"] == []


def test_projects_columns_and_users_can_be_added_and_renamed(
    small: Caller, small_store: DocumentStore
) -> None:
    project = {"slug": "a", "status": "active", "milestone": None, "parent": None, "depth": 0}
    for name in ("First", "Second"):
        row = {"id": 1, "type": "PROJ", "phid": "PHID-PROJ-a", "fields": {**project, "name": name}}
        small_store.put_project(json.dumps(row).encode())
        found = small.result("project.search", constraints={"slugs": ["a"]})
        assert [one["fields"]["name"] for one in found["data"]] == [name]
    column = {"id": 2, "type": "PCOL", "phid": "PHID-PCOL-a"}
    fields = {"name": "To do", "project": {"id": 1, "phid": "PHID-PROJ-a", "name": "Second"}}
    small_store.put_column(json.dumps({**column, "fields": fields}).encode())
    found = small.result("project.column.search", constraints={"projects": ["PHID-PROJ-a"]})
    assert [one["id"] for one in found["data"]] == [2]
    user = {"id": 3, "type": "USER", "phid": "PHID-USER-b", "fields": {"username": "b", "roles": ["bot"]}}
    small_store.put_user(json.dumps(user).encode())
    found = small.result("user.search", constraints={"isBot": True})
    assert [one["fields"]["username"] for one in found["data"]] == ["b"]
