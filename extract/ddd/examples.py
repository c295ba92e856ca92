"""The examples of `docs/metrics.md`: one row of each metric, from a demo that is the same everywhere.

Seed, end and size are fixed, and so are all settings, so that whoever writes the page writes the same page.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
from rich.console import Console

from ddd.access import connect, site_lock
from ddd.catalog import Catalog, Model
from ddd.errors import TransformError
from ddd.settings import DEMO_SITE, Demo, Settings
from ddd.source_settings import demo_sources
from ddd.sources import chosen_sources
from ddd.transform import build

EXAMPLE_DEMO = Demo(seed=1, end_date=date(2026, 1, 31), tasks_count=600)
"""The simulated organisation that the examples are of."""

Example = dict[str, str]
"""A row as people read it: text per column."""


def build_examples(settings: Settings, *, console: Console | None = None) -> Settings:
    """Make sure that the demo of the examples is built.

    Args:
        settings: Those of the command; where they are of that very demo, its own warehouse serves.
        console: Where to draw progress.

    Returns:
        Settings of the built demo.

    Raises:
        DataError: The demo could not be built.
    """
    plain = Settings(site=DEMO_SITE, demo=EXAMPLE_DEMO)
    same = ("site", "demo", "export_policies", "export_spaces", "settings_dir")
    if all(getattr(settings, name) == getattr(plain, name) for name in same):
        if settings.warehouse_path.exists():
            return settings
        ours = settings
    else:
        site = replace(DEMO_SITE, name="examples")
        ours = replace(plain, site=site, data_dir=settings.data_dir, memory_limit=settings.memory_limit)
    ours = replace(ours, **demo_sources(ours.simulated_dir))
    with site_lock(ours):
        for source in chosen_sources(ours).values():
            source.extract(ours, console=console)
        build(ours, console=console)
    return ours


def read_examples(warehouse_path: Path, catalog: Catalog) -> dict[str, Example]:
    """One row of each metric that has any, by the metric's name.

    It is the newest one of those that the metric's `meta.example` asks for, and of a period that is over.

    Raises:
        TransformError: A metric's `meta.example` is no condition for its rows.
    """
    examples = {}
    with connect(warehouse_path, read_only=True) as warehouse:
        names = _names(warehouse)
        for model in catalog.metrics:
            row = _row(warehouse, model)
            if row is not None:
                columns = (column.name for column in model.exported_columns)
                examples[model.name] = {
                    column: _text(value, names) for column, value in zip(columns, row, strict=True)
                }
    return examples


def _row(warehouse: duckdb.DuckDBPyConnection, model: Model) -> tuple[object, ...] | None:
    columns = [column.name for column in model.exported_columns]
    days = [column.name for column in model.exported_columns if column.data_type in {"date", "timestamp"}]
    conditions = [f"({model.example or 'true'})"]
    if "period_started_date" in columns:
        conditions.append(
            "period_started_date < (select date_trunc('month', as_of) from int_extraction_dated)"
        )
    order = ", ".join([f'"{day}" desc nulls last' for day in days] + [f'"{name}"' for name in columns])
    sql = (
        f"select {', '.join(columns)} from {model.relation} where {' and '.join(conditions)} "
        f"order by {order} limit 1"
    )
    try:
        return warehouse.execute(sql).fetchone()
    except duckdb.Error as error:
        raise TransformError(
            f"meta.example of {model.name} is no condition for its rows: {str(error).splitlines()[0]}",
            "Correct it in the model's YAML",
        ) from None


def _names(warehouse: duckdb.DuckDBPyConnection) -> dict[object, str]:
    rows = warehouse.execute(
        "select project_phid, project_path from projects"
        " union all select column_phid, column_name from project_columns"
    ).fetchall()
    return {"all": "all", **dict(rows)}


def _text(value: object, names: dict[object, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return names.get(value, str(value)) if isinstance(value, str) else str(value)
