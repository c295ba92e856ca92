"""What the extraction costs beside a bare loop that sends the same requests: `make bench`.

Prints the figures, and writes them into `docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from bench.client import CLIENTS, Cost, measured
from bench.endpoint import Endpoint, endpoint
from bench.page import Measured, Setting, write
from ddd.progress import progress_bar
from ddd.settings import PROJECT_DIR

CONNECTIONS = 4
EDITS_COUNT = 20


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--latencies", type=int, nargs="+", default=[0, 100], metavar="MS")
    parser.add_argument("--repeat", type=int, default=2, help="the least of so many times counts")
    parser.add_argument("--page", type=Path, default=PROJECT_DIR / "docs" / "benchmarks.md")
    chosen = parser.parse_args()
    console = Console()
    settings = [Setting(latency, number) for latency in chosen.latencies for number in chosen.connections]
    with tempfile.TemporaryDirectory() as name, progress_bar(console) as bar:
        folder = Path(name)
        shown = bar.add_task("Measuring", total=chosen.repeat * len(settings) * len(CLIENTS) + 4)
        with endpoint(chosen.tasks) as server:
            found = Measured(server.tasks_count, server.transactions_count, server.highest_id)
            recorded = record(server, folder, found)
            bar.advance(shown, 2)
            for setting in settings:
                server.tell("latency_ms", setting.latency_ms)
                found.costs[setting] = {}
                for client in list(CLIENTS) * chosen.repeat:
                    path = recorded if client != "extraction" else folder / "fresh"
                    cost = measured(client, server.url, path, setting.connections)
                    found.costs[setting][client] = least(found.costs[setting].get(client), cost)
                    shutil.rmtree(folder / "fresh", ignore_errors=True)
                    bar.advance(shown)
        for tasks_count in (chosen.tasks // 4, chosen.tasks * 3):
            with endpoint(tasks_count) as server:
                cost = measured("extraction", server.url, folder / str(tasks_count), CONNECTIONS)
                found.by_size[server.tasks_count] = cost
            bar.advance(shown)
    write(chosen.page, found)
    console.print(f"Written to {chosen.page}", soft_wrap=True)


def record(server: Endpoint, folder: Path, found: Measured) -> Path:
    """Extract once to learn which requests that takes, and once more after some edits."""
    recorded = folder / "requests.jsonl"
    server.tell("record", True)
    found.by_size[server.tasks_count] = measured("extraction", server.url, folder / "known", CONNECTIONS)
    server.tell("record", False)
    server.tell("recorded", str(recorded))
    found.edits_count = server.tell("edit", EDITS_COUNT)
    found.incremental = measured("extraction", server.url, folder / "known", CONNECTIONS)
    shutil.rmtree(folder / "known")
    return recorded


def least(known: Cost | None, cost: Cost) -> Cost:
    """The one that took the least processor time, with the least elapsed time of both."""
    if known is None:
        return cost
    better = min(known, cost, key=lambda one: one.cpu_seconds)
    better.seconds = min(known.seconds, cost.seconds)
    return better


if __name__ == "__main__":
    main()
