"""Prints the answers of a method: JSON as it came, a table for people, or CSV."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.progress import Progress, TaskID
from rich.text import Text

from ddd.asking import Answer
from ddd.errors import RequestError
from ddd.progress import progress_bar
from ddd.tabular import Spool, make_table, printable, rows_of, write_csv

_NAMED_COUNT = 12
_COLOURED_LENGTH = 500_000


def print_answers(
    answers: Iterable[Answer], output_format: str, columns: list[str], *, is_terminal: bool, console: Console
) -> None:
    """Print answers to standard output as they come, or when the last one is there.

    JSON of several pages is one object like that of a single page, with the rows of all of them in `data`
    and the rest as the last page has it.

    Args:
        answers: Pages of one method.
        output_format: `json`, `table` or `csv`.
        columns: Which columns of a table or of CSV; all of them where none is named.
        is_terminal: Whether a person reads the output directly.
        console: Where to draw progress, and to say what was left out.

    Raises:
        RequestError: A column does not occur.
        ConduitError: The server says no; what came before is printed already.
    """
    if output_format == "json" and columns:
        raise RequestError(
            "JSON has no columns", "Add --format table or --format csv, or leave --columns out"
        )
    with progress_bar(console) as bar:
        counted = _counted(answers, bar, bar.add_task("Waiting for the server", total=None))
        if output_format == "json":
            text = _joined(counted)
            if not is_terminal:
                _write(text)
                return
            pieces = list(text)
        else:
            spool = Spool()
            for answer in counted:
                for row in _decoded(answer):
                    spool.add(row)
    if output_format == "json":
        _print_pretty(b"".join(pieces))
    else:
        _print_rows(spool, output_format, columns, is_terminal=is_terminal, console=console)


def _counted(answers: Iterable[Answer], bar: Progress, shown: TaskID) -> Iterator[Answer]:
    rows_count = 0
    for pages_count, answer in enumerate(answers, start=1):
        yield answer
        rows_count += len(answer.rows or ())
        bar.update(
            shown,
            description=f"Fetched {pages_count:,} pages with {rows_count:,} rows",
            completed=pages_count,
        )


def _joined(answers: Iterator[Answer]) -> Iterator[bytes]:
    """All pages as one answer, piece by piece, so that nothing has to wait in memory."""
    first = next(answers)
    if first.rows is None:
        yield first.result + b"\n"
        return
    yield b'{"data":['
    is_first_row, last = True, first
    for last in itertools.chain([first], answers):
        for row in last.rows or ():
            yield row if is_first_row else b",\n" + row
            is_first_row = False
    yield b"]"
    for name, part in last.others.items():
        yield b"," + json.dumps(name).encode() + b":" + part
    yield b"}\n"


def _decoded(answer: Answer) -> Iterator[dict[str, object]]:
    if answer.rows is None:
        yield from rows_of(json.loads(answer.result))
        return
    for row in answer.rows:
        yield from rows_of([json.loads(row)])


def _write(pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _print_pretty(text: bytes) -> None:
    pretty = printable(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    is_short = len(pretty) < _COLOURED_LENGTH  # colours take a second a megabyte
    Console().print(JSONHighlighter()(pretty) if is_short else Text(pretty), soft_wrap=True)


def _print_rows(
    spool: Spool, output_format: str, columns: list[str], *, is_terminal: bool, console: Console
) -> None:
    unknown = [name for name in columns if name not in spool.columns]
    if unknown and spool.rows_count:
        raise RequestError(
            f"There is no column {', '.join(unknown)}", f"There are: {', '.join(spool.columns)}"
        )
    if output_format == "csv":
        write_csv(spool, columns or spool.columns, sys.stdout)
        return
    if not spool.rows_count:
        console.print("No rows.")
        return
    output = Console() if is_terminal else Console(width=100_000)
    table, left_out = make_table(
        spool, columns or spool.filled_columns, output.width if is_terminal else None
    )
    output.print(table)
    if left_out:
        named = ", ".join(left_out[:_NAMED_COUNT]) + (", …" if len(left_out) > _NAMED_COUNT else "")
        console.print(
            f"No room for {len(left_out)} more columns: {named}. Choose with --columns, or use --format csv.",
            soft_wrap=True,
        )
