"""Writes measurements into a section of `docs/benchmarks.md`, in ratios to the bare loop."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bench.client import Cost

AIM = 1.2
"""How much more than a bare loop the same requests may take."""

CONSTANT = 25
"""Requests that do not depend on the number of tasks: small streams, the account, the newest change."""

_SECTION, _END = "written by make bench", "<!-- end of what make bench writes -->"


@dataclass(frozen=True)
class Setting:
    """How the clients were run."""

    latency_ms: int
    connections: int


@dataclass
class Measured:
    """Everything that one run of the benchmark found out.

    Attributes:
        tasks_count: Tasks that the server has.
        transactions_count: Their transactions.
        highest_id: The highest task id.
        costs: The cost of each client in each setting.
        incremental: The cost of an extraction after `edits_count` edits.
        by_size: The extraction of servers of several sizes, by their number of tasks.
    """

    tasks_count: int
    transactions_count: int
    highest_id: int
    costs: dict[Setting, dict[str, Cost]] = field(default_factory=dict)
    incremental: Cost = field(default_factory=Cost)
    edits_count: int = 0
    by_size: dict[int, Cost] = field(default_factory=dict)

    @property
    def requests_limit(self) -> int:
        """Requests that a full extraction may send at most."""
        return math.ceil(self.highest_id / 100) + math.ceil(self.tasks_count / 100) + CONSTANT


def write(path: Path, measured: Measured) -> None:
    """Replace the section of the extraction."""
    replace_section(path, _SECTION, _section(measured))


def replace_section(path: Path, name: str, text: str) -> None:
    """Replace what is between the comment of that name and the next one that ends a section."""
    begin = f"<!-- {name} -->"
    section = f"{begin}\n{text}\n{_END}"
    found = f"{re.escape(begin)}.*?{re.escape(_END)}"
    path.write_text(re.sub(found, lambda _: section, path.read_text(), flags=re.DOTALL))


def _section(measured: Measured) -> str:
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC).date()}: {machine()}. The server is the simulated organisation "
            f"on the same machine: {measured.tasks_count:,} tasks with "
            f"{measured.transactions_count:,} transactions.",
            _aims(measured),
            table(
                [
                    "added latency",
                    "connections",
                    "client",
                    "elapsed",
                    "× bare",
                    "CPU s per 1,000 tasks",
                    "× bare",
                ],
                _rows(measured),
            ),
        ]
    )


def _aims(measured: Measured) -> str:
    usual = [costs for setting, costs in measured.costs.items() if setting.latency_ms]
    full = usual[0]["extraction"]
    return table(
        ["aim", "limit", "measured", ""],
        [
            [
                "requests of a full load",
                f"{measured.requests_limit:,}",
                f"{full.requests_count:,}",
                _verdict(full.requests_count <= measured.requests_limit),
            ],
            *(_ratio_aim(measured, client, what) for client in ("library", "extraction") for what in _WHATS),
            [
                f"requests after {measured.edits_count} edits",
                f"{CONSTANT}",
                f"{measured.incremental.requests_count:,}",
                _verdict(measured.incremental.requests_count <= CONSTANT),
            ],
            *(_memory_aim(measured, small, large) for small, large in pairwise(sorted(measured.by_size))),
        ],
    )


def _memory_aim(measured: Measured, small: int, large: int) -> list[str]:
    less, more = measured.by_size[small], measured.by_size[large]
    ratio = more.peak_bytes / less.peak_bytes
    return [
        f"peak memory, {small:,} → {large:,} tasks",
        f"{AIM:.1f} ×",
        f"{ratio:.2f} × ({less.peak_bytes / 1e6:,.0f} → {more.peak_bytes / 1e6:,.0f} MB, "
        f"of which {more.start_bytes / 1e6:,.0f} MB are libraries)",
        _verdict(ratio <= AIM),
    ]


_WHATS = {"elapsed time at 100 ms latency": ("seconds", True), "CPU": ("cpu_seconds", False)}


def _ratio_aim(measured: Measured, client: str, what: str) -> list[str]:
    attribute, is_slow = _WHATS[what]
    ratios = [
        getattr(costs[client], attribute) / getattr(costs["bare loop"], attribute)
        for setting, costs in measured.costs.items()
        if not is_slow or setting.latency_ms
    ]
    low, high = min(ratios), max(ratios)
    return [f"{client}, {what}", f"{AIM:.1f} ×", f"{low:.2f} to {high:.2f} ×", _verdict(high <= AIM)]


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _rows(measured: Measured) -> Iterable[list[str]]:
    for setting, costs in measured.costs.items():
        bare = costs["bare loop"]
        for client, cost in costs.items():
            yield [
                f"{setting.latency_ms} ms",
                str(setting.connections),
                client,
                f"{cost.seconds:.1f} s",
                f"{cost.seconds / bare.seconds:.2f}",
                f"{1000 * cost.cpu_seconds / measured.tasks_count:.3f}",
                f"{cost.cpu_seconds / bare.cpu_seconds:.2f}",
            ]
            if client == "extraction":
                yield [
                    "",
                    "",
                    "… of which landing",
                    f"{cost.landing_seconds:.1f} s",
                    "",
                    f"{1000 * cost.landing_cpu_seconds / measured.tasks_count:.3f}",
                    "",
                ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """The kind of machine, in words that name no particular one."""
    kind = re.search(r"model name\s*: (.+)", _text(Path("/proc/cpuinfo")))
    processor = kind[1].strip() if kind else platform.machine()
    return f"{os.cpu_count()} cores ({processor}), Python {platform.python_version()}"


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
