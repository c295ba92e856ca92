"""Writes `docs/metrics.md`: every metric with its question and definition, as the dbt YAML says it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ddd.catalog import Catalog, Model
from ddd.examples import EXAMPLE_DEMO, Example

_HEAD = f"""# Metrics

Written by `make docs` from the YAML beside each model: change it there. Durations are elapsed time in days,
nights and weekends included; percentiles interpolate linearly; every "now" is the time of the last complete
extraction. Days, weeks and months begin in the installation's time zone. Only publishable tasks count (see
[architecture](architecture.md)); what starts and stops a clock can be [set](settings.md). In `project_phid`,
`subtype` and `priority_name`, `all` stands for the whole site, every subtype and every priority.

Each example is a row of the simulated organisation (seed {EXAMPLE_DEMO.seed}, {EXAMPLE_DEMO.tasks_count}
tasks, until {EXAMPLE_DEMO.end_date}), with names of projects and columns in place of PHIDs.
"""


def write_metrics_page(catalog: Catalog, path: Path, examples: Mapping[str, Example]) -> None:
    """Write the page on all metrics of a catalog.

    Args:
        catalog: The metrics.
        path: The page.
        examples: A row per metric, by its name; a metric without a row has no examples.

    Raises:
        OSError: The page cannot be written.
    """
    contents = [f"* [{model.label}](#{_anchor(model.label)}): {model.question}" for model in catalog.metrics]
    sections = [_section(model, examples.get(model.name, {})) for model in catalog.metrics]
    path.write_text("\n".join([_HEAD, *contents, "", *sections]))


def _section(model: Model, example: Example) -> str:
    lines = [f"## {model.label}", "", f"**{model.question}**", "", model.description, ""]
    said = {"Clock": model.clock, "Left out": model.left_out, "How it can mislead": model.misleads}
    lines += [f"* **{name}**: {text}" for name, text in said.items() if text]
    lines += ["", f"Table `{model.name}`, defined in [`{model.sql_path}`](../{model.sql_path}).", ""]
    lines += ["| column | unit | meaning | example |", "|---|---|---|---|"]
    lines += [
        f"| `{column.name}` | {column.unit} | {column.description} | {_cell(example.get(column.name, ''))} |"
        for column in model.exported_columns
    ]
    return "\n".join(lines) + "\n"


def _anchor(title: str) -> str:
    """The anchor that code hosts give to a heading."""
    kept = [letter for letter in title.lower() if letter.isalnum() or letter in "- _"]
    return "".join(kept).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
