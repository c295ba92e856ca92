"""Writes marts and metrics to the SQLite files that are published, and nothing that is not allowed.

Each new file is written beside the old one and checked; when all are, they take their place at once
(`ddd.publications`).
Which models go where, with which indexes, is said in their YAML; rows that are not marked `is_published`
stay behind.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from adbc_driver_manager import Error as AdbcError
from adbc_driver_sqlite import dbapi as adbc
from rich.console import Console

from ddd import __version__, logs
from ddd.access import connect, require_space
from ddd.catalog import TASKS_FILE, Catalog, Column, Model, read_catalog
from ddd.errors import ExportError
from ddd.impact.statements import compiled_steps, write_steps
from ddd.increments import require_known_layout
from ddd.progress import progress_bar
from ddd.publications import new_publication
from ddd.published import LAYOUT_VERSION
from ddd.settings import Settings

BATCH_ROWS = 50_000
_ANOTHER_SPACE = "another space"

_ABOUT = """
create table about (
    site_name text not null, site_url text not null, is_demo integer not null, as_of text not null,
    exported_at text not null, ddd_version text not null, export_policies text not null,
    layout_version integer not null
);
create table catalog_models (
    model_name text primary key, model_kind text not null, label text not null, question text not null,
    description text not null, sql_path text not null,
    rows_count integer not null, columns_count integer not null,
    topic text not null, clock text not null, left_out text not null, misleads text not null
);
create table catalog_columns (
    model_name text not null references catalog_models (model_name), column_name text not null,
    position integer not null, data_type text not null, label text not null, unit text not null,
    description text not null, primary key (model_name, column_name)
);
"""


@dataclass
class Exported:
    """What an export did.

    Attributes:
        rows: Rows per exported table.
        files: Size of each published file in bytes.
        tables: The tables of each published file.
        left_out: Tasks left out per view policy; `another space` for those outside the allowed spaces.
        warnings: What a person should know.
    """

    rows: dict[str, int] = field(default_factory=dict)
    files: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, list[str]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """What a log says of it."""
        return {
            "rows_count": sum(self.rows.values()),
            "file_bytes": {path.name: size for path, size in self.files.items()},
            "left_out_tasks_count": sum(self.left_out.values()),
        }


def export(settings: Settings, *, console: Console | None = None) -> Exported:
    """Publish the built warehouse as `www/metrics.db`, and `www/train.db` beside it.

    Args:
        settings: Which site, and where to publish.
        console: Where to draw progress.

    Raises:
        ExportError: There is nothing to export, a published file is open for writing in another
            program, or the disk is full; the previous files are still in place.
    """
    console = console or Console(quiet=True)
    if not settings.warehouse_path.exists():
        raise ExportError(f"{settings.warehouse_path} does not exist", "Run `dddcli build` first")
    _require_built_for(settings)
    catalog = read_catalog(settings.manifest_path)
    targets = {settings.www_dir / name: models for name, models in catalog.files.items()}
    _make_folder(settings.www_dir)
    for target in targets:
        _require_not_in_use(target)
    require_space(settings.www_dir, _needed_bytes(settings, targets), "DATASETTE_DIR")
    exported = Exported()
    warehouse = connect(settings.warehouse_path, read_only=True, wait_seconds=settings.lock_wait_seconds)
    try:
        require_known_layout(warehouse, settings.warehouse_path)
        with progress_bar(console) as bar, new_publication(settings.www_dir) as folder:
            shown = bar.add_task("Exporting tables", total=len(catalog.models))
            for target, models in targets.items():
                _write(settings, models, warehouse, folder / target.name, exported)
                bar.advance(shown, len(models.models))
                exported.tables[target] = [model.name for model in models.models]
            _tell_left_out(settings, warehouse, exported)
            for target in targets:
                _require_not_in_use(target)
            logs.event("publishing", files=[target.name for target in targets])
        for target in targets:
            exported.files[target] = target.stat().st_size
    except (duckdb.Error, sqlite3.Error, AdbcError, OSError) as error:
        raise ExportError(
            f"{target} could not be written: {str(error).splitlines()[0]}",
            "Make room on that disk and check the folder's permissions; the previous file is still in place",
        ) from None
    finally:
        warehouse.close()
    return exported


def _needed_bytes(settings: Settings, targets: Iterable[Path]) -> int:
    """Room for what is published now and half as much again, or for half the warehouse the first time."""
    published = sum(target.stat().st_size for target in targets if target.exists())
    return (published * 3 // 2 or settings.warehouse_path.stat().st_size // 2) + 20_000_000


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"{folder} cannot be created ({error.strerror})", "Check DATASETTE_DIR and its permissions"
        ) from None


def _require_built_for(settings: Settings) -> None:
    """Which rows are published is decided in dbt: refuse a build that was made for other settings."""
    path = settings.dbt_dir / "target" / "run_results.json"
    try:
        variables = json.loads(path.read_text())["args"]["vars"]
    except (OSError, ValueError, KeyError):
        raise ExportError(f"{path} cannot be read", "Run `dddcli build` first") from None
    if variables != settings.dbt_variables:
        raise ExportError(
            "The warehouse was built for other export settings than those of now",
            "Run `dddcli build`, then `dddcli export` again",
        )


def _require_not_in_use(target: Path) -> None:
    if not target.exists():
        return
    file = target.resolve()
    remedy = "Close the program that has it open for writing, then run `dddcli export` again"
    if any(file.with_name(file.name + suffix).exists() for suffix in ("-wal", "-journal")):
        raise ExportError(f"Another program has {target} open for writing (it has a journal)", remedy)
    try:
        with sqlite3.connect(f"file:{target}?mode=rw", uri=True, timeout=0) as connection:
            connection.execute("begin immediate")
            connection.rollback()
        connection.close()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ExportError(f"Another program has {target} open for writing", remedy) from None
    except sqlite3.DatabaseError:
        return  # not a database at all: it is replaced


def _write(
    settings: Settings,
    catalog: Catalog,
    warehouse: duckdb.DuckDBPyConnection,
    beside: Path,
    exported: Exported,
) -> None:
    with sqlite3.connect(beside) as sqlite:
        sqlite.executescript("pragma page_size = 8192; vacuum;" + _ABOUT)
    sqlite.close()
    for model in catalog.models:
        exported.rows[model.name] = _copy(warehouse, beside, model)
    with sqlite3.connect(beside) as sqlite:
        for model in catalog.models:
            _index(sqlite, model)
        _describe(sqlite, catalog, exported.rows)
        if beside.name == TASKS_FILE:
            write_steps(sqlite, compiled_steps(settings.manifest_path))
        _write_about(sqlite, warehouse, settings)
        sqlite.commit()
        sqlite.execute("analyze")
        check = sqlite.execute("pragma quick_check").fetchone()[0]
        if check != "ok":
            raise sqlite3.DatabaseError(f"the written file is damaged: {check}")
    sqlite.close()
    with beside.open("rb") as written:
        os.fsync(written.fileno())


def _tell_left_out(settings: Settings, warehouse: duckdb.DuckDBPyConnection, exported: Exported) -> None:
    exported.left_out = _left_out(warehouse, settings)
    if exported.left_out:
        exported.warnings.append(_left_out_text(settings, exported))


def _copy(warehouse: duckdb.DuckDBPyConnection, beside: Path, model: Model) -> int:
    columns = model.exported_columns
    definitions = ", ".join(f'"{column.name}" {_sqlite_type(column.data_type)}' for column in columns)
    with sqlite3.connect(beside) as sqlite:
        sqlite.execute(f'create table "{model.name}" ({definitions})')
    sqlite.close()
    where = " where is_published" if model.has_published_flag else ""
    select = f"select {', '.join(_cast(column) for column in columns)} from {model.relation}{where}"
    if model.order_by:
        select += " order by " + ", ".join(f'"{name}"' for name in model.order_by)
    reader = warehouse.execute(select).to_arrow_reader(BATCH_ROWS)
    with adbc.connect(str(beside)) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest(model.name, reader, mode="append")
        connection.commit()
    expected = warehouse.execute(f"select count(*) from {model.relation}{where}").fetchone()
    with sqlite3.connect(beside) as sqlite:
        written = int(sqlite.execute(f'select count(*) from "{model.name}"').fetchone()[0])
    sqlite.close()
    if expected is None or written != expected[0]:
        raise sqlite3.DatabaseError(f"{model.name} has {written} rows instead of {expected and expected[0]}")
    return written


def _sqlite_type(data_type: str) -> str:
    if data_type.startswith(("decimal", "double", "float", "real", "numeric")):
        return "real"
    if data_type.endswith("int") or data_type in {"integer", "boolean"}:
        return "integer"
    return "text"


def _cast(column: Column) -> str:
    name, kind = f'"{column.name}"', column.data_type
    if kind.startswith("timestamp"):
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}"
    if kind == "date":
        return f"strftime({name}, '%Y-%m-%d') as {name}"
    if kind.endswith("[]") or kind.startswith(("struct", "map", "json")):
        return f"to_json({name})::varchar as {name}"
    sqlite_type = {"real": "double", "integer": "bigint", "text": "varchar"}[_sqlite_type(kind)]
    return f"{name}::{sqlite_type} as {name}"


def _index(sqlite: sqlite3.Connection, model: Model) -> None:
    for columns in model.indexes:
        quoted = ", ".join(f'"{column}"' for column in columns)
        sqlite.execute(f'create index "{model.name}__{"__".join(columns)}" on "{model.name}" ({quoted})')
    if model.full_text:
        quoted = ", ".join(f'"{column}"' for column in model.full_text)
        sqlite.execute(
            f"create virtual table \"{model.name}_fts\" using fts5({quoted}, content='{model.name}')"
        )
        sqlite.execute(f'insert into "{model.name}_fts"("{model.name}_fts") values (\'rebuild\')')


def _describe(sqlite: sqlite3.Connection, catalog: Catalog, rows: dict[str, int]) -> None:
    for model in catalog.models:
        columns = model.exported_columns
        sqlite.execute(
            f"insert into catalog_models values ({', '.join('?' * 12)})",
            [
                *(model.name, model.kind, model.label, model.question),
                *(model.whole_description, model.sql_path),
                *(rows[model.name], len(columns)),
                *(model.topic, model.clock, model.left_out, model.misleads),
            ],
        )
        sqlite.executemany(
            "insert into catalog_columns values (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    model.name,
                    column.name,
                    position,
                    column.data_type,
                    column.label,
                    column.unit,
                    column.description,
                )
                for position, column in enumerate(columns)
            ],
        )


def _left_out(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, int]:
    rows = warehouse.execute(
        "select case when list_contains($allowed, view_policy) then $space else view_policy end as reason,"
        " count(*) from tasks where not is_published group by reason order by count(*) desc, reason",
        {"allowed": list(settings.export_policies), "space": _ANOTHER_SPACE},
    ).fetchall()
    return dict(rows)


def _left_out_text(settings: Settings, exported: Exported) -> str:
    count = sum(exported.left_out.values())
    of_which = ", ".join(f"{number:,} {policy}" for policy, number in exported.left_out.items())
    # nobody should publish what has a policy of its own because a hint said so
    policies = [policy for policy in exported.left_out if policy in {"public", "users", "admin"}]
    remedies = []
    others = sum(1 for policy in exported.left_out if policy.startswith("PHID-"))
    if policies:
        remedies.append(f"DDD_EXPORT_POLICIES={','.join([*settings.export_policies, *policies])}")
    if _ANOTHER_SPACE in exported.left_out:
        remedies.append("DDD_EXPORT_SPACES=<their PHIDs>")
    if others and not policies:
        remedies.append("DDD_EXPORT_POLICIES=<the policies, by comma>")
    return (
        f"{count:,} of {count + exported.rows.get('tasks', 0):,} tasks are not published, by view policy: "
        f"{of_which}. To publish them set {' and '.join(remedies)}"
    )


def _write_about(
    sqlite: sqlite3.Connection, warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    row = warehouse.execute("select as_of from int_extraction_dated").fetchone()
    if row is None or row[0] is None:
        raise duckdb.Error("no complete extraction is recorded")
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    site = settings.site
    sqlite.execute(
        "insert into about values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            site.name, "" if site.is_demo else site.url.removesuffix("api/"), int(site.is_demo),
            row[0].strftime(stamp), datetime.now(UTC).strftime(stamp),
            __version__, json.dumps(settings.export_policies), LAYOUT_VERSION,
        ],
    )  # fmt: skip
