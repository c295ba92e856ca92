"""Progress bars for steps that take longer than a glance; silent where nobody is looking."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class RateColumn(ProgressColumn):
    """Things done a second."""

    def render(self, task: Task) -> Text:
        """The rate as text; empty before there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


def progress_bar(console: Console, *, counted: bool = True) -> Progress:
    """A progress display on the console; nothing is drawn when the output is not a terminal.

    Args:
        console: Where to draw.
        counted: Whether the steps are things that a person counts, as opposed to bytes.
    """
    amounts = (MofNCompleteColumn(), RateColumn()) if counted else (TaskProgressColumn(),)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        *amounts,
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
