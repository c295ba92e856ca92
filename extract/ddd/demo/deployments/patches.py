"""Patches of the simulated trains, as a CSV file of past trains has them."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from ddd.demo.organisation.trains import Deployment

COLUMNS = (
    *("version", "link", "created", "submitted", "insertions", "deletions", "total_comment_count"),
    "time_in_review",
)
_STAMP = "%Y-%m-%d %H:%M:%S"


def write_patches(deployments: list[Deployment], path: Path, *, seed: int) -> None:
    """Write the patches of every train that reached a wiki.

    Args:
        deployments: Those of the train; a version starts with its first one.
        path: The file.
        seed: The same seed gives the same patches of a version.
    """
    started: dict[str, datetime] = {}
    for one in deployments:
        started.setdefault(one.version, one.deployed_at)
    beside = path.with_name(f"{path.name}.part")
    with beside.open("w", newline="", encoding="utf-8") as file:
        _write(file, started, seed)
    beside.replace(path)


def _write(file: TextIO, started: dict[str, datetime], seed: int) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for version, train_at in started.items():
        rng = random.Random(f"{seed} {version}")  # noqa: S311 - a simulation
        cut_at = train_at.replace(hour=2, minute=0, second=0)  # the branch is cut in the night before
        for _ in range(max(4, int(rng.gauss(26, 8)))):
            submitted = cut_at - timedelta(seconds=int(rng.random() * 7 * 86_400))
            review_seconds = int(rng.lognormvariate(11, 1.5))
            created = submitted - timedelta(seconds=review_seconds)
            writer.writerow([
                version,
                f"https://gerrit.example.org/r/#/q/{rng.getrandbits(32):08x},n,z",
                *(created.strftime(_STAMP), submitted.strftime(_STAMP)),
                *(int(rng.lognormvariate(3, 1.4)), int(rng.lognormvariate(2.2, 1.5))),
                *(int(rng.expovariate(1 / 6)), float(review_seconds)),
            ])  # fmt: skip
