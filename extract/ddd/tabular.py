"""Rows and columns from nested JSON: `fields.status.value` becomes a column of that name."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from rich import box
from rich.table import Table
from rich.text import Text

Cell = str | int | float | bool | None

KEY = "key"
"""Column for the keys of an answer that is a map of rows, such as that of `phid.query`."""

_LONGEST_CELL = 60
_SPOOL_BYTES = 8_000_000


def rows_of(result: Any) -> list[dict[str, Any]]:
    """The rows in a decoded result, whatever its shape.

    A page gives the objects in `data`, a map of objects or of lists of objects one row each with its key
    first, another object one row, a list one row an element, and a plain value one row.
    """
    if isinstance(result, Mapping):
        if isinstance(result.get("data"), list):
            return [_row(one) for one in result["data"]]
        values = list(result.values())
        if values and all(isinstance(one, Mapping) and one for one in values):
            return [{KEY: key, **one} for key, one in result.items()]
        if values and all(_is_list_of_rows(one) for one in values):
            return [{KEY: key, **one} for key, rows in result.items() for one in rows]
        return [dict(result)] if result else []
    if isinstance(result, list):
        return [_row(one) for one in result]
    return [] if result is None else [_row(result)]


def _is_list_of_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _row(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {"value": value}


def flatten(row: Mapping[str, Any]) -> dict[str, Cell]:
    """One level of cells: nested objects become dotted names, lists of plain values one text.

    Empty objects and lists are left out, because PHP writes one for the other. Other lists stay JSON, and so
    do objects that are keyed by PHIDs, such as `boards`, whose keys are no names of columns.
    """
    cells: dict[str, Cell] = {}
    _flatten("", row, cells)
    return cells


def _flatten(prefix: str, value: Any, cells: dict[str, Cell]) -> None:
    if isinstance(value, Mapping):
        if prefix and any(name.startswith("PHID-") for name in value):
            cells[prefix] = json.dumps(value, ensure_ascii=False)
            return
        for name, inner in value.items():
            _flatten(f"{prefix}.{name}" if prefix else str(name), inner, cells)
    elif not isinstance(value, list):
        cells[prefix] = value
    elif all(isinstance(one, str | int | float) and "," not in str(one) for one in value):
        if value:
            cells[prefix] = ", ".join(map(_text, value))
    else:
        cells[prefix] = json.dumps(value, ensure_ascii=False)


class Spool:
    """Flattened rows on their way to a table; what does not fit in a little memory waits on disk.

    The columns are known only when the last row has come, because objects differ in their fields.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_SPOOL_BYTES, mode="w+b")  # noqa: SIM115 - lives with it
        self._columns: dict[str, bool] = {}
        self.rows_count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row as it was decoded."""
        cells = flatten(row)
        for name, cell in cells.items():
            self._columns[name] = self._columns.get(name, False) or cell not in (None, "")
        self._file.write(json.dumps(cells).encode() + b"\n")
        self.rows_count += 1

    @property
    def columns(self) -> list[str]:
        """All columns, in the order in which they came up."""
        return list(self._columns)

    @property
    def filled_columns(self) -> list[str]:
        """Those with a value in some row."""
        return [name for name, is_filled in self._columns.items() if is_filled]

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)


def write_csv(spool: Spool, columns: list[str], to: TextIO) -> None:
    """Write rows as CSV with a header; a missing value is an empty field."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(columns)
    for cells in spool:
        writer.writerow([_text(cells.get(name)) for name in columns])


def make_table(spool: Spool, columns: list[str], width: int | None) -> tuple[Table, list[str]]:
    """A table of rows for people, one line a row.

    Args:
        spool: The rows.
        columns: Which columns, in which order.
        width: Characters in a line; none for no limit.

    Returns:
        The table, and the columns for which there was no room.
    """
    widths = {name: len(name) for name in columns}
    for cells in spool:
        for name in columns:
            widths[name] = min(max(widths[name], len(_text(cells.get(name)))), max(_LONGEST_CELL, len(name)))
    shown = _fitting(widths, width)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in shown:
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for cells in spool:
        table.add_row(*(_cell(cells.get(name), widths[name]) for name in shown))
    return table, [name for name in columns if name not in shown]


def _fitting(widths: Mapping[str, int], width: int | None) -> list[str]:
    shown: list[str] = []
    room = width
    for name, needed in widths.items():
        if room is not None:
            room -= needed + 3
            if room < 0 and shown:
                break
        shown.append(name)
    return shown


def _cell(value: Cell, width: int) -> Text:
    text = printable(" ".join(_text(value).split()))
    return Text(text if len(text) <= width else f"{text[: width - 1]}…")


def _text(value: Cell) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def printable(text: str) -> str:
    r"""A text that can do nothing to a terminal: control and direction characters as `\u001b`."""
    return "".join(one if one.isprintable() or one in " \n\t" else f"\\u{ord(one):04x}" for one in text)
