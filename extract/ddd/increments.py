"""How far the last build came, so that the next one builds only what is new.

Models of documents and tasks grow: they hold rows for each raw document or task, and cost most of a build.
A build begins with a copy of the last warehouse, and those models take in what was landed since (macros in
`dbt_project/macros/incremental.sql`). It begins with nothing where that could differ from building whole, and
without the models of tasks where a project, column, status or priority changed: those say what tasks were.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from ddd.access import connect
from ddd.errors import WarehouseError
from ddd.repeating import TABLE as STATEMENTS
from ddd.seeds import SEEDS_DIR, put_together
from ddd.settings import PROJECT_DIR, Settings

LAYOUT_VERSION = 1
"""Of the warehouse's tables about itself, and of what the export asks it for."""

_DBT_DIR = PROJECT_DIR / "dbt_project"
_DEFINES = {".sql", ".yml"}
_GROWS = "materialized='incremental'"
_GROWS_BY_TASK = ("is_of_changed_task", "is_of_rescreened_task")
_TABLE = "built_documents"
_SPACES = "built_spaces"
_REFERENCES = ("projects", "columns", "statuses", "priorities")

_BATCHES = """
select table_name from duckdb_columns()
where database_name = current_database() and schema_name = 'raw' and column_name = 'batch'
"""
_RUNS = """
select max(finished_at), md5(cast(list_sort(list((finished_at, started_at, run_id, stream))) as varchar))
from raw.runs
where finished_at <= ?
"""
_END_OF_TIME = datetime(9999, 12, 31)


@dataclass(frozen=True)
class Increment:
    """What a build is made of; the row of the warehouse's table `built_documents`.

    Attributes:
        batch: The greatest batch of raw documents that it sees.
        runs_until: When the last of the runs ended that it sees, UTC; none before the first one.
        runs: Fingerprint of those runs; other ones were landed in a file of other documents.
        versions: Of what reads and builds.
        models: Fingerprint of models and macros.
        settings: Fingerprint of seeds and dbt variables.
        layout: Version of the warehouse's layout.
    """

    batch: int
    runs_until: datetime | None
    runs: str
    versions: str
    models: str
    settings: str
    layout: int = LAYOUT_VERSION


def increment_of(settings: Settings) -> Increment:
    """What a build of the site's documents is made of now.

    Raises:
        WarehouseError: The file of documents cannot be opened.
        SettingsError: The folder of the installation's own settings holds something else.
    """
    with _documents(settings) as documents:
        tables = [name for (name,) in documents.execute(_BATCHES).fetchall()]
        batches = [_row(documents, f"select coalesce(max(batch), 0) from raw.{name}")[0] for name in tables]
        runs_until, runs = _row(documents, _RUNS, _END_OF_TIME)
    own = settings.settings_dir
    seeds_dir = put_together(own, settings.dbt_dir / "seeds") if own else SEEDS_DIR
    return Increment(
        batch=max(batches, default=0),
        runs_until=runs_until,
        runs=str(runs),
        versions=", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dbt-duckdb")),
        models=_fingerprint(_DBT_DIR, _definitions()),
        settings=_fingerprint(seeds_dir, sorted(seeds_dir.glob("*.csv")), json.dumps(settings.dbt_variables)),
    )


def begin_with_last_build(settings: Settings, building: Path, increment: Increment) -> str | None:
    """Copy the last warehouse to where the next one is built, if it may grow into it.

    Args:
        settings: Which site.
        building: File of the next warehouse, which does not exist yet.
        increment: What the next build is made of.

    Returns:
        None when it was copied, else why everything is to be built.
    """
    if not settings.warehouse_path.exists():
        return "there was no earlier build"
    try:
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as warehouse:
            columns = ", ".join(one.name for one in fields(Increment))
            last = Increment(*_row(warehouse, f"select {columns} from {_TABLE}"))
    except (duckdb.Error, TypeError):
        # of an earlier Data³, of plain dbt, damaged, or open elsewhere: building whole needs none of it
        return "the last build does not say what it was made of"
    why_whole = _what_changed(settings, last, increment)
    if why_whole is None:
        shutil.copyfile(settings.warehouse_path, building)
        with duckdb.connect(str(building)) as copied:
            by_task = not _references_landed(settings, last.batch)
            _leave_only(copied, _growing(by_task=by_task) | {path.stem for path in SEEDS_DIR.glob("*.csv")})
    return why_whole


