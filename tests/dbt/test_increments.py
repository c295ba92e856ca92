"""A warehouse that grew build by build equals one built whole from the same documents, row for row."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from built_warehouse import settings_in
from changing_documents import ChangingDocuments
from documents_file import write_documents

from ddd.errors import TransformError
from ddd.increments import begin_with_last_build, increment_of, remember
from ddd.settings import Settings
from ddd.transform import DBT_DIR, grow, put_in_place, run_dbt

_BEGUN_AT = datetime(2026, 6, 1)
_GROWING = sorted(
    path.stem
    for path in (DBT_DIR / "models").rglob("*.sql")
    if "materialized='incremental'" in path.read_text()
)
_GROWING_AND_NEEDED = (
    "build",
    "--resource-types",
    "model seed",
    "--select",
    *(f"+{one}" for one in _GROWING),
)
_ALL_MODELS = ("build", "--resource-types", "model seed")
_OF_THE_BUILD = {"stg_phabricator__documents_landed", "int_tasks_changed", "built_statements"}
_COMPARED_EVERY = 4


@dataclass(frozen=True)
class Grown:
    """A site whose warehouse grew four times, the same built whole, and what was changed last."""

    settings: Settings
    whole: Path
    done: list[str]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    folder = tmp_path_factory.mktemp("grown")
    settings = settings_in(folder, "public")
    changing = ChangingDocuments(seed=3, tasks_count=60)
    write_documents(settings, changing.first(), _BEGUN_AT)
    _build(settings, *_GROWING_AND_NEEDED)
    for step in (1, 2, 3, 4):
        _land(settings, changing, step)
        assert _build(settings, *_GROWING_AND_NEEDED) is None
    whole = folder / "whole.duckdb"
    _build(settings, *_GROWING_AND_NEEDED, whole=whole)
    return Grown(settings, whole, changing.done)


def test_growing_models_are_as_if_built_whole(grown: Grown) -> None:
    assert _differences(grown.settings.warehouse_path, grown.whole) == {}, grown.done


def test_plain_dbt_builds_whole_and_lets_the_next_build_be_whole(grown: Grown, tmp_path: Path) -> None:
    model, edited = _GROWING[0], tmp_path / grown.settings.warehouse_path.name
    shutil.copyfile(grown.settings.warehouse_path, edited)
    with duckdb.connect(str(edited)) as warehouse:
        warehouse.execute(f"insert into {model} from {model}")  # what an edited model may leave
    run_dbt(grown.settings, edited, "run", "--select", model)
    settings = replace(grown.settings, data_dir=tmp_path)
    with duckdb.connect(str(edited)) as warehouse:
        warehouse.execute(f"attach '{grown.whole}' as whole (read_only)")
        assert warehouse.execute(f"from {model} except all from whole.{model}").fetchall() == []
    settings.site_dir.mkdir()
    edited.rename(settings.warehouse_path)
    why_whole = begin_with_last_build(settings, tmp_path / "copy.duckdb", increment_of(grown.settings))
    assert why_whole == "the last build does not say what it was made of"


@pytest.mark.parametrize(
    ("seed", "steps_count"),
    [
        pytest.param(7, 4, marks=pytest.mark.proof),
        *(
            pytest.param(seed, 24, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])
            for seed in (20261124, 1, 42)
        ),
    ],
)
def test_every_table_of_a_grown_warehouse_is_as_if_built_whole(
    tmp_path: Path, seed: int, steps_count: int
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    settings = settings_in(tmp_path, "public", settings_dir=own)
    random, changing = Random(seed), ChangingDocuments(seed, tasks_count=100)
    write_documents(settings, changing.first(), _BEGUN_AT)
    assert _build(settings, *_ALL_MODELS) == "there was no earlier build"
    for step in range(1, steps_count + 1):
        _land(settings, changing, step)
        is_set_anew = step % 7 == 0
        if is_set_anew:
            rows = f"reopened_within_days,,{step}\nclock_start,,{random.choice(['status', 'column'])}\n"
            (own / "settings.csv").write_text(f"setting,project,value\n{rows}")
        is_compared = step % _COMPARED_EVERY == 0
        assert _build(settings, *_ALL_MODELS) == ("a setting was changed" if is_set_anew else None)
        if is_compared:
            whole = tmp_path / f"whole_{step}.duckdb"
            _build(settings, *_ALL_MODELS, whole=whole)
            assert _differences(settings.warehouse_path, whole) == {}, f"step {step}: {changing.done}"
    again = tmp_path / "again.duckdb"
    _build(settings, *_ALL_MODELS, whole=again)
    assert _differences(whole, again) == {}


def test_a_build_begins_anew_where_growing_could_differ(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "public")
    write_documents(settings, ChangingDocuments(seed=1, tasks_count=5).first(), _BEGUN_AT)
    increment, copy = increment_of(settings), tmp_path / "copy.duckdb"
    assert begin_with_last_build(settings, copy, increment) == "there was no earlier build"
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        warehouse.execute("create table metric_old as select 1 as one")
    assert (
        begin_with_last_build(settings, copy, increment) == "the last build does not say what it was made of"
    )
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        remember(warehouse, increment)
    for changed, why_whole in [
        ({"models": "others"}, "a model or macro was changed"),
        ({"settings": "others"}, "a setting was changed"),
        ({"versions": "duckdb 9"}, f"it was last built by {increment.versions}"),
        ({"batch": increment.batch - 1}, "the file of documents is another one"),
    ]:
        now = replace(increment, **changed)
        assert begin_with_last_build(settings, copy, now) == why_whole
    assert begin_with_last_build(settings, copy, increment) is None
    with duckdb.connect(str(copy), read_only=True) as copied:
        tables = copied.execute("select table_name from information_schema.tables").fetchall()
    assert tables == [("built_documents",)]


def test_documents_of_a_backup_are_not_taken_for_those_of_the_last_build(tmp_path: Path) -> None:
    settings, copy = settings_in(tmp_path, "public"), tmp_path / "copy.duckdb"
    changing = ChangingDocuments(seed=1, tasks_count=5)
    write_documents(settings, changing.first(), _BEGUN_AT)
    backup = settings.documents_path.read_bytes()
    _land(settings, changing, 1)
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        remember(warehouse, increment_of(settings))
    settings.documents_path.write_bytes(backup)
    _land(settings, changing, 2)
    increment = increment_of(settings)
    assert begin_with_last_build(settings, copy, increment) == "the file of documents is another one"


@pytest.mark.slow
def test_a_build_that_repeats_dbts_statements_tests_as_dbt_does(tmp_path: Path) -> None:
    settings, changing = settings_in(tmp_path, "public"), ChangingDocuments(seed=1, tasks_count=5)
    some = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select")
    some = (*some, "+stg_phabricator__tasks")
    write_documents(settings, changing.first(), _BEGUN_AT)
    _build(settings, *some)
    for step in (1, 2):
        _land(settings, changing, step)
        assert _build(settings, *some) is None
    log_path, building = settings.dbt_dir / "logs" / "dbt.log", tmp_path / settings.warehouse_path.name
    logged_bytes = log_path.stat().st_size
    with duckdb.connect(str(settings.warehouse_path)) as warehouse:
        warehouse.execute("insert into stg_phabricator__tasks from stg_phabricator__tasks")
    _land(settings, changing, 4)
    assert begin_with_last_build(settings, building, increment_of(settings)) is None
    with pytest.raises(TransformError, match=r"test unique_stg_phabricator__tasks_task_id: Got \d+ results"):
        grow(settings, building, *some)
    assert log_path.stat().st_size == logged_bytes  # nobody asked dbt


def _land(settings: Settings, changing: ChangingDocuments, step: int) -> None:
    # a project or status makes the next build read all tasks: two of three leave them alone
    documents, sweeps = changing.changes(batch=step + 1, of_tasks_only=step % 3 != 0)
    write_documents(settings, documents, _BEGUN_AT + timedelta(days=step), sweeps)


def _build(settings: Settings, *command: str, whole: Path | None = None) -> str | None:
    """Build as `ddd.transform.build` does, but only some; returns why everything was built."""
    increment = increment_of(settings)
    building = settings.site_dir / "building" / settings.warehouse_path.name
    building.parent.mkdir(exist_ok=True)
    why_whole = "to compare" if whole else begin_with_last_build(settings, building, increment)
    if why_whole is None:
        grow(settings, building, *command)
    else:
        run_dbt(settings, building, *command)
    with duckdb.connect(str(building)) as finished:
        remember(finished, increment)
        finished.execute("force checkpoint")
    if whole:
        building.replace(whole)
    else:
        put_in_place(settings, building)
    return why_whole


def _differences(grown: Path, whole: Path) -> dict[str, dict[str, list[str]]]:
    """Of each table that differs the first rows that only one of both has."""
    found: dict[str, dict[str, list[str]]] = {}
    with duckdb.connect() as both:
        both.execute(f"attach '{grown}' as grown (read_only)")
        both.execute(f"attach '{whole}' as whole (read_only)")
        names, others = (_tables(both, catalog) for catalog in ("grown", "whole"))
        assert names == others, set(names) ^ set(others)
        for name in names:
            for one, other in (("grown", "whole"), ("whole", "grown")):
                rows = both.execute(f"from {one}.{name} except all from {other}.{name}").fetchall()
                if rows:
                    found.setdefault(name, {})[f"{len(rows)} only {one}"] = [str(row) for row in rows[:3]]
        assert both.execute("select 1 from grown.stg_phabricator__transaction_changes").fetchone()
    return found


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    """Names of tables; views say the same of the same tables, and name their own catalog. What was changed
    since the last build differs by its nature."""
    rows = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = ? and table_type = 'BASE TABLE' order by 1",
        [catalog],
    ).fetchall()
    return [name for (name,) in rows if name not in _OF_THE_BUILD]
