"""What reports select: the results of the queries in `reports/sources`, typed, for every format.

A source is a folder named after a published file, a table of it one SQL file in SQLite's dialect. A file
whose name begins with `_` is no table but a view that the others may use.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ddd.errors import ReportError

_NUMBER = re.compile(r"double|float|real|decimal|numeric|u?(tiny|small|big|huge)?int")
_QUANTITY = re.compile(r"_(count|days|hours|share|value|ago)$|^(place|sequence)$")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """The result of one query.

    Attributes:
        kinds: Kind of each column by its name: `date`, `time`, `boolean`, `number` or `text`.
        values: The rows, in the order of the columns; dates and times as text, as they are published.
    """

    kinds: Mapping[str, str]
    values: Sequence[Sequence[object]]

    @cached_property
    def rows(self) -> list[Row]:
        """The rows by name of column, with days as `date`, times as `datetime` and booleans as `bool`."""
        return [
            {
                name: None if value is None else _typed(kind, value)
                for (name, kind), value in zip(self.kinds.items(), row, strict=True)
            }
            for row in self.values
        ]

    def where(self, **wanted: object) -> list[Row]:
        """The rows that have these values."""
        return [row for row in self.rows if all(row[name] == value for name, value in wanted.items())]


@dataclass(frozen=True)
class About:
    """What the published file says of itself.

    Attributes:
        site_name: The installation the data are from.
        as_of: Time of the last complete extraction, UTC, as text such as `2026-01-02T03:04:05Z`.
        is_demo: Whether the data are simulated.
    """

    site_name: str
    as_of: str
    is_demo: bool


def read_about(metrics: Path) -> About:
    """Read the row of the table `about`.

    Raises:
        ReportError: The file is absent, damaged, or was not written by `dddcli refresh`.
    """
    with closing(_open(metrics)) as connection:
        row = _select(connection, "select site_name, as_of, is_demo from about", metrics)[1]
    if not row:
        raise ReportError(f"{metrics} does not say what it is about", "Run: dddcli refresh")
    return About(site_name=str(row[0][0]), as_of=str(row[0][1] or ""), is_demo=bool(row[0][2]))


def read_tables(www_dir: Path, sources: Path) -> dict[str, Table]:
    """The tables of every source, as `source.table`.

    Args:
        www_dir: Folder of the published files.
        sources: Folder of the sources: `<published file>/<table>.sql`.

    Raises:
        ReportError: A query fails, there is none, or its file is not published.
    """
    tables = {}
    for folder in sorted(path for path in sources.glob("*") if path.is_dir()):
        published = www_dir / f"{folder.name}.db"
        with closing(_open(published)) as connection:
            declared = _declared(connection, published)
            for path in sorted(folder.glob("_*.sql")):
                _create_view(connection, path)
            for path in sorted(folder.glob("[!_]*.sql")):
                names, values = _select(connection, path.read_text(), path)
                columns = list(zip(*values, strict=True)) or [()] * len(names)
                kinds = {
                    name: _kind(name, declared.get(name), column)
                    for name, column in zip(names, columns, strict=True)
                }
                tables[f"{folder.name}.{path.stem}"] = Table(kinds, values)
    if not tables:
        raise ReportError(f"{sources} holds no query", "Restore reports/sources from the repository")
    return tables


def moment(value: object) -> datetime:
    """A day or time as it is published, in UTC without saying so: Evidence knows no time zones."""
    found = datetime.fromisoformat(str(value))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _typed(kind: str, value: object) -> object:
    if kind == "date":
        return date.fromisoformat(str(value)[:10])
    if kind == "time":
        return moment(value)
    return bool(value) if kind == "boolean" else value


def _kind(name: str, declared: str | None, values: Sequence[object]) -> str:
    """What dbt's contracts say of a column of that name, else what its name says, else what it holds."""
    if declared == "boolean" or (declared is None and re.match(r"(is|has)_", name)):
        return "boolean"
    if declared == "date" or (declared is None and name.endswith("_date")):
        return "date"
    if (declared or "").startswith("timestamp") or (declared is None and name.endswith("_at")):
        return "time"
    if declared is None:
        if all(value is None for value in values):
            return "number" if _QUANTITY.search(name) else "text"
        return "text" if any(isinstance(value, str) for value in values) else "number"
    return "number" if _NUMBER.match(declared) else "text"


def _open(published: Path) -> sqlite3.Connection:
    if not published.is_file():
        raise ReportError(f"There is no {published}", "Run first: dddcli refresh")
    return sqlite3.connect(f"{published.resolve().as_uri()}?mode=ro", uri=True)


def _create_view(connection: sqlite3.Connection, path: Path) -> None:
    # A table and no view, so that it is computed once; it lives in memory.
    connection.execute("pragma temp_store = memory")
    try:
        connection.execute(f'create temp table "{path.stem}" as {path.read_text()}')
    except sqlite3.Error as error:
        raise _failed(path, error) from None


def _select(
    connection: sqlite3.Connection, sql: str, origin: Path
) -> tuple[list[str], list[tuple[object, ...]]]:
    try:
        cursor = connection.execute(sql)
        return [column[0] for column in cursor.description], cursor.fetchall()
    except sqlite3.Error as error:
        raise _failed(origin, error) from None


def _failed(origin: Path, error: sqlite3.Error) -> ReportError:
    return ReportError(f"The query of {origin} failed: {error}", "Run: dddcli refresh")


def _declared(connection: sqlite3.Connection, published: Path) -> dict[str, str]:
    """Type of each column name in dbt's contracts; the same name never means two things."""
    sql = "select column_name, lower(data_type) from catalog_columns"
    return {str(name): str(kind) for name, kind in _select(connection, sql, published)[1]}
