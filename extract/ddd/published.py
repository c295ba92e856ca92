"""What a published SQLite file says of itself: whose data it holds, of when, and what each column means."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from ddd.errors import DataError

LAYOUT_VERSION = 1
"""Of the tables that describe the file. Columns that are added need no new one: older files lack them."""

_REMEDY = "Run `make refresh` (or `dddcli export`) to write it"


@dataclass(frozen=True)
class About:
    """The one row of the table `about`.

    Attributes:
        site_url: Address of the server the tasks come from, without `api/`, ending in a slash.
        is_demo: Whether the data are simulated.
        as_of: Time of the last complete extraction, ISO 8601 in UTC.
        left_out_tasks_count: Tasks that are not published because of their view policy.
        export_policies: View policies of what was allowed to be published.
        ddd_version: The Data³ that wrote the file; empty where it does not say.
    """

    site_name: str
    site_url: str
    is_demo: bool
    as_of: str
    exported_at: str
    left_out_tasks_count: int = 0
    export_policies: tuple[str, ...] = ()
    ddd_version: str = ""

    @property
    def as_of_date(self) -> str:
        """The day of `as_of`, `YYYY-MM-DD`."""
        return self.as_of[:10]

    @property
    def task_url_prefix(self) -> str:
        """What a task's number is appended to for its page on the server; empty where there is none."""
        return f"{self.site_url}T" if self.site_url and not self.is_demo else ""


@dataclass(frozen=True)
class PublishedColumn:
    """A column as the dbt YAML describes it."""

    name: str
    label: str
    unit: str
    description: str

    @property
    def title(self) -> str:
        """Its name for people, with the unit: `Age (days)`."""
        label = self.label or self.name.replace("_", " ").capitalize()
        return f"{label} ({self.unit})" if self.unit and self.unit.lower() not in label.lower() else label


@dataclass(frozen=True)
class PublishedModel:
    """A mart or a metric as the dbt YAML describes it.

    Attributes:
        description: Its whole definition, with what the next three say.
        topic: Under what a metric is listed, such as `Flow`; empty for marts, and in files that do not tell.
        clock: When its clock starts and stops, or when a thing is counted; empty for marts.
        left_out: Which tasks, events or periods never count.
        misleads: How the figure can fool its reader.
        full_text_table: Its table of the full-text search; empty where it has none.
    """

    name: str
    kind: str
    label: str
    question: str
    description: str
    sql_path: str
    rows_count: int
    topic: str = ""
    clock: str = ""
    left_out: str = ""
    misleads: str = ""
    full_text_table: str = ""
    columns: dict[str, PublishedColumn] = field(default_factory=dict)

    @property
    def own_description(self) -> str:
        """The description without the paragraphs on its clock, on what is left out and on what misleads."""
        parts = {self.clock, self.left_out, self.misleads} - {""}
        paragraphs = self.description.split("\n\n")
        return "\n\n".join(one for one in paragraphs if one.partition(": ")[2] not in parts)

    @property
    def units(self) -> list[str]:
        """The units of its columns, each once, in the order of the columns."""
        return list(dict.fromkeys(column.unit for column in self.columns.values() if column.unit))


@dataclass(frozen=True)
class Published:
    """One published file: `about` and its models by name."""

    about: About
    models: dict[str, PublishedModel]

    @property
    def metrics(self) -> list[PublishedModel]:
        """The metrics, by name."""
        return [model for model in self.models.values() if model.kind == "metric"]

    @property
    def marts(self) -> list[PublishedModel]:
        """The tables behind the metrics, by name."""
        return [model for model in self.models.values() if model.kind == "mart"]


def read_published(path: Path) -> Published:
    """Read `about`, `catalog_models` and `catalog_columns`.

    Raises:
        DataError: The file is missing, empty, damaged, was not written by `dddcli export`, or by a newer one.
    """
    if not path.is_file() or not path.stat().st_size:
        state = "is empty" if path.is_file() else "does not exist"
        raise DataError(f"{path} {state}", _REMEDY)
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)
        try:
            connection.row_factory = sqlite3.Row
            return Published(_about(connection, path), _models(connection))
        finally:
            connection.close()
    except (sqlite3.DatabaseError, KeyError, IndexError, ValueError) as error:
        raise DataError(f"{path} is not a published file ({error})", _REMEDY) from None


def _about(connection: sqlite3.Connection, path: Path) -> About:
    row = dict(connection.execute("select * from about").fetchall()[0])
    layout = row.get("layout_version") or 0
    if layout > LAYOUT_VERSION:
        raise DataError(
            f"{path} has layout {layout}, this Data³ knows {LAYOUT_VERSION}",
            "Use the newer Data³ that wrote it, or run `dddcli build --full` and `dddcli export`",
        )
    site_url = (row["site_url"] or "").removesuffix("/").removesuffix("/api")
    return About(
        site_name=row["site_name"],
        site_url=f"{site_url}/" if site_url else "",
        is_demo=bool(row["is_demo"]),
        as_of=row["as_of"],
        exported_at=row["exported_at"],
        left_out_tasks_count=row.get("left_out_tasks_count") or 0,
        export_policies=tuple(json.loads(row.get("export_policies") or "[]")),
        ddd_version=row.get("ddd_version") or "",
    )


def _models(connection: sqlite3.Connection) -> dict[str, PublishedModel]:
    tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    models = {
        row["model_name"]: PublishedModel(
            name=row["model_name"],
            kind=row["model_kind"],
            label=row["label"],
            question=row["question"] or "",
            description=row["description"] or "",
            sql_path=row["sql_path"],
            rows_count=row["rows_count"],
            topic=_text(row, "topic"),
            clock=_text(row, "clock"),
            left_out=_text(row, "left_out"),
            misleads=_text(row, "misleads"),
            full_text_table=name if (name := f"{row['model_name']}_fts") in tables else "",
        )
        for row in connection.execute("select * from catalog_models order by model_name")
    }
    for row in connection.execute("select * from catalog_columns order by model_name, position"):
        models[row["model_name"]].columns[row["column_name"]] = PublishedColumn(
            name=row["column_name"],
            label=row["label"] or "",
            unit=row["unit"] or "",
            description=row["description"] or "",
        )
    return models


def _text(row: sqlite3.Row, column: str) -> str:
    """A column that older files do not have."""
    return dict(row).get(column) or ""
