"""While people read, new files are published: no answer is wrong, mixed or lost, and all come through."""

from __future__ import annotations

import json
import os
import random
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import Any

import duckdb
import httpx
import pytest

from command_line import environment
from ddd.errors import BusyError, ExportError
from ddd.export import export
from ddd.publications import new_publication, served_files
from ddd.settings import DEMO_SITE, Settings

ROWS = 1500
PATIENCE_SECONDS = 240
FIRST_DAY = datetime(2020, 1, 1)


@dataclass
class Site:
    """A warehouse whose every table, and whose time, tell the number of the export."""

    settings: Settings
    number: int = 0

    def publish(self) -> None:
        """Build another state, and export it."""
        self.number += 1
        with duckdb.connect(str(self.settings.warehouse_path)) as warehouse:
            as_of = FIRST_DAY + timedelta(days=self.number)
            warehouse.execute(
                f"create or replace table int_extraction_dated as select timestamp '{as_of}' as as_of"
            )
            for table in ("tasks", "steps", "rides"):
                warehouse.execute(
                    f"create or replace table {table} as"
                    " select range::bigint as task_id, 'public' as view_policy,"
                    f" true as is_published, {self.number}::bigint as number from range({ROWS})"
                )
        export(self.settings)


def node(name: str, file: str) -> dict[str, Any]:
    columns = {"task_id": "bigint", "view_policy": "varchar", "is_published": "boolean", "number": "bigint"}
    return {
        "resource_type": "model", "name": name, "schema": "main", "alias": name,
        "description": "One row per row.", "original_file_path": f"models/{name}.sql",
        "config": {"meta": {"export": {"file": file, "indexes": [["task_id"]]}, "label": name}},
        "columns": {
            column: {"name": column, "data_type": kind, "description": "", "config": {"meta": {}}}
            for column, kind in columns.items()
        },
    }  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Site:
    settings = Settings(site=DEMO_SITE, data_dir=tmp_path / "data", www_dir=tmp_path / "www")
    (settings.dbt_dir / "target").mkdir(parents=True)
    nodes = {"steps": node("steps", "metrics.db"), "rides": node("rides", "train.db")}
    settings.manifest_path.write_text(json.dumps({"nodes": nodes}))
    results = {"args": {"vars": settings.dbt_variables}}
    (settings.dbt_dir / "target" / "run_results.json").write_text(json.dumps(results))
    return Site(settings)


