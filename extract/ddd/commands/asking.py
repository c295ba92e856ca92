"""Ask the server: `dddcli request`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from ddd.commands.completion import complete_method
from ddd.commands.terminal import error_console, notice, output_is_terminal
from ddd.settings import DEMO_NOTICE, load_settings

app = typer.Typer()
PANEL = "Ask the server"


class Format(StrEnum):
    """How an answer is printed."""

    JSON = "json"
    TABLE = "table"
    CSV = "csv"


@app.command(
    epilog='Example: dddcli request maniphest.search \'{"constraints": {"ids": [1, 2]}}\' --format table',
    rich_help_panel=PANEL,
)
def request(
    method: Annotated[
        str, typer.Argument(help="Conduit method, such as maniphest.search.", autocompletion=complete_method)
    ],
    params: Annotated[
        str, typer.Argument(help="Its parameters as a JSON object; - reads them from standard input.")
    ] = "{}",
    *,
    every_page: Annotated[
        bool, typer.Option("--all", help="Fetch every page, not only the first one.")
    ] = False,
    output_format: Annotated[
        Format,
        typer.Option("--format", help="json: the result as the server sent it; table and csv: its rows."),
    ] = Format.JSON,
    columns: Annotated[
        str, typer.Option(help="Columns of table and csv, by comma, such as id,fields.name; all without it.")
    ] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Allow a method that may change something; it is sent once.")
    ] = False,
) -> None:
    """Call any Conduit method and print its result.

    Without a server, and unless DDD_DEMO is 0, the simulated organisation is asked.
    """
    from ddd.asking import ask, read_params, require_read
    from ddd.connecting import connected
    from ddd.printing import print_answers

    given = read_params(sys.stdin.read() if params == "-" else params)
    require_read(method, may_write=write)
    settings = load_settings()
    if settings.site.is_demo:
        notice(DEMO_NOTICE)
    with connected(settings) as phab:
        answers = ask(phab, method, given, every_page=every_page)
        chosen = [name.strip() for name in columns.split(",") if name.strip()]
        print_answers(answers, output_format, chosen, is_terminal=output_is_terminal(), console=error_console)
