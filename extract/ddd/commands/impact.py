"""`dddcli impact`: what came of declared changes, or of any day that is tried."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ddd.commands.completion import complete_change, complete_project
from ddd.commands.showing import PANEL
from ddd.commands.terminal import console
from ddd.settings import load_settings
from ddd.tabular import printable

if TYPE_CHECKING:
    from ddd.declared import Row

_COLOURS = {"better": "green", "worse": "red", "changed": "yellow", "something else changed": "yellow"}

app = typer.Typer()


@app.command(
    epilog="Example: dddcli impact --at 2026-03-02 --metric 'median cycle time' --project '#search'",
    rich_help_panel=PANEL,
)
def impact(
    *,
    change: Annotated[
        str | None,
        typer.Option(help="Only this declared change: its change_key.", autocompletion=complete_change),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="DATE", help="Try this day, such as 2026-03-02, undeclared.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option(help="With --at: what to compare, such as 'median cycle time'.")
    ] = None,
    project: Annotated[
        str,
        typer.Option(
            help="With --at: PHID, #hashtag or name of a project, pipeline/environment, or all.",
            autocompletion=complete_project,
        ),
    ] = "all",
    weeks: Annotated[
        int, typer.Option(min=4, max=104, help="With --at: so many weeks before and after.")
    ] = 12,
    output_format: Annotated[
        Literal["table", "json"],
        typer.Option("--format", help="table for people, json: a list of objects with every figure."),
    ] = "table",
) -> None:
    """Tell whether a change helped: better, worse, no evidence, too little data, or something else changed.

    Figures come from www/metrics.db, as the last refresh published it; docs/impact.md says how to read it.
    """
    if at is None and metric is not None:
        raise typer.BadParameter("--metric is for a day that is tried: give --at, too")
    if at is not None and change is not None:
        raise typer.BadParameter("give --change for a declared change, or --at for any day, not both")
    if at is not None and metric is None:
        raise typer.BadParameter("--at needs --metric: what to compare")
    rows = _tried(at, metric, project, weeks) if at and metric else _declared(change or "")
    if output_format == "json":
        json.dump(rows, sys.stdout, indent=2, ensure_ascii=False, default=str)
        sys.stdout.write("\n")
    elif rows:
        _tell(rows)
    else:
        console.print(
            "No change was declared, or nothing was measured yet: docs/impact.md says how to begin."
        )


def _declared(change: str) -> list[Row]:
    from ddd.declared import read_impact

    return read_impact(load_settings().metrics_path, change)


def _tried(at: str, metric: str, project: str, weeks: int) -> list[Row]:
    from ddd.declared import day_of, known_measure, known_subject
    from ddd.impact import try_change

    settings = load_settings()
    day, measure = day_of(at), known_measure(settings.metrics_path, metric)
    subject = known_subject(settings.metrics_path, project)
    found = try_change(settings.www_dir, day, measure, subject.key, weeks)
    return [{**found.impact, "title": f"{measure} around {day}", "subject": subject.name}]


def _tell(rows: list[Row]) -> None:
    from ddd.verdicts import answer, caveats, change_text, value_text

    for (title, subject), found in groupby(rows, lambda row: (row["title"], row["subject"])):
        judged = list(found)
        table = Table("measure", "verdict", "before", "after", "difference", "95 % interval", "p")
        for row in judged:
            unit = row["unit"]
            low, high = row["difference_low"], row["difference_high"]
            colour = _COLOURS.get(row["verdict"], "dim")
            table.add_row(
                row["measure"],
                f"[{colour}]{row['verdict']}[/]",
                value_text(row["before_value"], unit),
                value_text(row["after_value"], unit),
                "–" if row["difference"] is None else change_text(row["difference"], unit),
                "–" if low is None or high is None else _interval(low, high, unit),
                _p_value(row),
            )
        console.print(f"[bold]{escape(printable(title))}[/], {escape(printable(subject))}", soft_wrap=True)
        console.print(table)
        for sentence in answer(judged):
            console.print(_plain(sentence), soft_wrap=True)
        for text, _ in caveats(row for row in judged if row["verdict"] != "too little data"):
            console.print(f"[dim]To mind: {_plain(text)}[/]", soft_wrap=True)
        console.print()


def _plain(text: str) -> str:
    return escape(printable(text.replace("\N{NO-BREAK SPACE}", " ")))


def _interval(low: float, high: float, unit: str) -> str:
    from ddd.verdicts import change_text

    bare = change_text(low, unit).removesuffix(" percentage points").removesuffix(f" {unit}")
    return f"{bare} to {change_text(high, unit)}"


def _p_value(row: dict[str, Any]) -> str:
    value = row["adjusted_p_value"] if row["adjusted_p_value"] is not None else row["difference_p_value"]
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
