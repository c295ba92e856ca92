"""`dddcli metrics dump`: one published table as CSV or JSON."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path
from typing import TextIO

from ddd.errors import RequestError
from ddd.published import read_published


def dump_table(path: Path, name: str, output_format: str, to: TextIO) -> None:
    """Write a published table, row by row.

    Args:
        path: The published file.
        name: A mart or metric in it.
        output_format: `csv` with a header, or `json`: a list of objects, one a line.
        to: Where to write.

    Raises:
        RequestError: There is no such table.
        DataError: There is no published file.
    """
    models = read_published(path).models
    if name not in models:
        raise RequestError(f"{path} has no table {name}", f"It has: {', '.join(models)}")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)
    try:
        rows = connection.execute(f'select * from "{name}"')
        columns = [column[0] for column in rows.description]
        if output_format == "csv":
            writer = csv.writer(to, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
            return
        to.write("[")
        for index, row in enumerate(rows):
            to.write(",\n" if index else "\n")
            to.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
        to.write("\n]\n")
    finally:
        connection.close()
