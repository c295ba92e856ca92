"""A warehouse that grew build by build equals one built whole from the same documents, row for row."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from built_warehouse import settings_in
from changing_documents import ChangingDocuments
from documents_file import write_documents

from ddd.increments import begin_with_last_build, increment_of, remember
from ddd.settings import Settings
from ddd.transform import DBT_DIR, run_dbt

_BEGUN_AT = datetime(2026, 6, 1)
_GROWING = sorted(
    path.stem
    for path in (DBT_DIR / "models").rglob("*.sql")
    if "materialized='incremental'" in path.read_text()
)
_ONLY_GROWING = ("run", "--select", *_GROWING)
_ALL_MODELS = ("build", "--resource-type", "model", "--resource-type", "seed")


@pytest.mark.parametrize("steps_count", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_models_of_documents_grow_as_if_built_whole(tmp_path: Path, steps_count: int) -> None:
    settings = settings_in(tmp_path, "public")
    changing = ChangingDocuments(seed=steps_count, tasks_count=60)
    write_documents(settings, changing.first(), _BEGUN_AT)
    assert not _build(settings, *_ONLY_GROWING)
    for step in range(1, steps_count + 1):
        documents, sweeps = changing.changes(batch=step + 1)
        write_documents(settings, documents, _BEGUN_AT + timedelta(days=step), sweeps)
        assert _build(settings, *_ONLY_GROWING), f"step {step} did not begin with the last build"
        whole = tmp_path / f"whole_{step}.duckdb"
        _build(settings, *_ONLY_GROWING, whole=whole)
        assert _differences(settings.warehouse_path, whole) == {}, f"step {step}: {changing.done}"
        whole.unlink()


@pytest.mark.slow
def test_all_figures_of_a_grown_warehouse_equal_those_of_one_built_whole(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "public")
    changing = ChangingDocuments(seed=7, tasks_count=120)
    write_documents(settings, changing.first(), _BEGUN_AT)
    _build(settings, *_ONLY_GROWING)
    for step in range(1, 9):
        documents, sweeps = changing.changes(batch=step + 1)
        write_documents(settings, documents, _BEGUN_AT + timedelta(days=step), sweeps)
        assert _build(settings, *(_ALL_MODELS if step == 8 else _ONLY_GROWING))
    whole, again = tmp_path / "whole.duckdb", tmp_path / "again.duckdb"
    _build(settings, *_ALL_MODELS, whole=whole)
    _build(settings, *_ALL_MODELS, whole=again)
    assert _differences(settings.warehouse_path, whole) == {}
    assert _differences(whole, again) == {}


def test_a_build_begins_anew_where_growing_could_differ(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "public")
    write_documents(settings, ChangingDocuments(seed=1, tasks_count=5).first(), _BEGUN_AT)
    increment, copy = increment_of(settings), tmp_path / "copy.duckdb"
    assert not begin_with_last_build(settings, copy, increment)  # nothing was built yet
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        warehouse.execute("create table metric_old as select 1 as one")
    assert not begin_with_last_build(settings, copy, increment)  # nothing says what it was built of
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        remember(warehouse, increment)
    other = type(increment)(increment.batch, "of other models")
    earlier = type(increment)(increment.batch - 1, increment.fingerprint)
    assert not begin_with_last_build(settings, copy, other)
    assert not begin_with_last_build(settings, copy, earlier)  # the documents were restored from a backup
    assert begin_with_last_build(settings, copy, increment)
    with duckdb.connect(str(copy), read_only=True) as copied:
        tables = copied.execute("select table_name from information_schema.tables").fetchall()
    assert tables == [("built_documents",)]


def _build(settings: Settings, *command: str, whole: Path | None = None) -> bool:
    """Build as `ddd.transform.build` does, but only some; returns whether it began with the last build."""
    increment = increment_of(settings)
    building = settings.site_dir / "building" / settings.warehouse_path.name
    building.parent.mkdir(exist_ok=True)
    is_increment = whole is None and begin_with_last_build(settings, building, increment)
    run_dbt(settings, building, *command)
    with duckdb.connect(str(building)) as finished:
        remember(finished, increment)
        finished.execute("force checkpoint")
    building.replace(whole or settings.warehouse_path)
    return is_increment


def _differences(one: Path, other: Path) -> dict[str, tuple[int, int]]:
    """Tables that differ, with the numbers of rows that only the one and only the other has."""
    found = {}
    with duckdb.connect() as both:
        both.execute(f"attach '{one}' as one (read_only)")
        both.execute(f"attach '{other}' as other (read_only)")
        names = [
            {
                name
                for (name,) in both.execute(
                    "select table_name from information_schema.tables where table_catalog = ?", [catalog]
                ).fetchall()
            }
            for catalog in ("one", "other")
        ]
        assert names[0] == names[1]
        for name in sorted(names[0]):
            counts = [
                _count(both, f"from {left}.{name} except all from {right}.{name}")
                for left, right in (("one", "other"), ("other", "one"))
            ]
            if any(counts):
                found[name] = (counts[0], counts[1])
        assert _count(both, "from one.stg_phabricator__transaction_changes") > 0
    return found


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else 0
