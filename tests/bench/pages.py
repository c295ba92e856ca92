"""What the pages cost those who look at them: the load run, third part of `make bench`.

Serves a published folder with one worker and with two, and asks every page and every canned query as visitors
do. Prints the figures, and writes them into `docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import statistics
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from rich.console import Console
from rich.progress import track

from bench.asking import Client, Server, at_once, serving, under_load
from bench.multiplying import multiplied
from bench.page import machine, replace_section, table
from bench.visits import Visit, other_queries, visits
from ddd.dashboards import load_dashboards
from ddd.settings import PROJECT_DIR, load_settings

SECTION = "pages written by make bench"
ARRIVAL_LIMIT_SECONDS = 0.3
WEIGHT_LIMIT_BYTES = 1_000_000
VISITORS = 8
WORKERS = (1, 2)


@dataclass
class PageCost:
    """What one page cost.

    Attributes:
        arrivals: Seconds until the data of one visit were there, by scope.
        queries_count: Queries that one visit asks.
        cpu_seconds: Processor time of the server for each visit.
        first_visit_bytes: Compressed bytes of a first visit: HTML, scripts, styles, data.
        loads: Requests per second and the seconds of each request, by the number of workers.
    """

    arrivals: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    queries_count: int = 0
    cpu_seconds: list[float] = field(default_factory=list)
    first_visit_bytes: int = 0
    loads: dict[int, tuple[float, list[float]]] = field(default_factory=dict)


@dataclass
class Measured:
    """Everything that one run found out.

    Attributes:
        pages: By name.
        alone: Seconds of each canned query asked alone, by its name and by what was chosen.
    """

    pages: dict[str, PageCost] = field(default_factory=lambda: defaultdict(PageCost))
    alone: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="published files; those of DATASETTE_DIR otherwise")
    parser.add_argument(
        "--tasks", type=int, default=1_000_000, help="repeat the tasks until there are as many"
    )
    parser.add_argument("--seconds", type=float, default=5, help="of load for each page")
    parser.add_argument("--repeat", type=int, default=5, help="visits of each page and scope")
    parser.add_argument("--page", type=Path, default=PROJECT_DIR / "docs" / "benchmarks.md")
    chosen = parser.parse_args()
    console = Console()
    original: Path = (chosen.folder or load_settings().www_dir).resolve()
    with tempfile.TemporaryDirectory() as name, console.status("Repeating tasks ...") as status:
        folder = multiplied(original, Path(name), chosen.tasks)
        status.stop()
        found = measure(folder, repeat=chosen.repeat, seconds=chosen.seconds, console=console)
        about = f"Measured on {datetime.now(UTC).date()}: {machine()}. {_size(original, folder)}"
    replace_section(chosen.page, SECTION, f"{about}\n\n{report(found)}")
    console.print(f"Written to {chosen.page}", soft_wrap=True)


def _size(original: Path, folder: Path) -> str:
    size = f"{tasks_count(folder):,} tasks in a file of {(folder / 'metrics.db').stat().st_size / 1e9:.1f} GB"
    if folder == original:
        return f"{size}."
    return f"{size}: each of {tasks_count(original):,} tasks of the simulated organisation is repeated."


def tasks_count(folder: Path) -> int:
    """Tasks that are published in a folder."""
    with sqlite3.connect(f"file:{folder / 'metrics.db'}?mode=ro", uri=True) as file:
        (count,) = file.execute("select rows_count from catalog_models where model_name = 'tasks'").fetchone()
    file.close()
    return int(count)


def measure(folder: Path, *, repeat: int, seconds: float, console: Console) -> Measured:
    """Ask everything, with one worker and with two."""
    found = Measured()
    dashboards = load_dashboards(PROJECT_DIR / "www" / "dashboards").values()
    files = {path.stem for path in folder.glob("*.db")}
    slugs = [page.slug for page in dashboards if page.database in files]
    for workers in WORKERS:
        with serving(folder, workers) as server:
            client = Client(server.address)
            everything = list(visits(client, slugs, folder))
            if workers == 1:
                for visit in track(everything, "Visiting each page alone", console=console):
                    _visit(server, visit, found, repeat)
                for name, path in other_queries(client, slugs, folder):
                    found.alone[name, ""] += [client.get(path).seconds for _ in range(repeat)]
            pages = list(dict.fromkeys(visit.page for visit in everything))
            for page in track(pages, f"Load, {workers} of {max(WORKERS)} workers", console=console):
                paths = [
                    path
                    for visit in everything
                    if visit.page == page
                    for path in visit.queries.values() or [visit.path]
                ]
                found.pages[page].loads[workers] = under_load(server.address, paths, VISITORS, seconds)
    return found


def _visit(server: Server, visit: Visit, found: Measured, repeat: int) -> None:
    cost = found.pages[visit.page]
    cost.queries_count = len(visit.queries)
    client = Client(server.address)
    for name, path in visit.queries.items():
        found.alone[name, visit.scope] += [client.get(path).seconds for _ in range(repeat)]
    size_bytes = 0
    before = server.cpu_seconds
    for _ in range(repeat):
        if visit.queries:
            seconds, answers = at_once(server.address, list(visit.queries.values()))
            size_bytes = sum(answer.size_bytes for answer in answers)
        else:
            seconds = client.get(visit.path).seconds
        cost.arrivals[visit.scope].append(seconds)
    cost.cpu_seconds.append((server.cpu_seconds - before) / repeat)
    weight = size_bytes + sum(first_visit(client, visit.path).values())
    cost.first_visit_bytes = max(cost.first_visit_bytes, weight)


def first_visit(client: Client, path: str) -> dict[str, int]:
    """Compressed bytes of a page, its scripts and what they import, its styles, and its definition."""
    sizes: dict[str, int] = {}
    waiting = [path]
    while waiting:
        address = waiting.pop()
        if address in sizes:
            continue
        sizes[address] = client.get(address).size_bytes
        found: list[str] = []
        if address == path:
            found = re.findall(
                r'(?:<script[^>]* src|<link rel="stylesheet" href|data-definition)="([^"]+)"',
                client.text(address),
            )
        elif ".js" in address and "vendor" not in address:
            found = re.findall(r'(?:^|\n)(?:import|export)[^"\n]*"(\.[^"]+)"', client.text(address))
        elif ".css" in address:
            found = re.findall(r'url\("?([^")]+)"?\)', client.text(address))
        waiting += [urljoin(address, link) for link in found if not link.startswith("data:")]
    return sizes


def report(found: Measured) -> str:
    """Pages side by side, then the canned queries that are too slow."""
    head = ["page", "queries", "data arrive, P50", "P95", "slowest choice", "processor time"]
    for workers in WORKERS:
        head += [f"requests/s, {workers} worker{'s' * (workers > 1)}", "P95"]
    head += ["first visit"]
    rows = [_row(name, cost) for name, cost in found.pages.items()]
    slow = [
        [f"`{name}`", scope, _ms(statistics.median(taken)), _ms(max(taken))]
        for (name, scope), taken in sorted(found.alone.items(), key=lambda one: -statistics.median(one[1]))
        if statistics.median(taken) > ARRIVAL_LIMIT_SECONDS
    ]
    slowest = max(found.alone.items(), key=lambda one: statistics.median(one[1]))
    late = [
        (name, scope)
        for name, cost in found.pages.items()
        for scope, taken in cost.arrivals.items()
        if statistics.median(taken) > ARRIVAL_LIMIT_SECONDS
    ]
    heaviest = max(found.pages.items(), key=lambda one: one[1].first_visit_bytes)
    aims = table(
        ["aim", "limit", "measured", ""],
        [
            [
                "every canned query, asked alone",
                _ms(ARRIVAL_LIMIT_SECONDS),
                f"{_ms(statistics.median(slowest[1]))} (`{slowest[0][0]}`), "
                f"{len(slow)} of {len(found.alone)} miss",
                "missed" if slow else "met",
            ],
            [
                "all data of a page, for every choice",
                _ms(ARRIVAL_LIMIT_SECONDS),
                f"{len(late)} of {sum(len(cost.arrivals) for cost in found.pages.values())} miss",
                "missed" if late else "met",
            ],
            [
                "a first visit, compressed",
                f"{WEIGHT_LIMIT_BYTES / 1e3:,.0f} kB",
                f"{heaviest[1].first_visit_bytes / 1e3:,.0f} kB ({heaviest[0]})",
                "missed" if heaviest[1].first_visit_bytes > WEIGHT_LIMIT_BYTES else "met",
            ],
        ],
    )
    parts = [aims, table(head, rows)]
    if slow:
        parts.append("Canned queries that miss it:\n\n" + table(["query", "choice", "P50", "most"], slow))
    return "\n\n".join(parts)


def _row(name: str, cost: PageCost) -> list[str]:
    scope, slowest = max(cost.arrivals.items(), key=lambda one: statistics.median(one[1]))
    every = [seconds for taken in cost.arrivals.values() for seconds in taken]
    loads = [
        text
        for workers in WORKERS
        for text in (f"{cost.loads[workers][0]:,.0f}", _ms(percentile(cost.loads[workers][1], 95)))
    ]
    return [
        name,
        str(cost.queries_count or ""),
        _ms(statistics.median(every)),
        _ms(percentile(every, 95)),
        f"{_ms(statistics.median(slowest))}{f' ({scope})' if scope else ''}",
        _ms(statistics.mean(cost.cpu_seconds)),
        *loads,
        f"{cost.first_visit_bytes / 1e3:,.0f} kB",
    ]


def percentile(values: list[float], percent: int) -> float:
    """Interpolated linearly, as everywhere in this project."""
    return (
        statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]
    )


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms"


if __name__ == "__main__":
    main()
