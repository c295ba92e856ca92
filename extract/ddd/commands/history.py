"""`dddcli runs`: what commands did to the site, and how it went."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ddd.commands.terminal import console
from ddd.settings import load_settings

if TYPE_CHECKING:
    from ddd.history import PastRun

app = typer.Typer()
_COLOURS = {"complete": "green", "running": "blue"}


@app.command(epilog="Example: dddcli runs --count 5", rich_help_panel="This installation")
def runs(
    count: Annotated[int, typer.Option(min=1, help="So many of the newest runs.")] = 20,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text for people, json for machines.")
    ] = "text",
) -> None:
    """List the last runs on this site: when, how long, each step with its outcome, and what went wrong."""
    from ddd.access import lock_holder
    from ddd.history import History

    settings = load_settings()
    found = History(settings.runs_path).newest(count)
    is_busy = lock_holder(settings) is not None
    if output_format == "json":
        print(json.dumps([_said(one, is_busy=is_busy) for one in found], indent=2))  # noqa: T201
        return
    if not found:
        console.print("Nothing ran yet.")
        return
    table = Table("run", "began (UTC)", "command", "outcome", "seconds", "steps")
    for one in found:
        outcome = _outcome(one.outcome, is_busy=is_busy)
        steps = [
            f"{escape(step.step)} {_seconds(step.started_at, step.finished_at)}"
            + ("" if step.outcome == "complete" else f" {_outcome(step.outcome, is_busy=is_busy)}")
            for step in one.steps
        ]
        text = "\n".join([*steps, *([f"[red]{escape(one.message)}[/]"] if one.message else [])])
        table.add_row(
            str(one.run_id),
            one.started_at[:19].replace("T", " "),
            escape(one.command),
            f"[{_COLOURS.get(outcome, 'red')}]{outcome}[/]",
            _seconds(one.started_at, one.finished_at),
            text,
        )
    console.print(table)


def _said(one: PastRun, *, is_busy: bool) -> dict[str, object]:
    said = asdict(one)
    for part in (said, *said["steps"]):
        part["outcome"] = _outcome(part["outcome"], is_busy=is_busy)
    return said


def _outcome(outcome: str, *, is_busy: bool) -> str:
    """A run that never said its end was killed, unless it still holds the site."""
    return "interrupted" if outcome == "running" and not is_busy else outcome


def _seconds(started_at: str, finished_at: str | None) -> str:
    if not finished_at:
        return ""
    passed = datetime.fromisoformat(finished_at) - datetime.fromisoformat(started_at)
    return f"{passed.total_seconds():,.1f} s"
