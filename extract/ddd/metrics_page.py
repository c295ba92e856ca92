"""Writes `docs/metrics.md`: every metric with its question and definition, as the dbt YAML says it."""

from __future__ import annotations

from pathlib import Path

from ddd.catalog import Catalog, Model

_HEAD = """# Metrics

Written by `make docs` from the YAML beside each model: change it there. Durations are elapsed time in days,
nights and weekends included; percentiles interpolate linearly; every "now" is the time of the last complete
extraction. `project_phid` is `all` for the whole site. Only publishable tasks count (see
[architecture](architecture.md)).
"""


def write_metrics_page(catalog: Catalog, path: Path) -> None:
    """Write the page on all metrics of a catalog.

    Raises:
        OSError: The page cannot be written.
    """
    sections = [_HEAD, *(_section(model) for model in catalog.metrics)]
    path.write_text("\n".join(sections))


def _section(model: Model) -> str:
    lines = [f"## {model.label}", "", f"**{model.question}**", "", model.whole_description, ""]
    lines += [f"Table `{model.name}`, defined in [`{model.sql_path}`](../{model.sql_path}).", ""]
    lines += ["| column | unit | meaning |", "|---|---|---|"]
    lines += [
        f"| `{column.name}` | {column.unit} | {column.description} |" for column in model.exported_columns
    ]
    return "\n".join(lines) + "\n"
