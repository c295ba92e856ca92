"""`dddcli metrics dump`: one published table as CSV or JSON."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path
from typing import TextIO

from ddd.catalog import TASKS_FILE
from ddd.errors import DataError, RequestError
from ddd.published import read_published


def dump_table(www_dir: Path, name: str, output_format: str, to: TextIO) -> None:
    """Write a published table, row by row.

    Args:
        www_dir: Folder of the published files.
        name: A mart or metric in one of them.
        output_format: `csv` with a header, or `json`: a list of objects, one a line.
        to: Where to write.

    Raises:
        RequestError: There is no such table.
        DataError: There is no published file.
    """
    files = [www_dir / TASKS_FILE, *sorted(set(www_dir.glob("*.db")) - {www_dir / TASKS_FILE})]
    known: list[str] = []
    for path in files:
        try:
            models = read_published(path).models
        except DataError:
            if path.name == TASKS_FILE:
                raise
            continue  # some other SQLite file
        if name in models:
            break
        known += models
    else:
        raise RequestError(f"{www_dir} has no published table {name}", f"There are: {', '.join(known)}")
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
