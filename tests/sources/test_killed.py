"""Kill -9 at any moment, twice in a row, and then a normal run: as if nothing had happened."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from dying import extract_and_die
from landed import assert_same_as_server, everything
from small_site import People, small_site

from ddd.access import site_lock
from ddd.demo.endpoint import DocumentStore, Trouble
from ddd.errors import DataError
from ddd.settings import PROJECT_DIR, Settings, Site
from ddd.sources import Wanted, phabricator, shelf

NEVER = 10**9


@pytest.fixture
def store() -> DocumentStore:
    return small_site(420)


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return Settings(Site("small", url, "api-test"), data_dir=tmp_path / "mine", connections=2)


def people_have_worked(store: DocumentStore, rng: random.Random) -> None:
    people = People(store, rng)
    for _ in range(60):
        people.act()
    store.unreadable_histories = {rng.choice(sorted(store.tasks))}


def moments(settings: Settings, folder: Path, *, sweep: bool = False) -> tuple[int, Settings]:
    """How many moments an undisturbed run has, and where its outcome is."""
    undisturbed = replace(settings, data_dir=folder)
    return extract_and_die(undisturbed, NEVER, sweep=sweep), undisturbed


def killed_twice(settings: Settings, count: int, rng: random.Random, *, sweep: bool = False) -> None:
    for _ in range(2):
        extract_and_die(settings, rng.randint(1, count), sweep=sweep)
    phabricator.extract(settings, Wanted(sweep=sweep))
    assert not list(settings.segments_dir.iterdir())


SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(2, 6))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_run(seed: int, settings: Settings, store: DocumentStore, tmp_path: Path) -> None:
    rng = random.Random(seed)
    people_have_worked(store, rng)
    count, undisturbed = moments(settings, tmp_path / "undisturbed")
    assert count > 50
    killed_twice(settings, count, rng)
    assert everything(settings) == everything(undisturbed)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_incremental_run_with_a_sweep(
    seed: int, settings: Settings, store: DocumentStore, tmp_path: Path
) -> None:
    rng = random.Random(100 + seed)
    people_have_worked(store, rng)
    phabricator.extract(settings)
    people_have_worked(store, rng)
    shutil.copytree(settings.data_dir, tmp_path / "undisturbed")
    count, undisturbed = moments(settings, tmp_path / "undisturbed", sweep=True)
    killed_twice(settings, count, rng, sweep=True)
    assert everything(settings) == everything(undisturbed)


@pytest.mark.parametrize("seed", SEEDS)
def test_while_people_go_on_working(
    seed: int, settings: Settings, store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "SEGMENT_BYTES", 30_000)
    rng = random.Random(200 + seed)
    people = People(store, rng)
    people.at_work()
    for _ in range(2):
        extract_and_die(settings, rng.randint(1, 60))
    phabricator.extract(settings)
    extract_and_die(settings, rng.randint(1, 120), sweep=True)
    people.at_rest()
    phabricator.extract(settings, Wanted(sweep=True))
    assert_same_as_server(settings, store)


def test_what_a_killed_full_run_has_fetched_is_not_fetched_again(
    settings: Settings, store: DocumentStore, monkeypatch: pytest.MonkeyPatch, no_waiting: None
) -> None:
    monkeypatch.setattr(shelf, "SEGMENT_BYTES", 1)
    settings = replace(settings, connections=1)
    store.troubles.plan(Trouble(500, body=b"<html></html>", times=99, after_calls=13))
    with pytest.raises(DataError):
        phabricator.extract(settings)
    store.troubles.clear()
    fetched_before = {path.name for path in settings.segments_dir.glob("run-*/*.parquet")}
    assert any(name.startswith("tasks.") for name in fetched_before)
    with counted_calls(store) as calls:
        done = phabricator.extract(settings)
    assert done.mode == "incremental (after finishing an interrupted run)"
    assert calls.count("maniphest.search") <= 3  # the next run's, none of the windows
    assert calls.count("project.search") == 1
    assert_same_as_server(settings, store)


@contextmanager
def counted_calls(store: DocumentStore) -> Iterator[list[str]]:
    calls: list[str] = []
    next_for = store.troubles.next_for

    def count(method: str) -> Trouble | None:
        calls.append(method)
        return next_for(method)

    store.troubles.next_for = count  # type: ignore[method-assign]
    yield calls


def test_a_command_that_hangs_holds_the_warehouse_until_it_is_killed(
    settings: Settings, store: DocumentStore
) -> None:
    environ = {
        **os.environ, "CONDUIT_URL": settings.site.url, "CONDUIT_TOKEN": "api-test",
        "DDD_DATA_DIR": str(settings.data_dir),
    }  # fmt: skip
    stuck = _Stuck(after_calls=12)
    store.troubles.plan(stuck)
    process = subprocess.Popen([sys.executable, "-m", "ddd.cli", "extract"], env=environ, cwd=PROJECT_DIR)
    assert stuck.reached.wait(60)
    second = subprocess.run(
        [sys.executable, "-m", "ddd.cli", "extract"],
        env=environ, cwd=PROJECT_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 75
    assert re.search(rf"being refreshed by process {process.pid} since", second.stderr.replace("\n", " "))
    process.send_signal(signal.SIGKILL)
    process.wait()
    stuck.release.set()
    store.troubles.clear()
    from ddd.settings import load_settings

    site = load_settings(environ)
    with site_lock(site):  # the lock has gone with its holder
        phabricator.extract(site)
    assert_same_as_server(site, store)


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
