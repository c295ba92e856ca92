"""The figures of the small demo in a line each (`docs/figures.csv`): what a change moves shows in its diff.

One line for each number that a metric publishes: how many rows it has, how many of them have a value, and the
lowest, the highest and the sum of these. `.ci/figures.py` says in words what differs from an earlier version.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from ddd.access import connect
from ddd.catalog import Catalog

_COLUMNS = ("metric", "column", "unit", "rows", "values", "lowest", "highest", "sum")
_NUMBERS = ("int", "double", "decimal", "float", "numeric", "real")


def write_figures(warehouse_path: Path, catalog: Catalog, path: Path) -> None:
    """Write the figures of a warehouse.

    Raises:
        WarehouseError: It cannot be opened.
        OSError: The file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_figures(warehouse_path, catalog))
    path.write_text(text.getvalue(), encoding="utf-8")


def _figures(warehouse_path: Path, catalog: Catalog) -> Iterator[list[str]]:
    with connect(warehouse_path, read_only=True) as warehouse:
        for model in sorted(catalog.metrics, key=lambda each: each.name):
            where = " where is_published" if model.has_published_flag else ""
            for column in model.exported_columns:
                if not any(kind in column.data_type for kind in _NUMBERS) or column.data_type.endswith("[]"):
                    continue
                row = warehouse.execute(
                    f'select count(*), count("{column.name}"), min("{column.name}"), max("{column.name}"),'
                    f' fsum("{column.name}"::double) from {model.relation}{where}'
                ).fetchone()
                values = [_text(value) for value in row or ()]
                yield [model.name, column.name, column.unit, *values]


def _text(value: object) -> str:
    """Six digits are more than anybody reads, and fewer than what computing in another order changes."""
    return "" if value is None else str(value) if isinstance(value, int) else f"{float(str(value)):.6g}"
