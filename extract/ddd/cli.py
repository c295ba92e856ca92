"""The command `dddcli`: its parts, and what happens when a command fails."""

from __future__ import annotations

import io
import logging
import sys
from typing import Annotated, Literal

import typer
from rich.markup import escape

from ddd import __version__, logs
from ddd.commands import asking, demo, doctor, history, impact, metrics, pipeline, showing, train
from ddd.commands.terminal import console, error_console
from ddd.errors import DataError

INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Data³: find out whether a change to how you work made things better.",
    epilog="Example: [bold]dddcli refresh && dddcli serve[/]",
)
app.add_typer(pipeline.app)
app.add_typer(showing.app)
app.add_typer(impact.app)
app.add_typer(metrics.app, name="metrics", rich_help_panel=showing.PANEL)
app.add_typer(train.app, name="train", rich_help_panel=showing.PANEL)
app.add_typer(asking.app)
app.add_typer(doctor.app)
app.add_typer(history.app)
app.add_typer(demo.app, name="demo", rich_help_panel="This installation")


@app.callback()
def start(
    log_format: Annotated[
        Literal["text", "json"],
        typer.Option("--log-format", help="json: each line of standard error is a JSON object."),
    ] = "text",
) -> None:
    """Data³: find out whether a change to how you work made things better."""
    logs.configure(log_format)


@app.command(epilog="Example: dddcli version", rich_help_panel="This installation")
def version() -> None:
    """Print the version."""
    console.print(f"Data³ {__version__}")


def main() -> None:
    """Run `dddcli`.

    Exit status: 0 success; 1 an expected failure, told in one line; 2 the command line makes no sense; 75
    another process works on the site; 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # half a character of a title ends no command
    try:
        app(standalone_mode=True)
    except DataError as error:
        if logs.is_json():
            logs.event(
                "command failed", level=logging.ERROR, message=error.what, remedy=error.remedy,
                exit_status=error.exit_status,
            )  # fmt: skip
        else:
            error_console.print(f"[red]dddcli:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(error.exit_status)
    except SystemExit as done:
        if done.code == INTERRUPTED:
            error_console.print("dddcli: interrupted; what was fetched is kept for the next run")
        raise


if __name__ == "__main__":
    main()