@contextmanager
def dddcli_serve(
    home: Path, *options: str, exit_status: int = 0, said: Queue[str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The real command, as a user starts it; its address and process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ddd.cli", "serve", "--port", "0", *options],
        env=environment(home, DDD_DEMO="1", PYTHONUNBUFFERED="1"),
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        threading.Thread(target=_pass_on, args=[process.stdout, said or Queue()]).start()
        yield found.group(), process
    finally:
        process.terminate()
        assert process.wait(30) == exit_status


def _pass_on(lines: Iterable[str], said: Queue[str]) -> None:
    for line in lines:
        said.put(line)


@dataclass
class Reader(threading.Thread):
    """Somebody who reads page after page, on one connection or on a new one each time."""

    address: str
    seed: int
    keeps_connection: bool
    has_read: threading.Condition
    numbers: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    looks_count: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.enough = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        chance = random.Random(self.seed)
        looks = [self._rows, self._csv, self._page, self._health]
        with httpx.Client(timeout=60) as kept:
            while not self.enough.is_set():
                look = chance.choice(looks)
                try:
                    if self.keeps_connection:
                        numbers = look(kept)
                    else:
                        with httpx.Client(timeout=60) as fresh:
                            numbers = look(fresh)
                    if len(numbers) != 1:
                        self.problems.append(f"{look.__name__}: mixed {numbers}")
                    elif self.numbers and min(numbers) < self.numbers[-1]:
                        self.problems.append(f"{look.__name__}: {numbers} after {self.numbers[-1]}")
                    self.numbers += numbers
                except Exception as error:
                    self.problems.append(f"{look.__name__}: {error!r}")
                with self.has_read:
                    self.looks_count += 1
                    self.has_read.notify_all()

    def _get(self, client: httpx.Client, path: str) -> httpx.Response:
        answer = client.get(self.address + path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer

    def _rows(self, client: httpx.Client) -> set[int]:
        table = random.choice(["metrics/steps", "train/rides"])
        rows = self._get(client, f"/{table}.json?_shape=array&_size=max").json()
        assert len(rows) == ROWS
        return {row["number"] for row in rows}

    def _csv(self, client: httpx.Client) -> set[int]:
        lines = self._get(client, "/metrics/steps.csv?_stream=on&_size=max").text.split()
        assert len(lines) == ROWS + 1
        return {int(line.rpartition(",")[2]) for line in lines[1:]}

    def _page(self, client: httpx.Client) -> set[int]:
        text = self._get(client, random.choice(["/-/ddd/", "/metrics", "/train/rides"])).text
        assert text.rstrip().endswith("</html>")
        return {_number_of(day) for day in re.findall(r'datetime="(20\d\d-\d\d-\d\d)T', text)}

    def _health(self, client: httpx.Client) -> set[int]:
        found = self._get(client, "/-/ddd/health.json").json()
        return {_number_of(one["as_of"][:10]) for one in [found, *found["files"].values()]}


def _number_of(day: str) -> int:
    return (datetime.fromisoformat(day) - FIRST_DAY).days


def children_of(process: int) -> list[int]:
    """Processes that a process has started and that still run."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


def wait_for_end(process: int) -> None:
    """Wait until a process, which need not be a child of this one, has ended."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        assert select.select([watched], [], [], PATIENCE_SECONDS)[0], f"{process} still runs"
    finally:
        os.close(watched)


def until_served(address: str, number: int) -> None:
    """Ask until a state is served."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_served(address, number):
        assert time.monotonic() < deadline, f"export {number} was never served"


def publish_while_they_read(
    site: Site, home: Path, *, readers: int, exports: int, workers: int
) -> list[Reader]:
    chance = random.Random(exports)
    has_read = threading.Condition()
    site.publish()
    with dddcli_serve(home, "--workers", str(workers)) as (address, process):
        people = [Reader(address, seed, seed % 2 == 0, has_read) for seed in range(readers)]
        for person in people:
            person.start()

        def wait_for(condition: Callable[[], bool]) -> None:
            with has_read:
                assert has_read.wait_for(condition, PATIENCE_SECONDS), "nobody reads any more"

        try:
            for _ in range(exports):
                enough = sum(person.looks_count for person in people) + chance.choice([0, 2, 9]) * readers
                wait_for(lambda enough=enough: sum(one.looks_count for one in people) >= enough)
                site.publish()
            wait_for(lambda: all(person.numbers[-1:] == [site.number] for person in people))
        finally:
            for person in people:
                person.enough.set()
            for person in people:
                person.join(90)
        children = children_of(process.pid)  # in the order in which they began
        for child in children[:-workers]:
            wait_for_end(child)
        assert all(Path(f"/proc/{child}").exists() for child in children[-workers:])
    return people


def assert_nobody_noticed(site: Site, people: list[Reader], at_least: int) -> None:
    assert [problem for person in people for problem in person.problems] == []
    assert all(person.numbers for person in people)
    seen = {number for person in people for number in person.numbers}
    assert len(seen) >= at_least
    assert max(seen) == site.number
    kept = [path for path in (site.settings.www_dir / "exports").iterdir() if path.name[0] == "2"]
    assert len(kept) <= 4  # the current one, the one before, and what somebody was still reading


def test_new_files_are_served_without_a_pause(site: Site, tmp_path: Path) -> None:
    people = publish_while_they_read(site, tmp_path, readers=2, exports=2, workers=1)
    assert_nobody_noticed(site, people, at_least=2)


@pytest.mark.proof
@pytest.mark.parametrize("workers", [1, 2])
def test_twenty_exports_while_eight_people_read(site: Site, tmp_path: Path, workers: int) -> None:
    people = publish_while_they_read(site, tmp_path, readers=8, exports=20, workers=workers)
    assert_nobody_noticed(site, people, at_least=5)


def test_what_cannot_be_served_is_not_taken_over(site: Site, tmp_path: Path) -> None:
    site.publish()
    said: Queue[str] = Queue()
    with dddcli_serve(tmp_path, said=said) as (address, process):
        (worker,) = children_of(process.pid)
        os.kill(worker, 9)
        until_served(address, site.number)  # by another one
        broken = site.settings.www_dir / ".broken"
        broken.write_bytes(b"this is no database")
        broken.replace(site.settings.www_dir / "metrics.db")
        while "cannot be served" not in said.get(timeout=PATIENCE_SECONDS):
            pass
        assert _is_served(address, site.number)
        (site.settings.www_dir / "metrics.db").unlink()
        site.publish()
        until_served(address, site.number)


def _is_served(address: str, number: int) -> bool:
    try:
        return bool(_number_of(httpx.get(f"{address}/-/ddd/health.json").json()["as_of"][:10]) == number)
    except httpx.HTTPError:
        return False


def test_workers_end_with_a_parent_that_is_killed(site: Site, tmp_path: Path) -> None:
    site.publish()
    with dddcli_serve(tmp_path, exit_status=-9) as (_, process):
        (worker,) = children_of(process.pid)
        process.kill()
        wait_for_end(worker)


def test_files_of_an_older_version_become_an_export(site: Site) -> None:
    www = site.settings.www_dir
    site.publish()
    plain = {path.name: path.read_bytes() for path in served_files(www)}
    for path in www.iterdir():
        if path.is_symlink():
            path.unlink()
    for name, content in plain.items():
        (www / name).write_bytes(content)
    (www / "exports" / "current").unlink()
    (www / "mine.db").write_bytes(plain["metrics.db"])
    site.publish()
    assert sorted(path.name for path in www.glob("*.db")) == ["metrics.db", "mine.db", "train.db"]
    assert {path.parent.name for path in served_files(www) if path.name != "mine.db"} == {
        (www / "exports" / "current").readlink().name
    }
    assert not (www / "mine.db").is_symlink()


def test_only_one_publishes_at_a_time(site: Site) -> None:
    site.publish()
    before = served_files(site.settings.www_dir)
    with new_publication(site.settings.www_dir) as folder:
        with pytest.raises(BusyError, match="publishes in"):
            site.publish()
        for path in before:
            (folder / path.name).write_bytes(path.read_bytes())
    assert [path.name for path in served_files(site.settings.www_dir)] == ["metrics.db", "train.db"]
    assert served_files(site.settings.www_dir) != before


def test_a_failed_publication_leaves_nothing(site: Site) -> None:
    site.publish()
    before = served_files(site.settings.www_dir)
    with pytest.raises(ExportError):
        _half_a_publication(site.settings.www_dir)
    assert served_files(site.settings.www_dir) == before
    assert len([path for path in (site.settings.www_dir / "exports").iterdir() if path.is_dir()]) == 2


def _half_a_publication(www_dir: Path) -> None:
    with new_publication(www_dir) as folder:
        (folder / "metrics.db").write_bytes(b"half")
        raise ExportError("The disk is full", "Make room")
