"""Tries a change that nobody declared: the models' own SQL, in memory, over the published weeks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ddd.errors import DataError, OutdatedError
from ddd.impact.statements import read_steps

FEWEST_WEEKS, MOST_WEEKS = 4, 104
_KEY = "tried"
_HISTORY_WEEKS = 156


@dataclass(frozen=True)
class Tried:
    """What the models say of a change.

    Attributes:
        impact: The row of `metric_change_impact` that the change would have.
        weeks: Its rows of `metric_change_weeks`, the first week first.
    """

    impact: dict[str, Any]
    weeks: list[dict[str, Any]]


def try_change(
    www_dir: Path,
    started_date: date,
    measure: str,
    subject: str,
    weeks: int | None = None,
    *,
    settled_date: date | None = None,
) -> Tried:
    """Judge a change as if it had been declared.

    Args:
        www_dir: The folder of the published files.
        started_date: Its first day.
        measure: What is measured, as in the table `measures`.
        subject: A project's PHID, `all`, or pipeline/environment.
        weeks: How many weeks to compare before and after; as the installation does where it is none.
        settled_date: The day from which on it counts as in effect; the first day where it is none.

    Raises:
        DataError: There is no such measure, subject, or week, or nothing is published.
        OutdatedError: An older Data³ wrote the files, without what the models read.
    """
    if weeks is not None and not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise DataError(f"{weeks} weeks cannot be compared", f"Name {FEWEST_WEEKS} to {MOST_WEEKS}")
    with _published(www_dir) as files, closing(duckdb.connect(":memory:")) as models:
        known = files.rows("select * from measures where measure = ?", [measure])
        if not known:
            names = ", ".join(
                row["measure"] for row in files.rows("select * from measures order by sequence")
            )
            raise DataError(f"There is no measure {measure!r}", f"There are {names}")
        kind = "project" if known[0]["family"] == "work" else "pipeline"
        days = (started_date, settled_date or started_date)
        _fill(models, files, known[0]["metric_name"], (kind, subject), days, weeks=weeks)
        for name, sql in read_steps(files.main):
            models.execute(f'create table "{name}" as {sql}')
            if name == "int_impact_series":
                models.execute(
                    f"delete from int_impact_series where change_key != '{_KEY}' or measure != ?", [measure]
                )
        impact = _dicts(models, "select * from metric_change_impact")
        if not impact:
            raise DataError(
                f"{subject} has no weeks with the measure {measure!r} around {started_date}",
                "Choose another day, or a project or pipeline that has them",
            )
        return Tried(
            impact[0], _dicts(models, "select * from metric_change_weeks order by week_started_date")
        )


@dataclass
class _Files:
    """The published files, as one."""

    main: sqlite3.Connection
    others: Sequence[sqlite3.Connection]

    def of(self, table: str) -> sqlite3.Connection:
        """The file that has a table."""
        for file in (self.main, *self.others):
            if file.execute("select 1 from catalog_models where model_name = ?", [table]).fetchone():
                return file
        raise OutdatedError(f"no such table: {table}")

    def types(self, table: str) -> dict[str, str]:
        """The columns of a table and their types in the models."""
        sql = "select column_name, data_type from catalog_columns where model_name = ? order by position"
        return dict(self.of(table).execute(sql, [table]).fetchall())

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of the main file."""
        cursor = self.main.execute(sql, list(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


@contextmanager
def _published(www_dir: Path) -> Iterator[_Files]:
    main = www_dir / "metrics.db"
    if not main.exists():
        raise DataError(f"{main} does not exist", "Run `make refresh` (or `dddcli export`) to write it")
    with ExitStack() as opened:
        paths = [main, *sorted(path for path in www_dir.glob("*.db") if path != main)]
        files = [
            opened.enter_context(
                closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True))
            )
            for path in paths
        ]
        try:
            yield _Files(files[0], files[1:])
        except sqlite3.Error as error:
            raise DataError(
                f"{main} cannot be read ({error})", "Run `dddcli refresh` to write it anew"
            ) from None


