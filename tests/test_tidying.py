"""What is removed without being asked, what is refused for lack of room, and files of other versions."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from ddd.errors import DataError, WarehouseError
from ddd.history import History
from ddd.increments import Increment, begin_with_last_build, remember, require_known_layout
from ddd.journal import recorded
from ddd.published import read_published
from ddd.serve import serve
from ddd.settings import DEMO_SITE, Settings
from ddd.tidying import KEPT, tidy
from www.sample import build_sample


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(site=DEMO_SITE, data_dir=tmp_path / "data", www_dir=tmp_path / "www", lock_wait_seconds=0)


def test_only_what_nobody_will_need_is_removed(settings: Settings) -> None:
    old = time.time() - KEPT.total_seconds() - 60
    site = settings.site_dir
    gone = [site / "segments-gerrit" / "run-00000001", site / "building", site / "documents.duckdb.part"]
    kept = [
        site / "segments" / "run-00000002", site / "segments-gerrit" / "run-00000003",
        site / "documents.duckdb", site / "dbt", settings.www_dir / "metrics.db",
    ]  # fmt: skip
    for path in [*gone, *kept]:
        if "." in path.name:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        else:
            path.mkdir(parents=True)
            (path / "file").write_text("x")
    for path in [gone[0], kept[0]]:
        os.utime(path, (old, old))
    assert sorted(tidy(settings, {"phabricator"})) == sorted(gone)
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert tidy(settings, {"phabricator"}) == []


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_nothing_is_begun_without_room_and_that_is_remembered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 5_000_000, 5_000_000))
    with (
        pytest.raises(WarehouseError, match="has 5 MB free, 100 MB are needed"),
        recorded(settings, "refresh"),
    ):
        pytest.fail("it was begun")
    (run,) = History(settings.runs_path).newest(1)
    assert (run.outcome, run.steps) == ("failed", [])


def test_a_published_file_of_a_newer_version_is_refused(settings: Settings) -> None:
    settings.www_dir.mkdir()
    path = build_sample(settings.metrics_path)
    for layout, is_known in ((1, True), (99, False)):
        with sqlite3.connect(path) as file:
            if layout == 1:
                file.execute("alter table about add column layout_version integer")
            file.execute("update about set layout_version = ?", [layout])
        file.close()
        if is_known:
            assert read_published(path).about.site_name
        else:
            with pytest.raises(DataError, match=r"layout 99, this Data³ knows 1\. Use the newer"):
                serve(settings, port=0)


INCREMENT = Increment(1, None, "runs", "duckdb 1", "models", "settings")


def test_a_warehouse_of_another_version_is_built_anew_or_refused(settings: Settings, tmp_path: Path) -> None:
    settings.site_dir.mkdir(parents=True)
    building = tmp_path / "building.duckdb"
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        require_known_layout(warehouse, settings.warehouse_path)  # of plain dbt: it does not say
        remember(warehouse, INCREMENT)
        require_known_layout(warehouse, settings.warehouse_path)
        remember(warehouse, replace(INCREMENT, layout=99))
        with pytest.raises(WarehouseError, match=r"layout 99, this Data³ knows 1\. .*builds it anew"):
            require_known_layout(warehouse, settings.warehouse_path)
    why = begin_with_last_build(settings, building, INCREMENT)
    assert why == "its layout is 99, and this Data³ has 1"
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        warehouse.execute("alter table built_documents drop column layout")  # as an older Data³ wrote it
    assert begin_with_last_build(settings, building, INCREMENT) is not None
    assert not building.exists()
