"""Metrics of the trains by their descriptions, from lists of trains, blockers, patches and versions."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from reference.metrics.finished import Rows
from reference.periods import figures as figures_of
from reference.periods import period_start, periods

Row = dict[str, Any]
Key = tuple[str, str, date]

GROUPS = ("group0", "group1", "group2")
FEWEST_TRAINS = 10


@dataclass
class Trains:
    """What the metrics are computed from; times are epoch seconds, days local.

    Attributes:
        trains: One row per train, with `started_date`.
        blockers: Those that may be published.
        bugs: Tasks that backports to a version name.
        groups: Name, marker wiki and weekday of each group, lowest first.
        versions: Which version ran on which wiki, from when.
        steps: Roll-forwards and rollbacks, in the order of the branch.
        last_day: That of the extraction.
    """

    trains: list[Row] = field(default_factory=list)
    blockers: list[Row] = field(default_factory=list)
    patches: list[Row] = field(default_factory=list)
    bugs: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    last_day: date | None = None

    def by_period(self) -> dict[Key, list[Row]]:
        """The trains of each train, week, month and quarter; also of those without any."""
        found: dict[Key, list[Row]] = {}
        if not self.trains:
            return found
        days = [train["started_date"] for train in self.trains]
        last = max([*days, *([self.last_day] if self.last_day else [])])
        for period in ("week", "month"):
            for start in periods(period, min(days), last):
                found["all", period, start] = []
        for _, _, start in [key for key in found if key[1] == "month"]:
            found["all", "quarter", _quarter(start)] = []
        for train in self.trains:
            day = train["started_date"]
            found[train["version"], "train", day] = [train]
            for period in ("week", "month"):
                found["all", period, period_start(period, day)].append(train)
            found["all", "quarter", _quarter(day)].append(train)
        return found

    def blockers_of(self, version: str) -> list[list[Row]]:
        """Of each task that blocked a train the times that it was added, in order."""
        found: dict[str, list[Row]] = defaultdict(list)
        for blocker in sorted(self.blockers, key=lambda one: one["blocked_at"]):
            if blocker["version"] == version:
                found[blocker["blocker_task_phid"]].append(blocker)
        return list(found.values())

    def is_troubled(self, train: Row) -> tuple[bool, bool]:
        """Whether a train was rolled back, and whether a blocker was raised after group 0."""
        return train["rollbacks_count"] > 0, bool(self.late_blockers(train))

    def late_blockers(self, train: Row) -> list[int]:
        """When blockers were raised after group 0."""
        arrived = self.arrivals.get(train["version"])
        raised = [times[0]["blocked_at"] for times in self.blockers_of(train["version"])]
        return [at for at in raised if arrived is not None and at >= arrived]

    @cached_property
    def arrivals(self) -> dict[str, int]:
        """When each version first ran beyond the test wikis."""
        markers = {group["marker_wiki"] for group in self.groups if group["expected_weekday"] is not None}
        found: dict[str, int] = {}
        for one in self.versions:
            if one["wiki"] in markers:
                found[one["version"]] = min(one["started_at"], found.get(one["version"], one["started_at"]))
        return found

    @cached_property
    def _patches_by_version(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for patch in self.patches:
            found[patch["version"]].append(patch)
        return found

    def patches_of(self, *versions: str) -> list[Row]:
        """The patches and backports of these versions."""
        return [patch for version in versions for patch in self._patches_by_version.get(version, [])]


def _quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _of_periods(site: Trains, figures: Callable[[list[Row]], list[Any]]) -> Rows:
    return {key: figures(trains) for key, trains in site.by_period().items()}


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def trouble(site: Trains) -> Rows:
    """Trains, those with trouble and of which kind, and the share without."""

    def figures(trains: list[Row]) -> list[Any]:
        judged = [site.is_troubled(train) for train in trains]
        troubled = sum(any(one) for one in judged)
        return [
            *(len(trains), troubled, sum(back for back, _ in judged), sum(late for _, late in judged)),
            _ratio(len(trains) - troubled, len(trains)),
        ]

    return _of_periods(site, figures)


def delay(site: Trains) -> Rows:
    """Trains that reached a group, on time or not, mean and longest delay."""
    rows: Rows = {}
    for (version, period, start), trains in site.by_period().items():
        for group in GROUPS:
            days = [one for train in trains if (one := train[f"{group}_delay_days"]) is not None]
            on_time = days.count(0)
            mean = statistics.fmean(days) if days else None
            rows[version, group, period, start] = [
                *(len(days), on_time, _ratio(on_time, len(days)), mean, max(days, default=None))
            ]
    return rows


def rollback_time(site: Trains) -> Rows:
    """Trains, those rolled back, roll-backs; hours in all, median and longest."""

    def figures(trains: list[Row]) -> list[Any]:
        hours = [train["rollbacks_seconds"] / 3600 for train in trains]
        back = [train["rollbacks_seconds"] / 3600 for train in trains if train["rollbacks_count"]]
        return [
            *(len(trains), len(back), sum(train["rollbacks_count"] for train in trains)),
            *(sum(hours), figures_of(back, 0.5)[0], max(hours, default=None)),
        ]

    return _of_periods(site, figures)


def blockers(site: Trains) -> Rows:
    """Blockers by the group in which they were found, and how they ended."""
    rows: Rows = {}
    names = [*(group["group_name"] for group in site.groups), "none", "all"]
    for (version, period, start), trains in site.by_period().items():
        for name in names:
            found = [
                times
                for train in trains
                for times in site.blockers_of(train["version"])
                if name in {"all", times[0]["group_name"] or "none"}
            ]
            ends = [times[-1]["unblocked_how"] for times in found]
            seconds = sum(one["blocking_seconds"] for times in found for one in times)
            rows[version, name, period, start] = [
                *(len(trains), len({times[0]["version"] for times in found}), len(found)),
                *(ends.count("resolved"), ends.count("removed"), ends.count(None)),
                *(_ratio(len(found), len(trains)), seconds / 3600),
            ]
    return rows


def patches(site: Trains) -> Rows:
    """Trains, those with known patches; patches, backports, escaped bugs, owners, lines."""

    any_known = not {bug["version"] for bug in site.bugs}.isdisjoint(one["version"] for one in site.trains)

    def figures(trains: list[Row]) -> list[Any]:
        versions = {train["version"] for train in trains}
        carried = site.patches_of(*versions)
        own = [patch for patch in carried if not patch["is_backport"]]
        listed = len({patch["version"] for patch in own})
        bugs = {bug["task_id"] for bug in site.bugs if bug["version"] in versions}
        return [
            *(len(trains), listed),
            None if trains and not own else len(own),
            None if trains and not carried else len(carried) - len(own),
            len(bugs) if any_known else None,
            len({patch["owner_name"] for patch in carried if patch["owner_name"] is not None}) or None,
            *(_sum(patch[f"{one}_count"] for patch in carried) for one in ("insertions", "deletions")),
            _ratio(len(own), listed),
        ]

    return _of_periods(site, figures)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def patch_times(site: Trains) -> Rows:
    """From creation and from submission to the start of the train, in days."""

    def figures(trains: list[Row]) -> list[Any]:
        versions = {train["version"] for train in trains}
        carried = [one for one in site.patches_of(*versions) if not one["is_backport"]]
        found: list[Any] = []
        for name in ("created_to_train_seconds", "submitted_to_train_seconds"):
            days = [one[name] / 86400 for one in carried if one[name] is not None]
            if not found:
                found.append(len(days))
            found += figures_of(days, 0.5, 0.85)
        return found

    return _of_periods(site, figures)


def conductors(site: Trains) -> Rows:
    """Trains of each conductor by month, quarter and in all, with their trouble."""
    rows: Rows = {}
    spans: dict[tuple[str, date | None], list[Row]] = {
        (period, start): trains
        for (_, period, start), trains in site.by_period().items()
        if period in {"month", "quarter"}
    }
    spans["all", None] = site.trains
    for (period, start), trains in spans.items():
        known = [train for train in trains if train["conductor"] is not None]
        for person in {train["conductor"] for train in known}:
            own = [train for train in known if train["conductor"] == person]
            rows[person, period, start] = [
                *(len(own), sum(any(site.is_troubled(train)) for train in own)),
                sum(train["rollbacks_count"] for train in own),
                sum(len(site.blockers_of(train["version"])) for train in own),
                len(own) / len(known),
            ]
    return rows


def size_against_trouble(site: Trains) -> Rows:
    """Sample size, Spearman's and Pearson's coefficient of every pair of measures."""
    sizes: dict[str, Callable[[Row], float | None]] = {
        "patches": lambda train: train["size"][2],
        "changed lines": lambda train: _both(train["size"][6], train["size"][7]),
        "patch authors": lambda train: train["size"][5],
    }
    troubles: dict[str, Callable[[Row], float | None]] = {
        "rollbacks": lambda train: train["rollbacks_count"],
        "rollback time": lambda train: train["rollbacks_seconds"],
        "blockers": lambda train: len(site.blockers_of(train["version"])),
        "any trouble": lambda train: float(any(site.is_troubled(train))),
        "total time": lambda train: train["total_seconds"],
    }
    measured = patches(site)
    trains = [
        {**train, "size": size}
        for train in site.trains
        for size in [measured[train["version"], "train", train["started_date"]]]
        if size[2] is not None
    ]
    rows: Rows = {}
    for size, of_size in sizes.items():
        for kind, of_trouble in troubles.items():
            pairs = [(of_size(train), of_trouble(train)) for train in trains]
            known = [(one, other) for one, other in pairs if one is not None and other is not None]
            found: list[float | None] = [None, None]
            if len(known) >= FEWEST_TRAINS:
                first, second = [one for one, _ in known], [other for _, other in known]
                found = [pearson(ranks(first), ranks(second)), pearson(first, second)]
            rows[size, kind] = [len(known), *found]
    return rows if trains else {}


def _both(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def pearson(first: list[float], second: list[float]) -> float | None:
    """The covariance divided by both standard deviations; none where one of the lists does not vary."""
    if len(set(first)) < 2 or len(set(second)) < 2:
        return None
    mean, other_mean = statistics.fmean(first), statistics.fmean(second)
    covariance = sum((one - mean) * (other - other_mean) for one, other in zip(first, second, strict=True))
    spread = sum((one - mean) ** 2 for one in first) * sum((other - other_mean) ** 2 for other in second)
    return float(covariance / spread**0.5)


def ranks(values: list[float]) -> list[float]:
    """The place of each value among all; equal ones share the mean of their places."""
    return [
        sum(other < one for other in values) + (sum(other == one for other in values) + 1) / 2
        for one in values
    ]
