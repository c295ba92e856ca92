"""Reads the rows of a CSV or NDJSON file, each with its line, and looks at the names of its columns."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ddd.errors import SourceError

_LONGEST_CELL = 64 * 1024 * 1024
_LIKE = 0.8


@dataclass(frozen=True)
class Row:
    """One row of a file.

    Attributes:
        line: The line on which it begins, from 1.
        values: Its values by column, without those that are empty.
        text: How it is written.
        problem: Why it is no row at all; empty where it is one.
    """

    line: int
    values: dict[str, Any]
    text: str
    problem: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows of a file.

    Attributes:
        rows: All of them, unreadable ones too.
        unknown_columns: Columns that mean nothing here.
        bytes_count: The file's size.
    """

    rows: list[Row]
    unknown_columns: list[str]
    bytes_count: int


def read_rows(path: Path, variable: str, columns: Sequence[str], required: Sequence[str]) -> Rows:
    """Read a file of rows: NDJSON where it begins with a brace, else CSV with a header.

    Args:
        path: The file; CSV with commas, semicolons or tabs, both in UTF-8.
        variable: The variable that names it, for messages.
        columns: All columns that mean something.
        required: Those that must be there.

    Raises:
        SourceError: The file cannot be read, is empty, lacks a column, or has one that is misspelt.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})", f"Check {variable}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 ({error.reason})", "Write the file in UTF-8") from None
    rows = list(_json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text, path))
    known = {name for row in rows for name in row.values} | set(_header(text) or ())
    unknown = sorted(known - set(columns))
    for name in unknown:
        needed = [column for column in required if column not in known]
        absent = needed or [column for column in columns if column not in known]
        for like in difflib.get_close_matches(name, absent, n=1, cutoff=_LIKE):
            raise SourceError(
                f"{path} has a column {name!r}", f"Did you mean {like!r}? Columns: {', '.join(columns)}"
            )
    missing = [name for name in required if name not in known]
    if missing and known:
        raise SourceError(
            f"{path} has no column {' and no '.join(map(repr, missing))}; it has {', '.join(sorted(known))}",
            f"Columns: {', '.join(columns)} (docs/deployments.md)",
        )
    return Rows(rows, unknown, len(content))


def _header(text: str) -> list[str] | None:
    """The columns of a CSV; none of NDJSON or where there is nothing."""
    if not text.strip() or text.lstrip().startswith("{"):
        return None
    first = text.lstrip("\r\n").splitlines()[0]
    cells = next(csv.reader([first], delimiter=_delimiter(first)))
    return [cell.strip().lower() for cell in cells if cell.strip()]


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _csv_rows(text: str, path: Path) -> Iterator[Row]:
    if not text.strip():
        raise SourceError(f"{path} is empty", "Give it a header of columns at least (docs/deployments.md)")
    csv.field_size_limit(_LONGEST_CELL)
    lines = text.splitlines(keepends=True)
    delimiter = _delimiter(text.lstrip("\r\n").splitlines()[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    begun = 0
    while True:
        line, begun = begun + 1, reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            written = "".join(lines[line - 1 : reader.line_num])
            yield Row(line, {}, written, f"not CSV ({error})")
            begun = reader.line_num
            continue
        begun = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip().lower() for cell in cells]
            continue
        written = delimiter.join(cells)
        if len(cells) > len(header):
            yield Row(line, {}, written, f"{len(cells)} cells, but {len(header)} columns")
            continue
        values = {
            name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()
        }
        yield Row(line, values, written)


def _json_rows(text: str) -> Iterator[Row]:
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            values = msgspec.json.decode(written, type=dict[str, Any])
        except msgspec.DecodeError as error:
            yield Row(line, {}, written, f"not a JSON object ({error})")
            continue
        filled = {name.lower(): value for name, value in values.items() if value is not None and value != ""}
        yield Row(line, filled, written)