def _fill(
    models: duckdb.DuckDBPyConnection,
    files: _Files,
    metric: str,
    subject: tuple[str, str],
    days: tuple[date, date],
    *,
    weeks: int | None,
) -> None:
    """Put what the steps read into tables of those names: of metrics only what the subject is compared by."""
    kind, key = subject
    began, settled = days
    for table in (
        "measures",
        "impact_settings",
        "impact_subjects",
        "process_changes",
        "process_change_targets",
        "holidays",
        "redefinitions",
    ):
        _copy(models, files, table)
    _copy(models, files, "process_change_expectations", "false")
    models.execute("create view impact_measures as select * from measures")
    models.execute("create view int_installation_given_settings as select * from impact_settings")
    models.execute("create view int_extraction_dated as select * from impact_settings")
    # whoever tries the week of a declared change tries that one
    models.execute("delete from process_changes where abs(started_date - ?::date) < 7", [began])
    for table in ("process_changes", "process_change_targets"):
        models.execute(f"alter table {table} add column is_published boolean default true")
    models.execute(
        "insert into process_changes by name select ? as change_key, ? as started_date, ? as settled_date,"
        " ? as window_weeks, true as is_published",
        [_KEY, began, settled, weeks],
    )
    models.execute(
        "insert into process_change_targets by name"
        " select ? as change_key, ? as subject_kind, ? as subject_key, true as is_published",
        [_KEY, kind, key],
    )
    models.execute(
        "insert into impact_subjects select ?, ?, false, true where not exists"
        " (select 1 from impact_subjects where subject_kind = ? and subject_key = ?)",
        [kind, key, kind, key],
    )
    models.execute("create view int_impact_subjects as select * from impact_subjects")
    window = timedelta(weeks=weeks or MOST_WEEKS)
    subjects = [row[0] for row in models.execute("select subject_key from impact_subjects").fetchall()]
    for table in _metrics(files):
        if table != metric:
            _copy(models, files, table, "false")
            continue
        first = began - window - timedelta(weeks=_HISTORY_WEEKS + 1)
        columns = files.types(table)
        conditions = ["period = 'week'", "period_started_date >= ?"]
        values: list[Any] = [first.isoformat()]
        conditions += [
            f"{name} = 'all'" for name in ("subtype", "priority_name", "version") if name in columns
        ]
        if "project_phid" in columns:
            conditions.append(f"project_phid in ({', '.join('?' * len(subjects))})")
            values += subjects
        _copy(models, files, table, " and ".join(conditions), values)
    of_subject = "project_phid = ? and (created_at >= ? or started_at >= ?)"
    bounds = [key, (began - window - timedelta(weeks=2)).isoformat()]
    _copy(models, files, "measured_tasks", of_subject, [*bounds, bounds[1]])
    _copy(models, files, "project_columns", "project_phid = ?", [key])
    _copy(models, files, "projects")
    models.execute("alter table project_columns add column is_published boolean default true")


def _metrics(files: _Files) -> list[str]:
    """The metrics that `int_impact_weeks` reads."""
    return [row["metric_name"] for row in files.rows("select distinct metric_name from measures")]


def _copy(
    models: duckdb.DuckDBPyConnection,
    files: _Files,
    table: str,
    where: str = "true",
    values: Iterable[Any] = (),
) -> None:
    types = files.types(table)
    columns = ", ".join(f'"{name}"' for name in types)
    typed = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    models.execute(f'create table "{table}" ({typed})')
    rows = files.of(table).execute(f'select {columns} from "{table}" where {where}', list(values)).fetchall()
    if rows:
        read = ", ".join(f"unnest(?::{_held(kind)}[])::{kind}" for kind in types.values())
        models.execute(
            f'insert into "{table}" select {read}', [list(held) for held in zip(*rows, strict=True)]
        )


def _held(kind: str) -> str:
    """The type in which SQLite holds it."""
    if kind in {"double", "float", "real"} or kind.startswith("decimal"):
        return "double"
    return "bigint" if kind.endswith("int") or kind in {"integer", "boolean"} else "varchar"


def _dicts(models: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = models.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
