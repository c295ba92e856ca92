"""Progress bars for steps that take longer than a glance; silent where nobody is looking."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def progress_bar(console: Console, *, counted: bool = True) -> Progress:
    """A progress display on the console; nothing is drawn when the output is not a terminal.

    Args:
        console: Where to draw.
        counted: Whether the steps are things that a person counts, as opposed to bytes.
    """
    amount = MofNCompleteColumn() if counted else TaskProgressColumn()
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        amount,
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
