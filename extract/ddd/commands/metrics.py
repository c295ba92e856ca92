"""`dddcli metrics`: what is measured, and measuring a part of a site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ddd.commands.completion import complete_project, complete_table
from ddd.commands.terminal import console, error_console, warn
from ddd.settings import DEMO_NOTICE, load_settings
from ddd.tabular import printable

if TYPE_CHECKING:
    from ddd.mapping import Mapped

_SHOWN_COUNT = 200

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


Project = Annotated[
    str | None, typer.Option(help="A project: its PHID or #hashtag.", autocompletion=complete_project)
]


@app.command(
    "map",
    epilog="Example: dddcli metrics map --project '#release-engineering'",
)
def map_(
    project: Project = None,
    task_ids: Annotated[
        str, typer.Option("--task-ids", "--taskids", help="Only these tasks, by comma, such as 1,2,T3.")
    ] = "",
    mock: Annotated[
        Path | None,
        typer.Option(
            help="Take the histories from this file: a saved answer of maniphest.gettasktransactions or "
            "maniphest.project.task.transactions."
        ),
    ] = None,
) -> None:
    """Fetch one project's tasks with their history, build and publish their figures.

    With --mock FILE neither token nor network nor any setting is needed: the site `mock` is made anew from
    the file. It does not replace a published file with the figures of a real server.
    """
    from ddd.mapping import map_file, map_tasks

    ids = _task_ids(task_ids)
    if mock is not None:
        mapped = map_file(mock, projects=[project] if project else [], task_ids=ids, console=console)
    elif project is None and not ids:
        raise typer.BadParameter(
            "Name --project, --task-ids or --mock; for all tasks there is `dddcli refresh`"
        )
    else:
        mapped = map_tasks(load_settings(), project=project, task_ids=ids, console=console)
    _print_tasks(mapped)


def _task_ids(text: str) -> list[int]:
    words = [word.strip().removeprefix("T") for word in text.split(",") if word.strip()]
    wrong = [word for word in words if not word.isdecimal()]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is no task id; write 1,2,T3", param_hint="--task-ids")
    return [int(word) for word in words]


def _print_tasks(mapped: Mapped) -> None:
    shown = mapped.tasks[:_SHOWN_COUNT]
    # in 80 columns only the title may give way
    is_narrow = console.width < 110
    table = Table(padding=0 if is_narrow else (0, 1))
    table.add_column("task", no_wrap=True)
    title_width = max(console.width - 66, 8) if is_narrow else None
    table.add_column("title", no_wrap=True, overflow="ellipsis", max_width=title_width)
    for name in ("transactions", "subtasks"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("created", "started", "closed"):
        table.add_column(name, no_wrap=True, min_width=len("2026-01-31"))
    for task in shown:
        table.add_row(
            f"T{task.task_id}",
            escape(printable(task.title or "")),
            f"{task.transactions_count:,}",
            f"{task.subtask_edges_count:,}",
            *(f"{at:%Y-%m-%d}" if at else "" for at in (task.created_at, task.started_at, task.closed_at)),
        )
    console.print(table)
    if len(mapped.tasks) > _SHOWN_COUNT:
        console.print(f"... and {len(mapped.tasks) - _SHOWN_COUNT:,} older ones.")
    counted = f"{len(mapped.tasks):,} task{'s' * (len(mapped.tasks) != 1)}"
    console.print(
        f"Mapped {counted}; published in {escape(str(mapped.settings.metrics_path))}.",
        soft_wrap=True,
    )
    warn(mapped.warnings)
    if mapped.settings.site.is_demo:
        console.print(DEMO_NOTICE)
    console.print("Look at the result: dddcli serve")


@app.command("cache-columns", epilog="Example: dddcli metrics cache-columns --project '#release-engineering'")
def cache_columns(project: Project = None) -> None:
    """Fetch projects, milestones and the columns of their boards, with their names.

    Without --project all projects are fetched. Roles are those that the last build gave to the columns.
    """
    from ddd.board_columns import cache_columns as run

    wanted = None if project == "all" else project
    cached = run(load_settings(), project=wanted, console=error_console)
    table = Table("board", "column", "place", "default", "hidden", "milestone", "role")
    for one in cached.columns[:_SHOWN_COUNT]:
        table.add_row(
            *(escape(printable(name)) for name in (one.board_name, one.column_name)),
            *("" if one.sequence is None else str(one.sequence), _yes(one.is_default), _yes(one.is_hidden)),
            *(escape(printable(one.milestone_name)), one.role),
        )
    console.print(table)
    if len(cached.columns) > _SHOWN_COUNT:
        console.print(
            f"... and {len(cached.columns) - _SHOWN_COUNT:,} more: name one project to see its board."
        )
    console.print(
        f"{cached.projects_count:,} projects with {len(cached.columns):,} columns; {cached.changed_count:,} "
        f"documents new or changed, {cached.names_count:,} names learnt."
    )
    warn(cached.warnings)


def _yes(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


@app.command("dump", epilog="Example: dddcli metrics dump --table metric_throughput --format csv")
def dump(
    table: Annotated[
        str,
        typer.Option(
            help="A published table, such as tasks or metric_throughput.", autocompletion=complete_table
        ),
    ],
    output_format: Annotated[
        Literal["csv", "json"], typer.Option("--format", help="csv with a header, or json.")
    ] = "csv",
) -> None:
    """Print a published table, as it is in www/metrics.db or www/train.db."""
    from ddd.dumping import dump_table

    dump_table(load_settings().www_dir, table, output_format, sys.stdout)
