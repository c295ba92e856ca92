"""A full run over HTTP on loopback: everything arrives, with no more requests than it takes."""

import json

import pytest
from landed import assert_same_as_server, newest, rows
from small_site import AUTHOR, now, small_site

from ddd.demo.endpoint import DocumentStore, Trouble, serve
from ddd.demo.endpoint.trouble import out_of_memory, truncated
from ddd.settings import Settings, Site
from ddd.sources import Wanted, phabricator
from ddd.sources.phabricator import history
from recorded import (
    COLUMNS_COUNT,
    PROJECTS_COUNT,
    TASKS_COUNT,
    TRANSACTIONS_COUNT,
    USERS_COUNT,
    recordings,
    require_shared,
)


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
    assert_same_as_server(settings, store)
    assert len(newest(settings, "transactions")) == TRANSACTIONS_COUNT
    projects = [json.loads(document)["fields"] for document in newest(settings, "projects").values()]
    assert sum(project["status"] == "archived" for project in projects) == 1
    assert sum(project["milestone"] is not None for project in projects) == 12
    columns = [json.loads(document)["fields"] for document in newest(settings, "columns").values()]
    assert [column["name"] for column in columns if column["isHidden"]] == ["Old column"]


def test_it_asks_no_more_than_it_must(settings: Settings, store: DocumentStore) -> None:
    done = phabricator.extract(settings)
    windows = -(-max(store.tasks) // 100)
    assert done.requests_count <= windows + -(-TASKS_COUNT // 100) + 10


def test_it_asks_no_more_than_it_must_where_ids_are_sparse(settings: Settings) -> None:
    sparse = small_site(700)
    for task_id in [number for number in sparse.tasks if number % 2]:
        sparse.destroy_task(task_id)
    before = json.loads(sparse.tasks[2].document()) | {"id": 19_999, "phid": "PHID-TASK-before"}
    sparse.put_task(json.dumps(before).encode())
    assert sparse.create_task(at=now(sparse) + 1, title="The newest", author_phid=AUTHOR) == 20_000
    sparse.destroy_task(19_999)
    with serve(sparse) as url:
        mine = Settings(Site("sparse", url, "api-test"), data_dir=settings.data_dir)
        done = phabricator.extract(mine)
    assert done.known["tasks"] == len(sparse.tasks) == 351
    assert done.requests_count <= 200 + 4 + 10


def test_a_server_out_of_memory_is_asked_for_less(settings: Settings, store: DocumentStore) -> None:
    trouble = out_of_memory(times=4)
    trouble.method = "maniphest.gettasktransactions"
    store.troubles.plan(trouble)
    assert phabricator.extract(settings).known["transactions"] == TRANSACTIONS_COUNT


def test_a_broken_answer_is_asked_for_again(
    settings: Settings, store: DocumentStore, no_waiting: None
) -> None:
    trouble = truncated(times=1)
    trouble.method, trouble.after_calls = "maniphest.search", 4
    store.troubles.plan(trouble)
    assert phabricator.extract(settings).known["tasks"] == TASKS_COUNT


def test_every_recorded_trouble_of_a_server_is_got_over(
    settings: Settings, store: DocumentStore, no_waiting: None
) -> None:
    troubles = [one for one in recordings(require_shared(), "server-trouble") if one.status != 200]
    assert {429, 500, 502, 503, 504} <= {one.status for one in troubles}
    for one in troubles:
        for method in ("maniphest.search", "maniphest.gettasktransactions"):
            store.troubles.plan(Trouble(one.status, one.content_type, one.body, method=method, after_calls=1))
    done = phabricator.extract(settings)
    assert done.warnings == []
    assert_same_as_server(settings, store)


def test_batches_follow_the_volume_of_what_came_before() -> None:
    size = history.BatchSize()
    assert size.tasks_count == history.FIRST_TASKS
    for _ in range(30):
        size.learn(100, 100 * 60_000)
    assert size.tasks_count == pytest.approx(history.ANSWER_BYTES / 60_000, abs=1)
    for _ in range(30):
        size.learn(100, 100 * 10)
    assert size.tasks_count == history.MOST_TASKS
    size.was_too_much(400)
    assert size.tasks_count == 200
    for _ in range(50):
        size.learn(200, 200 * 10)
    assert size.tasks_count == history.MOST_TASKS


def test_a_full_run_on_a_filled_warehouse_reads_everything_again(
    settings: Settings, store: DocumentStore
) -> None:
    first = phabricator.extract(settings)
    again = phabricator.extract(settings, Wanted(full=True))
    assert (again.mode, again.changed_count) == ("full", 0)
    assert again.fetched == first.fetched
    assert rows(settings, "select count(*) from raw.visibility_changes") == [(0,)]
