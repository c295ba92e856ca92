"""Raw documents: nothing is lost, nothing is doubled, and a killed run can be repeated."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ddd.access import site_lock
from ddd.errors import WarehouseError
from ddd.segments import Document, Rejected, Segment, write_segment
from ddd.settings import DEMO_SITE, Settings
from ddd.warehouse import LAYOUT_VERSION, Documents, StreamRun

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STREAMS = ("tasks", "users")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(site=DEMO_SITE, data_dir=tmp_path, lock_wait_seconds=0)


def task(number: int, title: str, modified: int = 1_700_000_000) -> Document:
    return Document(str(number), json.dumps({"id": number, "title": title}).encode(), modified)


def land(settings: Settings, run_id: int, *documents: Document, rejected: tuple[Rejected, ...] = ()) -> int:
    folder = settings.segments_dir / f"run-{run_id}"
    folder.mkdir(parents=True)
    write_segment(folder, "all", Segment("tasks", list(documents), list(rejected)), NOON)
    with Documents(settings, "phabricator", STREAMS) as warehouse:
        changed = warehouse.land(folder, run_id)
    assert not list(folder.glob("*.parquet"))
    return changed


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_same_documents_twice_are_one_row_each(settings: Settings) -> None:
    assert land(settings, 1, task(1, "a"), task(2, "b")) == 2
    assert land(settings, 2, task(1, "a"), task(2, "b")) == 0
    assert rows(settings, "select count(*) from raw.phabricator_tasks") == [(2,)]


def test_a_change_keeps_its_past_and_a_change_back_is_a_change(settings: Settings) -> None:
    for run_id, title in enumerate(["old", "new", "old"], start=1):
        assert land(settings, run_id, task(1, title)) == 1
    titles = rows(settings, "select document ->> 'title' from raw.phabricator_tasks order by batch")
    assert titles == [("old",), ("new",), ("old",)]


def test_a_document_seen_twice_in_one_run_is_landed_once(settings: Settings) -> None:
    assert land(settings, 1, task(1, "a", 5), task(1, "b", 6)) == 1
    assert rows(settings, "select document ->> 'title' from raw.phabricator_tasks") == [("b",)]


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a":"\/\u00e9\ud83d\ude00","n":1.0,"e":1e5}',
        rb'{"big":12345678901234567890123}',
        b'{ "spaces" :  [ ] }',
        rb'{"nul":"before\u0000after"}',
        b'{"quotes":"\'\\"", "tab":"\\t"}',
    ],
)
def test_documents_are_kept_byte_for_byte(body: bytes, settings: Settings) -> None:
    land(settings, 1, Document("1", body))
    ((document, document_hash),) = rows(settings, "select document, document_hash from raw.phabricator_tasks")
    assert str(document).encode() == body
    assert document_hash == hashlib.sha256(body).hexdigest()


def test_a_document_that_no_one_can_read_is_quarantined_and_the_rest_goes_on(settings: Settings) -> None:
    bad = Document("2", rb'{"lone":"\ud800"}')
    assert land(settings, 1, task(1, "a"), bad, rejected=(Rejected("tasks", "3", "{}", "no id"),)) == 1
    assert rows(settings, "select key from raw.phabricator_tasks") == [("1",)]
    quarantined = rows(settings, "select stream, key, reason from raw.quarantine order by key")
    assert [(stream, key) for stream, key, _ in quarantined] == [("tasks", "2"), ("tasks", "3")]


def test_a_segment_that_is_landed_but_not_deleted_is_not_landed_again(settings: Settings) -> None:
    folder = settings.segments_dir / "run-1"
    folder.mkdir(parents=True)
    for expected in (1, 0):
        write_segment(folder, "all", Segment("tasks", [task(1, "a")]), NOON)
        with Documents(settings, "phabricator", STREAMS) as warehouse:
            assert warehouse.land(folder, 1) == expected
    assert rows(settings, "select count(*) from raw.segments") == [(1,)]


def test_the_watermark_is_that_of_the_newest_complete_run(settings: Settings) -> None:
    with Documents(settings, "phabricator", STREAMS) as warehouse:
        assert warehouse.last_watermark() is None
        assert warehouse.next_run_id() == 1
        run = StreamRun(1, "phabricator", "tasks", "full", NOON, NOON, NOON, 1, 1, 1)
        warehouse.record([run])
        assert warehouse.last_watermark() == NOON
        warehouse.record([replace(run, run_id=2, watermark_at=NOON.replace(hour=13))])
        assert warehouse.last_watermark() == NOON.replace(hour=13)
        assert warehouse.next_run_id() == 3


def test_a_warehouse_open_elsewhere_is_named_with_its_holder(settings: Settings, tmp_path: Path) -> None:
    import subprocess
    import sys

    land(settings, 1, task(1, "a"))
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(settings.documents_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match=f"open in process {holder.pid}"):
            Documents(settings, "phabricator", STREAMS)
        holder.communicate("")
    assert rows(settings, "select count(*) from raw.phabricator_tasks") == [(1,)]


def test_a_second_refresh_is_told_who_is_at_work(settings: Settings) -> None:
    with (
        site_lock(settings),
        pytest.raises(WarehouseError, match=r"being refreshed by process \d+ since"),
        site_lock(settings),
    ):
        pytest.fail("two runs hold the lock")


def test_a_warehouse_of_a_newer_version_is_refused(settings: Settings) -> None:
    land(settings, 1, task(1, "a"))
    with duckdb.connect(str(settings.documents_path)) as connection:
        connection.execute("insert into raw.layout values (99)")
    with pytest.raises(WarehouseError, match="layout 99"):
        Documents(settings, "phabricator", STREAMS)


def test_an_older_layout_is_brought_up_to_date_in_place(settings: Settings) -> None:
    land(settings, 1, task(1, "a"), rejected=(Rejected("tasks", "3", "{}", "no id"),))
    with duckdb.connect(str(settings.documents_path)) as connection:
        connection.execute("drop table raw.visibility_changes")
        connection.execute("alter table raw.quarantine drop column resolved_at")
        connection.execute("alter table raw.quarantine drop column resolved_run_id")
        connection.execute("delete from raw.layout")
        connection.execute("insert into raw.layout values (1)")
    land(settings, 2, task(2, "b"))
    assert rows(settings, "select max(version) from raw.layout") == [(LAYOUT_VERSION,)]
    assert rows(settings, "select key from raw.phabricator_tasks order by key") == [("1",), ("2",)]
    assert rows(settings, "select key, resolved_at from raw.quarantine") == [("3", None)]
    assert rows(settings, "select * from raw.visibility_changes") == []


def test_a_damaged_file_is_said_to_be_damaged(settings: Settings) -> None:
    settings.site_dir.mkdir(parents=True)
    settings.documents_path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        Documents(settings, "phabricator", STREAMS)


def test_documents_take_little_room_and_old_files_keep_their_format(
    settings: Settings, tmp_path: Path
) -> None:
    bodies = [
        task(number, f"{number * 7919 % 1009} of a text that repeats itself " * 9) for number in range(9000)
    ]

    def size_after_landing(site: Settings) -> int:
        land(site, 1, *bodies)
        assert rows(site, "select count(*) from raw.phabricator_tasks") == [(len(bodies),)]
        return site.documents_path.stat().st_size

    old = replace(settings, data_dir=tmp_path / "old")
    old.site_dir.mkdir(parents=True)
    duckdb.connect(str(old.documents_path)).close()
    compressed, plain = size_after_landing(settings), size_after_landing(old)
    assert compressed < plain
    kinds = (
        "select distinct compression from pragma_storage_info('raw.phabricator_tasks') "
        "where column_name = 'document'"
    )
    assert ("ZSTD",) in rows(settings, kinds)
    assert ("ZSTD",) not in rows(old, kinds)
    assert ("Uncompressed",) not in rows(old, kinds)
