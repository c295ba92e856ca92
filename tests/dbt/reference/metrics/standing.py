"""A train's place among those of the year before it, by the description of metric_train_standing."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from reference.metrics.finished import Rows
from reference.metrics.trains import Row, Trains, patches

YEAR_SECONDS = 365 * 86400


def standing(site: Trains) -> Rows:
    """Unit, value, median of the others, their number, how many are lower or the same, and the place."""
    carried = patches(site)
    measures: dict[tuple[str, str], Callable[[Row], float | None]] = {
        ("first to last roll-forward", "days"): lambda train: train["total_seconds"] / 86400,
        ("delay of group2", "days"): lambda train: train["group2_delay_days"],
        ("rollbacks", ""): lambda train: train["rollbacks_count"],
        ("time rolled back", "hours"): lambda train: train["rollbacks_seconds"] / 3600,
        ("blockers", ""): lambda train: len(site.blockers_of(train["version"])),
        ("patches", ""): lambda train: carried[train["version"], "train", train["started_date"]][2],
    }
    rows: Rows = {}
    for (measure, unit), of_train in measures.items():
        values = {train["version"]: of_train(train) for train in site.trains}
        for train in site.trains:
            value = values[train["version"]]
            if value is None:
                continue
            others = [
                other
                for one in site.trains
                if 0 < train["started_at"] - one["started_at"] <= YEAR_SECONDS
                and (other := values[one["version"]]) is not None
            ]
            lower, same = sum(other < value for other in others), others.count(value)
            rows[train["version"], measure] = [
                *(unit, value, statistics.median(others) if others else None, len(others), lower, same),
                (lower + same / 2) / len(others) if others else None,
            ]
    return rows
