"""Incremental runs and sweeps, while people go on working: nothing is missed, nothing that is gone stays."""

import random

import pytest
from landed import assert_same_as_server, newest
from small_site import People, now, retitle, small_site

from ddd.demo.endpoint import DocumentStore, serve
from ddd.settings import Settings, Site
from ddd.sources import Wanted, phabricator


@pytest.fixture
def store() -> DocumentStore:
    return small_site()


def test_a_second_run_fetches_what_changed_and_lands_nothing_else(
    settings: Settings, store: DocumentStore
) -> None:
    phabricator.extract(settings)
    idle = phabricator.extract(settings)
    assert (idle.mode, idle.changed_count) == ("incremental", 0)
    for task_id in range(5, 25):
        retitle(store, task_id, "Changed after the first run", at=now(store) + 1000)
    done = phabricator.extract(settings)
    assert done.changed_count == 40  # twenty tasks, a transaction each
    assert done.requests_count <= 12
    assert_same_as_server(settings, store)


@pytest.mark.parametrize("seed", [0])
def test_what_is_edited_and_created_between_pages_is_there_after_the_next_run(
    seed: int, settings: Settings, store: DocumentStore
) -> None:
    people = People(store, random.Random(seed), may_hide=False)
    people.at_work()
    for _ in range(4):
        phabricator.extract(settings)
    people.at_rest()
    assert phabricator.extract(settings).mode == "incremental"
    assert len(people.deeds) > 20
    assert_same_as_server(settings, store)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_hidden_shown_and_destroyed_between_pages_is_right_after_the_next_sweep(
    seed: int, settings: Settings, store: DocumentStore
) -> None:
    people = People(store, random.Random(100 + seed))
    people.at_work()
    for is_sweep in (False, False, True, False, True):
        phabricator.extract(settings, Wanted(sweep=is_sweep))
    people.at_rest()
    phabricator.extract(settings, Wanted(sweep=True))
    assert {"edit", "create", "hide", "show", "destroy"} <= set(people.deeds)
    assert_same_as_server(settings, store)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_the_same_for_many_more_days(seed: int, settings: Settings) -> None:
    rng = random.Random(1000 + seed)
    busy = small_site(rng.choice([120, 450]), rng=rng)
    people = People(busy, rng)
    with serve(busy) as url:
        mine = Settings(Site("busy", url, "api-test"), data_dir=settings.data_dir)
        people.at_work()
        for _ in range(rng.randrange(3, 9)):
            phabricator.extract(mine, Wanted(sweep=rng.random() < 0.4, full=rng.random() < 0.1))
        people.at_rest()
        phabricator.extract(mine, Wanted(sweep=True))
        assert_same_as_server(mine, busy)


def test_a_walk_goes_on_when_everything_around_its_cursor_is_hidden(
    settings: Settings, store: DocumentStore
) -> None:
    phabricator.extract(settings)
    later = now(store) + 1000
    for task_id in range(1, 251):
        store.edit_task(task_id, at=later, name="All changed")

    class Hider(type(store.troubles)):  # type: ignore[misc]
        pages = 0

        def next_for(self, method: str) -> None:
            if method == "maniphest.search":
                self.pages += 1
                if self.pages == 3:  # after the first page of the walk
                    for task_id in range(90, 101):
                        store.hide_task(task_id)

    store.troubles = Hider()
    done = phabricator.extract(settings)
    assert done.mode == "incremental"
    known = newest(settings, "tasks")
    assert all("All changed" in known[str(task_id)] for task_id in range(1, 251))


def test_where_hidden_tasks_are_in_the_way_a_sweep_finds_what_changed(settings: Settings) -> None:
    store = small_site(1300)
    with serve(store) as url:
        mine = Settings(Site("hidden", url, "api-test"), data_dir=settings.data_dir)
        phabricator.extract(mine)
        later = now(store) + 1
        for task_id in range(1, 1301):
            store.edit_task(task_id, at=later, name="All changed")
        for task_id in range(50, 1250):
            store.hide_task(task_id)
        done = phabricator.extract(mine, Wanted(accept_gone=True))
        assert done.mode == "incremental with a sweep"
        assert_same_as_server(mine, store)
        assert phabricator.extract(mine).mode == "incremental"
