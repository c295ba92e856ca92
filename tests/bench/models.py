"""What building the models costs, whole and after a change of 0.1 %: the second part of `make bench`.

Prints the figures, and writes them into `docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.building import BuildCost, ModelCost, built, counted, edited, written
from bench.page import machine, replace_section, table
from ddd.settings import PROJECT_DIR

SECTION = "models written by make bench"
ONE_IN = 1000
"""One task in so many is edited between the two builds."""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument(
        "--folder", type=Path, help="measure documents that `dddcli demo write` wrote there; they are edited"
    )
    parser.add_argument("--page", type=Path, default=PROJECT_DIR / "docs" / "benchmarks.md")
    chosen = parser.parse_args()
    console = Console()
    with _folder(chosen.folder, chosen.tasks) as folder:
        tasks_count, transactions_count = counted(folder)
        whole = built(folder, "--full")
        edits_count = edited(folder, ONE_IN)
        first = built(folder)
        edited(folder, ONE_IN, round_number=1)
        again = built(folder)
    text = (
        f"Measured on {datetime.now(UTC).date()}: {machine()}, of {tasks_count:,} tasks with "
        f"{transactions_count:,} transactions; then {edits_count:,} of the tasks were edited, and after "
        f"the next build as many others.\n\n" + report(whole, first, again)
    )
    replace_section(chosen.page, SECTION, text)
    console.print(f"Written to {chosen.page}", soft_wrap=True)


@contextmanager
def _folder(given: Path | None, tasks_count: int) -> Iterator[Path]:
    if given:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory() as name:
        written(Path(name), tasks_count)
        yield Path(name)


def report(whole: BuildCost, first: BuildCost, again: BuildCost) -> str:
    """The builds side by side: the command as a whole, then every model, slowest first."""
    builds = (whole, first, again)
    sums = table(
        ["", "full rebuild", f"after a change of {1 / ONE_IN:.1%}", "after the next one"],
        [
            ["`dddcli build`, elapsed", *(f"{cost.seconds:.1f} s" for cost in builds)],
            ["processor time", *(f"{cost.processor_seconds:.1f} s" for cost in builds)],
            ["of the full rebuild's", *(_share(cost, whole) for cost in builds)],
            ["models, added up", *(f"{cost.models_seconds:.1f} s" for cost in builds)],
            ["data tests, added up", *(f"{cost.tests_seconds:.1f} s" for cost in builds)],
            ["peak memory", *(f"{cost.peak_bytes / 1e6:,.0f} MB" for cost in builds)],
            ["load when it ended", *(f"{cost.load:.1f}" for cost in builds)],
        ],
    )
    nothing = ModelCost(0.0, 0)
    rows = [
        [f"`{name}`", *_cells(cost), *_cells(again.models.get(name, nothing))]
        for name, cost in sorted(whole.models.items(), key=lambda item: -item[1].seconds)
    ]
    head = ["model", "full rebuild", "memory", "after the next change", "memory"]
    return f"{sums}\n\n{table(head, rows)}"


def _share(cost: BuildCost, whole: BuildCost) -> str:
    return f"{cost.processor_seconds / whole.processor_seconds:.2f}"


def _cells(cost: ModelCost) -> tuple[str, str]:
    # 0: it was over before its memory was looked at
    return f"{cost.seconds:.2f} s", f"{cost.peak_bytes / 1e6:,.0f} MB" if cost.peak_bytes else "–"


if __name__ == "__main__":
    main()
