"""Where commands write: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ddd.settings import PROJECT_DIR

console = Console()
"""Standard output: what was asked for, and nothing that would disturb a pipe."""

error_console = Console(stderr=True)
"""Standard error: progress, notices, errors."""

ARTIFACTS_DIR = PROJECT_DIR / "artifacts"


def warn(warnings: Iterable[str], to: Console = console) -> None:
    """Print warnings, one line each."""
    for warning in warnings:
        to.print(f"[yellow]Warning:[/] {escape(warning)}.", soft_wrap=True)


def notice(text: str) -> None:
    """Say something about the command itself, on standard error."""
    error_console.print(text, soft_wrap=True)


def output_is_terminal() -> bool:
    """Whether a person reads the output directly."""
    return sys.stdout.isatty()
