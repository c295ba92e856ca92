"""What the dbt manifest says of the models: every label, definition, unit and export rule is read here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ddd.errors import ExportError

TASKS_FILE = "metrics.db"
"""Where a model goes that does not say otherwise."""


@dataclass(frozen=True)
class Column:
    """One column of a model.

    Attributes:
        data_type: DuckDB's type, as the model's contract states it.
        label: Its name for people; empty where the name speaks for itself.
        unit: `days`, `tasks`, ...; empty where it has none.
    """

    name: str
    data_type: str
    description: str
    label: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Model:
    """One model that is exported, as its YAML describes it.

    Attributes:
        kind: `mart` or `metric`.
        question: The question that a metric answers; empty for marts.
        topic: Under what a metric is listed, such as `Flow`; empty for marts.
        clock: When its clock starts and stops, or when a thing is counted.
        left_out: Which tasks, events or periods never count.
        misleads: How the figure can fool its reader.
        example: Condition for the rows that documentation may show; the newest one is taken.
        file: The SQLite file it goes to.
        indexes: Lists of columns to index there.
        order_by: Columns in whose order its rows are written: what is read together lies together.
        full_text: Columns of its full-text search.
    """

    name: str
    kind: str
    label: str
    question: str
    description: str
    sql_path: str
    relation: str
    file: str
    columns: tuple[Column, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    order_by: tuple[str, ...] = ()
    full_text: tuple[str, ...] = ()
    topic: str = ""
    clock: str = ""
    left_out: str = ""
    misleads: str = ""
    example: str = ""

    @property
    def whole_description(self) -> str:
        """The description and what a metric's definition adds to it, a paragraph each."""
        more = {"Clock": self.clock, "Left out": self.left_out, "Beware": self.misleads}
        return "\n\n".join([self.description, *(f"{name}: {text}" for name, text in more.items() if text)])

    @property
    def has_published_flag(self) -> bool:
        """Whether only the rows marked `is_published` may leave the house."""
        return any(column.name == "is_published" for column in self.columns)

    @property
    def exported_columns(self) -> tuple[Column, ...]:
        """The columns that are exported: all but the flag that is true for all of them."""
        return tuple(column for column in self.columns if column.name != "is_published")


@dataclass(frozen=True)
class Catalog:
    """The exported models of a build, in the order of their names, marts first."""

    models: tuple[Model, ...] = field(default_factory=tuple)

    @property
    def metrics(self) -> tuple[Model, ...]:
        """The metrics alone."""
        return tuple(model for model in self.models if model.kind == "metric")

    @property
    def files(self) -> dict[str, Catalog]:
        """The models of each SQLite file by its name; `metrics.db` first, also where it is empty."""
        names = [TASKS_FILE, *sorted({model.file for model in self.models} - {TASKS_FILE})]
        return {name: Catalog(tuple(one for one in self.models if one.file == name)) for name in names}


def read_catalog(manifest_path: Path) -> Catalog:
    """Read the models that have `meta.export` in their YAML.

    Args:
        manifest_path: dbt's `manifest.json`.

    Raises:
        ExportError: There is no manifest, or a model's export rules name a column that it does not have.
    """
    try:
        nodes = json.loads(manifest_path.read_text())["nodes"].values()
    except (OSError, ValueError, KeyError):
        raise ExportError(f"{manifest_path} cannot be read", "Run `dddcli build` first") from None
    models = [_model(node) for node in nodes if node["resource_type"] == "model" and _export(node)]
    return Catalog(tuple(sorted(models, key=lambda model: (model.kind, model.name))))


def _export(node: dict[str, Any]) -> dict[str, Any]:
    export: dict[str, Any] = node["config"].get("meta", {}).get("export") or {}
    return export


def _model(node: dict[str, Any]) -> Model:
    meta, export, name = node["config"]["meta"], _export(node), node["name"]
    columns = tuple(
        Column(
            name=column["name"],
            data_type=(column.get("data_type") or "").lower(),
            description=_one_line(column.get("description") or ""),
            label=_meta(column).get("label", ""),
            unit=_meta(column).get("unit", ""),
        )
        for column in node["columns"].values()
    )
    known = {column.name for column in columns}
    indexes = tuple(tuple(index) for index in export.get("indexes", []))
    order_by = tuple(export.get("order_by", []))
    full_text = tuple(export.get("full_text", []))
    for wanted in {name for index in indexes for name in index} | set(order_by) | set(full_text):
        if wanted not in known:
            raise ExportError(
                f"The export of {name} names the column {wanted}, which its YAML does not list",
                f"Correct meta.export of {name}",
            )
    file = export.get("file", TASKS_FILE)
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.db", str(file)):
        raise ExportError(
            f"The export of {name} names the file {file!r}", "Name one such as train.db in meta.export"
        )
    return Model(
        name=name,
        kind="metric" if name.startswith("metric_") else "mart",
        label=meta.get("label")
        or export.get("label")
        or name.removeprefix("metric_").replace("_", " ").capitalize(),
        question=_one_line(meta.get("question", "")),
        description=node.get("description", "").strip(),
        sql_path=f"dbt_project/{node['original_file_path']}",
        relation=f'"{node["schema"]}"."{node["alias"]}"',
        file=file,
        columns=columns,
        indexes=indexes,
        order_by=order_by,
        full_text=full_text,
        **{
            name: _one_line(meta.get(name, ""))
            for name in ("topic", "clock", "left_out", "misleads", "example")
        },
    )


def _meta(column: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = (column.get("config") or {}).get("meta") or column.get("meta") or {}
    return meta


def _one_line(text: str) -> str:
    return " ".join(text.split())
