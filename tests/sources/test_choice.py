"""Partial runs: a project, a few tasks, or what changed since a day; and where the next run begins."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from landed import assert_same_as_server, newest, rows
from small_site import BEGINNING, now, retitle, small_site

from ddd.demo.endpoint import DocumentStore, serve
from ddd.errors import DataError, SettingsError
from ddd.settings import Settings, Site
from ddd.sources import Wanted, phabricator

DAY = datetime.fromtimestamp(BEGINNING + 200_000, UTC)


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    return Settings(Site("small", "", ""), data_dir=tmp_path)


def test_a_project_comes_with_its_milestones_and_histories(settings: Settings, store: DocumentStore) -> None:
    milestones = [one for one in store.projects.values() if one.fields["milestone"] is not None]
    phid = milestones[0].fields["parent"]["phid"]
    slug = store.projects[phid].fields["slug"]
    family = {phid} | {one.phid for one in milestones if one.fields["parent"]["phid"] == phid}
    expected = {
        str(number)
        for number, task in store.tasks.items()
        if family & set(task.attachment("projects")["projectPHIDs"])
    }
    for token in (f"#{slug}", phid):
        done = phabricator.extract(settings, Wanted(projects=(token,)))
        assert done.mode == "partial"
    assert len(expected) > len(family) > 1
    assert newest(settings, "tasks").keys() == expected
    assert newest(settings, "transactions").keys() == {
        str(one.id) for number in expected for one in store.history(int(number))
    }
    assert rows(settings, "select distinct mode, outcome, watermark_at from raw.runs") == [
        ("partial", "complete", None)
    ]
    full = phabricator.extract(settings)  # a choice of tasks is no beginning
    assert full.mode == "full"
    assert_same_as_server(settings, store)


def test_an_unknown_project_is_said_to_be_unknown(settings: Settings) -> None:
    for token in ("#nothing", "PHID-PROJ-nothingnothingnothin"):
        with pytest.raises(DataError, match="knows no project"):
            phabricator.extract(settings, Wanted(projects=(token,)))


def test_single_tasks_come_with_their_histories_and_move_no_watermark(tmp_path: Path) -> None:
    store = small_site()
    with serve(store) as url:
        settings = Settings(Site("small", url, "api-test"), data_dir=tmp_path)
        phabricator.extract(settings)
        before = rows(settings, "select max(watermark_at) from raw.runs")
        for task_id in (3, 4):
            retitle(store, task_id, "Changed", at=now(store) + 10_000)
        done = phabricator.extract(settings, Wanted(task_ids=(3, 999)))
        assert done.fetched["tasks"] == 1
        assert rows(settings, "select max(watermark_at) from raw.runs") == before
        assert phabricator.extract(settings).fetched["tasks"] == 4  # both that changed, two as ever
        assert_same_as_server(settings, store)


def test_an_empty_warehouse_can_begin_at_a_day_and_goes_on_from_there(tmp_path: Path) -> None:
    store = small_site()
    with serve(store) as url:
        settings = Settings(Site("small", url, "api-test"), data_dir=tmp_path)
        done = phabricator.extract(settings, Wanted(since=DAY))
        recent = {str(n) for n, task in store.tasks.items() if task.fields["dateModified"] >= DAY.timestamp()}
        assert done.mode == "partial"
        assert newest(settings, "tasks").keys() == recent
        assert len(recent) == 50
        retitle(store, 3, "An old one", at=now(store) + 10_000)
        assert phabricator.extract(settings).mode == "incremental with a sweep"  # there was none yet
        assert newest(settings, "tasks").keys() == recent | {"3"}
        # a sweep fetches what is otherwise than known, but not all that was left out on purpose
        store.hide_task(250)
        swept = phabricator.extract(settings, Wanted(sweep=True))
        assert (swept.gone_count, swept.fetched["tasks"]) == (1, 1)
        phabricator.extract(settings, Wanted(full=True))
        assert_same_as_server(settings, store)


def test_since_a_day_on_a_filled_warehouse_is_partial_and_moves_nothing(tmp_path: Path) -> None:
    store = small_site()
    with serve(store) as url:
        settings = Settings(Site("small", url, "api-test"), data_dir=tmp_path)
        phabricator.extract(settings)
        done = phabricator.extract(settings, Wanted(since=DAY))
        assert (done.mode, done.fetched["tasks"]) == ("partial", 50)
        watermarks = rows(settings, "select watermark_at from raw.runs where run_id = 2")
        assert set(watermarks) == {(None,)}


def test_all_and_some_at_once_is_refused() -> None:
    with pytest.raises(SettingsError, match="--full is about all tasks"):
        Wanted(full=True, since=DAY)
    with pytest.raises(SettingsError, match="--sweep is about all tasks"):
        Wanted(sweep=True, task_ids=(1,))
