"""The tables of the report pages as files: Arrow streams where the Evidence build expects its sources.

A visitor's browser that asks for a choice downloads each of them whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from ddd.reports.tables import Table, moment

_EVIDENCE = {"boolean": "boolean", "date": "date", "time": "date", "number": "number", "text": "string"}


def write_sources(tables: Mapping[str, Table], data: Path) -> None:
    """Write tables, named `source.table`, and Evidence's manifest of them.

    Args:
        tables: What was selected.
        data: Where Evidence looks for source files; emptied by the caller.
    """
    files: dict[str, list[str]] = {}
    for name, table in tables.items():
        source, _, stem = name.partition(".")
        folder = data / source / stem
        folder.mkdir(parents=True, exist_ok=True)
        columns = list(zip(*table.values, strict=True)) or [()] * len(table.kinds)
        arrow = pa.Table.from_arrays(
            [_array(kind, values) for kind, values in zip(table.kinds.values(), columns, strict=True)],
            names=list(table.kinds),
        )
        # The ending is what Evidence's own code looks for; the content is an Arrow stream.
        with (
            pa.OSFile(str(folder / f"{stem}.parquet"), "wb") as sink,
            pa.ipc.new_stream(sink, arrow.schema) as writer,
        ):
            writer.write_table(arrow)
        described = [
            {"name": column, "evidenceType": _EVIDENCE[kind]} for column, kind in table.kinds.items()
        ]
        (folder / f"{stem}.schema.json").write_text(json.dumps(described))
        files.setdefault(source, []).append(f"static/data/{source}/{stem}/{stem}.parquet")
    (data / "manifest.json").write_text(json.dumps({"renderedFiles": files}))


def texts(tables: Mapping[str, Table]) -> set[str]:
    """Every text in the tables, such as the names of projects."""
    return {
        value for table in tables.values() for row in table.values for value in row if isinstance(value, str)
    }


def _array(kind: str, values: Sequence[object]) -> pa.Array:
    if kind in {"date", "time"}:
        return pa.array([None if value is None else moment(value) for value in values], pa.timestamp("ms"))
    if kind == "boolean":
        return pa.array([None if value is None else bool(value) for value in values], pa.bool_())
    if kind == "number":
        return pa.array([None if value is None else float(str(value)) for value in values], pa.float64())
    strings = [None if value is None else str(value) for value in values]
    array = pa.array(strings, pa.string())
    # Names repeat in every row; DuckDB-WASM refuses a stream that has a dictionary and no row.
    return array.dictionary_encode() if strings else array
