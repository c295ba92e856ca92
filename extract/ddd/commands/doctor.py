"""`dddcli doctor`: is everything well, and what is to be fixed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ddd.commands.terminal import console, error_console
from ddd.settings import load_settings

if TYPE_CHECKING:
    from ddd.doctor import Finding

app = typer.Typer()
_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


@app.command(epilog="Example: dddcli doctor --format json", rich_help_panel="This installation")
def doctor(
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text for people, json for machines.")
    ] = "text",
) -> None:
    """Look at settings, server, warehouse, published file and versions, and say what to fix.

    Exit status 1 where something is a problem; warnings do not count. The token is never shown.
    """
    from ddd.doctor import examine, worst

    findings: list[Finding] = []
    with error_console.status("Looking ..."):
        findings.extend(examine(load_settings))
    state = worst(findings)
    if output_format == "json":
        print(json.dumps({"state": state, "findings": [asdict(one) for one in findings]}, indent=2))  # noqa: T201
    else:
        _print(findings)
    raise typer.Exit(1 if state == "problem" else 0)


def _print(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    area = ""
    for finding in findings:
        if finding.area != area:
            area = finding.area
            table.add_row(f"[bold]{area}[/]")
        text = escape(finding.text)
        if finding.remedy:
            text += f"\n[bold]→ {escape(finding.remedy)}[/]"
        colour = _COLOURS[finding.state]
        table.add_row(f"  [{colour}]{finding.state}[/]", escape(finding.subject), text)
    console.print(table)
    counts = {state: sum(one.state == state for one in findings) for state in ("problem", "warning")}
    said = [f"{count} {state}{'s' * (count != 1)}" for state, count in counts.items() if count]
    console.print(f"\n{' and '.join(said).capitalize()}." if said else "\nEverything is well.")
