"""Writes `docs/commands.md`: every command with options and example, as the commands say it themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

_HEAD = """# Commands

Written by `make docs` from the commands themselves, which say the same with `--help`: change it there.

What was asked for goes to standard output; progress, notices and errors go to standard error, so that pipes
and redirections hold nothing else. Progress is drawn only in a terminal. Every setting (server, token,
folders) is an environment variable or a line in `.env`: see [.env.example](../.env.example).

| exit status | meaning |
|---|---|
| 0 | done |
| 1 | it could not be done: one line says what happened, to what, and what to do next; nothing is lost |
| 2 | the command line makes no sense |
| 75 | another process works on this site; nothing was done, and trying again later may succeed |
| 130 | interrupted (Ctrl+C); what was fetched is kept for the next run |

**Logs.** `dddcli --log-format json COMMAND` writes to standard error one JSON object a line instead of texts
for people: `time`, `level`, `event`, `run_id` of the run that it belongs to (`dddcli runs`), and what the
event is about. See [operations.md](operations.md).

**Who knows the first Data³** finds `request`, `serve`, `metrics cache-columns`, `map` and `dump` here, with
`--project`, `--taskids` and `--mock` as they were. Server and token are settings instead of options, because
a token on a command line is seen by everybody on the machine; there is no place in a crawl to remember or
reset: what was fetched is never fetched twice.

**Completion.** `dddcli --install-completion` adds completion of commands, options, Conduit methods and the
hashtags of published projects to your shell (bash, zsh, fish, PowerShell); `dddcli --show-completion` prints
what it would add. Completion reads local files only and never asks the server.
"""


def write_commands_page(app: typer.Typer, path: Path) -> None:
    """Write the page on all commands of an application.

    Raises:
        OSError: The page cannot be written.
    """
    path.write_text(commands_page(app))


def commands_page(app: typer.Typer) -> str:
    """The text of that page."""
    sections = [_section(name, command) for name, command in commands_in(app)]
    return "\n".join([_HEAD, *sections])


def commands_in(app: typer.Typer) -> Iterator[tuple[str, Any]]:
    """Every command with its full name, such as `dddcli metrics list`; groups themselves are left out."""
    yield from _walk("dddcli", get_command(app))


def example_of(command: Any) -> str:
    """The example that a command's help ends with, without markup."""
    return re.sub(r"\[/?\w*\]", "", command.epilog or "").removeprefix("Example: ")


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    parts = getattr(command, "commands", None)
    if parts is None:
        yield name, command
        return
    for part, inner in parts.items():
        yield from _walk(f"{name} {part}", inner)


def _section(name: str, command: Any) -> str:
    context = typer.Context(command, info_name=name)
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = [f"## {name}", "", inspect.cleandoc(command.help or ""), "", f"    {usage}", ""]
    rows = [_row(parameter, context) for parameter in command.params if parameter.name != "help"]
    if rows:
        lines += ["| argument or option | meaning |", "|---|---|", *rows, ""]
    lines += ["Example:", "", f"    {example_of(command)}", ""]
    return "\n".join(lines)


def _row(parameter: Any, context: typer.Context) -> str:
    names, meaning = parameter.get_help_record(context)
    names, meaning = (" ".join(re.sub(r"\\(?=\[)", "", text).split()) for text in (names, meaning))
    return f"| `{_cell(names)}` | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
