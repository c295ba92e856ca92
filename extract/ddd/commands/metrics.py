"""`dddcli metrics`: what is measured, and measuring a part of a site."""

from __future__ import annotations

import typer
from rich.table import Table

from ddd.commands.terminal import console
from ddd.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="What is measured, and measuring one project.",
    epilog="Example: dddcli metrics list",
)


@app.command("list", epilog="Example: dddcli metrics list")
def list_metrics() -> None:
    """List every metric with the question it answers, as the dbt manifest says it."""
    from ddd.catalog import read_catalog

    table = Table("metric", "label", "question", "SQL")
    for model in read_catalog(load_settings().manifest_path).metrics:
        table.add_row(model.name, model.label, model.question, model.sql_path)
    console.print(table)