def _what_changed(settings: Settings, last: Increment, now: Increment) -> str | None:
    if last.layout != now.layout:
        return f"its layout is {last.layout}, and this Data³ has {now.layout}"
    if last.versions != now.versions:
        return f"it was last built by {last.versions}"
    if last.models != now.models:
        return "a model or macro was changed"
    if last.settings != now.settings:
        return "a setting was changed"
    with _documents(settings) as documents:
        same_runs = _row(documents, _RUNS, last.runs_until or _END_OF_TIME)[1]
    if last.batch > now.batch or last.runs != same_runs:
        return "the file of documents is another one"
    return None


def _growing(*, by_task: bool) -> set[str]:
    """Names of the models that grow; those of tasks read projects, columns and the like, too."""
    sql = {path.stem: path.read_text() for path in _definitions() if path.suffix == ".sql"}
    return {
        name
        for name, text in sql.items()
        if _GROWS in text and (by_task or not any(macro in text for macro in _GROWS_BY_TASK))
    }


def _references_landed(settings: Settings, batch: int) -> bool:
    """Whether anything was landed since a batch that says something of tasks which did not change."""
    with _documents(settings) as documents:
        landed = [
            _row(documents, f"select count(*) from raw.phabricator_{stream} where batch > ?", batch)[0]
            for stream in _REFERENCES
        ]
        (hidden,) = _row(
            documents,
            "select count(*) from raw.visibility_changes"
            " where batch > ? and source = 'phabricator' and list_contains(?, stream)",
            batch,
            list(_REFERENCES),
        )
    return bool(sum(landed) + hidden)


def _leave_only(warehouse: duckdb.DuckDBPyConnection, growing: set[str]) -> None:
    """Drop what is built whole: new tables then use its room, and the file does not grow."""
    relations = warehouse.execute(
        "select table_schema, table_name, table_type from information_schema.tables"
        " where table_catalog = current_database()"
    ).fetchall()
    for schema, name, kind in relations:
        if name not in growing and name not in {_TABLE, _SPACES, STATEMENTS}:
            warehouse.execute(f'drop {"view" if kind == "VIEW" else "table"} "{schema}"."{name}"')
    warehouse.execute("force checkpoint")


def remember(warehouse: duckdb.DuckDBPyConnection, increment: Increment) -> None:
    """Write down in a finished warehouse what it is made of, and which spaces it publishes."""
    warehouse.execute(
        f"create or replace table {_TABLE} (batch bigint, runs_until timestamp, runs varchar,"
        " versions varchar, models varchar, settings varchar, layout integer)"
    )
    warehouse.execute(f"insert into {_TABLE} values (?, ?, ?, ?, ?, ?, ?)", astuple(increment))
    warehouse.execute(f"drop table if exists {_SPACES}")
    if _row(warehouse, "from duckdb_tables() where table_name = 'int_spaces_screened'"):
        warehouse.execute(f"create table {_SPACES} as from int_spaces_screened")


def require_known_layout(warehouse: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a warehouse of a newer Data³; one that does not tell is of an older one, or of plain dbt.

    Raises:
        WarehouseError: Its layout is not known here.
    """
    told = _row(
        warehouse,
        "select count(*) from duckdb_columns() where database_name = current_database()"
        " and table_name = ? and column_name = 'layout'",
        _TABLE,
    )[0]
    layout = _row(warehouse, f"select max(layout) from {_TABLE}")[0] if told else None
    if layout is not None and layout > LAYOUT_VERSION:
        raise WarehouseError(
            f"{path} has layout {layout}, this Data³ knows {LAYOUT_VERSION}",
            "Use the newer Data³ that built it, or run `dddcli build`, which builds it anew",
        )


def _definitions() -> list[Path]:
    folders = [_DBT_DIR / "macros", _DBT_DIR / "models"]
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in _DEFINES]
    return sorted([*found, _DBT_DIR / "dbt_project.yml", _DBT_DIR / "profiles.yml"])


def _fingerprint(folder: Path, files: Iterable[Path], text: str = "") -> str:
    digest = hashlib.sha256(text.encode())
    for path in files:
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _documents(settings: Settings) -> duckdb.DuckDBPyConnection:
    return connect(settings.documents_path, read_only=True, wait_seconds=settings.lock_wait_seconds)


def _row(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> tuple[Any, ...]:
    return connection.execute(sql, values).fetchone() or ()
