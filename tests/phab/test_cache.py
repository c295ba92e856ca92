"""The table of names, in both kinds of database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from ddd.errors import WarehouseError
from ddd.phab import DataCache, PHObject

from .test_phids import PROJECT, USER, Directory

GONE = "PHID-TASK-gonegonegonegonegone"


@pytest.fixture(params=["duckdb", "sqlite"])
def path(request, tmp_path):
    return tmp_path / {"duckdb": "names.duckdb", "sqlite": "names.db"}[request.param]


def read(path, query):
    connection = duckdb.connect(str(path)) if path.suffix == ".duckdb" else sqlite3.connect(path)
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


@pytest.fixture
def directory():
    directory = Directory()
    directory.names = {PROJECT: "Data³", USER: "alice"}
    return directory


def test_names_are_kept_between_runs(serve, client, directory, path):
    server = serve(directory)
    for _run in range(2):
        phab = client(server)
        refs = [phab.ref(phid) for phid in (PROJECT, USER, GONE)]
        with DataCache(path) as cache:
            found = PHObject.resolve_phids(phab, cache)
        assert {phid: one.name for phid, one in found.items()} == directory.names
        assert [ref.object.is_missing for ref in refs] == [False, False, True]
        assert refs[0].object.full_name == "Data³ in full"
    assert directory.asked == [sorted([PROJECT, USER, GONE])]
    assert read(path, "select phid, type, name, url, status, is_missing from phobjects order by phid") == [
        (PROJECT, "PROJ", "Data³", "https://phab.example/Data³", "open", False),
        (GONE, "TASK", "", "", "", True),
        (USER, "USER", "alice", "https://phab.example/alice", "open", False),
    ]


def test_old_names_are_asked_for_again_and_missing_ones_sooner(serve, client, directory, path):
    server = serve(directory)
    now = datetime.now(UTC)
    with DataCache(path, max_age_days=7, missing_max_age_days=1) as cache:
        cache.put(server.url, {}, now)
        phab = client(server)
        refs = [phab.ref(phid) for phid in (PROJECT, USER, GONE)]
        handles = dict.fromkeys([PROJECT, USER, GONE])
        PHObject.resolve_phids(phab, cache)
        known = cache.get(server.url, list(handles))
        handles = {phid: handle for phid, (handle, _at) in known.items()}
        cache.put(server.url, {PROJECT: handles[PROJECT]}, now - timedelta(days=6.9))
        cache.put(server.url, {USER: handles[USER]}, now - timedelta(days=7.1))
        cache.put(server.url, {GONE: None}, now - timedelta(days=1.1))
        assert set(cache.get(server.url, list(handles))) == {PROJECT}
        again = client(server)
        refs += [again.ref(phid) for phid in (PROJECT, USER, GONE)]
        PHObject.resolve_phids(again, cache)
    assert directory.asked[1:] == [sorted([USER, GONE])]


def test_servers_are_kept_apart(serve, client, path):
    one, other = Directory(), Directory()
    one.names, other.names = {PROJECT: "Ours"}, {PROJECT: "Theirs"}
    with DataCache(path) as cache:
        for directory in (one, other, one):
            phab = client(serve(directory))
            ref = phab.ref(PROJECT)
            PHObject.resolve_phids(phab, cache)
            assert ref.object.name == directory.names[PROJECT]
    assert len(read(path, "select * from phobjects")) == 3


def test_a_reference_is_a_key_in_the_table(serve, client, directory, path):
    with DataCache(path) as cache:
        phab = client(serve(directory))
        ref = phab.ref(PROJECT)
        PHObject.resolve_phids(phab, cache)
        ((handle, _at),) = cache.get(phab.url, [ref]).values()
    assert handle.name == "Data³"


def test_more_names_than_fit_one_statement(path):
    phids = [f"PHID-TASK-{number:020d}" for number in range(1234)]
    with DataCache(path) as cache:
        cache.put("https://phab.example/api/", dict.fromkeys(phids), datetime.now(UTC))
        assert set(cache.get("https://phab.example/api/", phids)) == set(phids)


def test_threads_share_a_cache_and_every_row_is_committed(path):
    phids = [f"PHID-TASK-{number:020d}" for number in range(100)]
    with DataCache(path) as cache, ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda phid: cache.put("https://phab.example/api/", {phid: None}, datetime.now(UTC)), phids
            )
        )
        if path.suffix == ".db":
            # DuckDB lets no second connection in
            assert read(path, "select count(*) from phobjects") == [(100,)]
    assert read(path, "select count(*) from phobjects") == [(100,)]


def test_open_connections_stay_open_and_their_own(serve, client, directory, tmp_path):
    mine = sqlite3.connect(tmp_path / "mine.db")
    mine.execute("create table notes (text)")
    mine.commit()
    mine.execute("insert into notes values ('not yet committed')")
    DataCache(mine).put("https://phab.example/api/", {GONE: None}, datetime.now(UTC))
    mine.rollback()
    assert mine.execute("select count(*) from notes").fetchone() == (0,)
    with DataCache(mine) as cache:
        cache.put("https://phab.example/api/", {GONE: None}, datetime.now(UTC))
    assert not mine.in_transaction
    assert mine.execute("select count(*) from phobjects").fetchone() == (1,)
    mine.close()
    other = duckdb.connect()
    with DataCache(other):
        pass
    assert other.execute("select count(*) from phobjects").fetchone() == (0,)


def test_a_read_only_database_is_one_clear_line(tmp_path):
    duckdb.connect(str(tmp_path / "a.duckdb")).close()
    with pytest.raises(WarehouseError, match="cannot be written") as caught:
        DataCache(duckdb.connect(str(tmp_path / "a.duckdb"), read_only=True))
    assert "\n" not in str(caught.value)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        DataCache(tmp_path / "no such folder" / "names.db")


def test_a_file_that_another_program_writes_is_one_clear_line(tmp_path):
    path = tmp_path / "names.db"
    DataCache(path).close()
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('begin exclusive'); print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "locked\n"
        connection = sqlite3.connect(path, timeout=0)
        with pytest.raises(WarehouseError, match="locked") as caught:
            DataCache(connection)
        assert "other program" in caught.value.remedy
        connection.close()
        holder.stdin.close()
