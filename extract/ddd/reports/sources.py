"""The data of the report pages: what a query of `reports/sources` selects from the published file.

A source is a folder, a table of it one SQL file in SQLite's dialect. Its result is written as an Arrow
stream where the Evidence build expects its source files; a visitor's browser downloads each of them whole.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from ddd.errors import ReportError

_NUMBER = re.compile(r"double|float|real|decimal|numeric|u?(tiny|small|big|huge)?int")
_EVIDENCE = {pa.bool_(): "boolean", pa.timestamp("ms"): "date", pa.float64(): "number"}
"""Evidence's names of Arrow types; all others are `string`."""


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
        row = _rows(connection, "select site_name, as_of, is_demo from about", metrics)[1]
    if not row:
        raise ReportError(f"{metrics} does not say what it is about", "Run: dddcli refresh")
    return About(site_name=str(row[0][0]), as_of=str(row[0][1] or ""), is_demo=bool(row[0][2]))


@dataclass
class Written:
    """The source files of a site.

    Attributes:
        rows_counts: Rows per table, as `source.table`.
        texts: Every text in them, such as the names of projects.
    """

    rows_counts: dict[str, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)


def write_sources(metrics: Path, sources: Path, data: Path) -> Written:
    """Run every query of every source, and write the results and Evidence's manifest.

    Args:
        metrics: The published SQLite file.
        sources: Folder of the sources: `<source>/<table>.sql`.
        data: Where Evidence looks for source files; emptied by the caller.

    Raises:
        ReportError: A query fails, or there is none.
    """
    written = Written()
    files: dict[str, list[str]] = {}
    with closing(_open(metrics)) as connection:
        types = _declared_types(connection, metrics)
        for path in sorted(sources.glob("*/*.sql")):
            source, table = path.parent.name, path.stem
            names, rows = _rows(connection, path.read_text(), path)
            arrow = _arrow_table(names, rows, types)
            folder = data / source / table
            folder.mkdir(parents=True, exist_ok=True)
            # The ending is what Evidence's own code looks for; the content is an Arrow stream.
            with (
                pa.OSFile(str(folder / f"{table}.parquet"), "wb") as sink,
                pa.ipc.new_stream(sink, arrow.schema) as writer,
            ):
                writer.write_table(arrow)
            columns = [
                {"name": column.name, "evidenceType": _EVIDENCE.get(column.type, "string")}
                for column in arrow.schema
            ]
            (folder / f"{table}.schema.json").write_text(json.dumps(columns))
            files.setdefault(source, []).append(f"static/data/{source}/{table}/{table}.parquet")
            written.rows_counts[f"{source}.{table}"] = len(rows)
            written.texts.update(value for row in rows for value in row if isinstance(value, str))
    if not written.rows_counts:
        raise ReportError(f"{sources} holds no query", "Restore reports/sources from the repository")
    (data / "manifest.json").write_text(json.dumps({"renderedFiles": files}))
    return written


def _open(metrics: Path) -> sqlite3.Connection:
    if not metrics.is_file():
        raise ReportError(f"There is no {metrics}", "Run first: dddcli refresh")
    return sqlite3.connect(f"file:{metrics.resolve()}?mode=ro", uri=True)


def _rows(
    connection: sqlite3.Connection, sql: str, origin: Path
) -> tuple[list[str], list[tuple[object, ...]]]:
    try:
        cursor = connection.execute(sql)
        return [column[0] for column in cursor.description], cursor.fetchall()
    except sqlite3.Error as error:
        raise ReportError(f"The query of {origin} failed: {error}", "Run: dddcli refresh") from None


def _declared_types(connection: sqlite3.Connection, metrics: Path) -> dict[str, str]:
    """Type of each column name in dbt's contracts; the same name never means two things."""
    _, rows = _rows(connection, "select column_name, lower(data_type) from catalog_columns", metrics)
    return {str(name): str(kind) for name, kind in rows}


def _arrow_table(names: Sequence[str], rows: Sequence[tuple[object, ...]], types: dict[str, str]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [_arrow_array(types.get(name), values) for name, values in zip(names, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=list(names))


def _arrow_array(declared: str | None, values: Sequence[object]) -> pa.Array:
    if declared is None:
        declared = "varchar" if any(isinstance(value, str) for value in values) else "double"
    if declared.startswith(("date", "timestamp")):
        return pa.array([None if value is None else _utc(value) for value in values], pa.timestamp("ms"))
    if declared == "boolean":
        return pa.array([None if value is None else bool(value) for value in values], pa.bool_())
    if _NUMBER.match(declared):
        return pa.array([None if value is None else float(str(value)) for value in values], pa.float64())
    texts = [None if value is None else str(value) for value in values]
    array = pa.array(texts, pa.string())
    # Names repeat in every row; DuckDB-WASM refuses a stream that has a dictionary and no row.
    return array.dictionary_encode() if texts else array


def _utc(value: object) -> datetime:
    """A date or time as the export writes it, without a time zone because Evidence knows none."""
    moment = datetime.fromisoformat(str(value))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
