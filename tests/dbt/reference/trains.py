"""Trains computed a second time: from `git log` and the files themselves, one commit after the other.

Written from the definitions of docs/deployments.md, not from the SQL; reads nothing that the source wrote.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

DENVER = ZoneInfo("America/Denver")
MARKERS = {"group0": ("mediawikiwiki", 2), "group1": ("commonswiki", 3), "group2": ("enwiki", 4)}
BOT = "jenkins-bot"


@dataclass
class Train:
    """One version: commits as (seconds since 1970, committer), in the order of the branch."""

    forwards: list[tuple[int, str]] = field(default_factory=list)
    rollbacks: list[tuple[int, str]] = field(default_factory=list)
    rolled_back_since: int | None = None
    rollbacks_seconds: int = 0
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def total_seconds(self) -> int:
        """From the first to the last roll-forward."""
        return max(at for at, _ in self.forwards) - min(at for at, _ in self.forwards)

    def delay_days(self, group: str) -> int | None:
        """Days from the expected weekday; none where the group never got it."""
        if group not in self.groups:
            return None
        weekday = datetime.fromtimestamp(self.groups[group], UTC).astimezone(DENVER).isoweekday()
        return (weekday - MARKERS[group][1]) % 7

    def conductor(self, *, with_bot: bool = False) -> str | None:
        """Who rolled it forward most often; `Counter` keeps the order of first appearance."""
        counted = Counter(name for _, name in self.forwards if with_bot or name != BOT)
        return counted.most_common(1)[0][0] if counted else None


def version_key(version: str | None) -> tuple[int, ...] | None:
    """What versions sort by, of both spellings."""
    match = re.fullmatch(r"(?:php-)?(\d+)\.(\d+)(?:\.(\d+)-wmf\.|wmf)(\d+)", version or "")
    return tuple(int(part or 0) for part in match.groups()) if match else None


def name_of(version: str) -> str:
    """The version as it is written today."""
    major, minor, patch, number = version_key(version) or ()
    return f"{major}.{minor}.{patch}-wmf.{number}"


def trains_of(repository: Path, branch: str = "master") -> dict[str, Train]:
    """All trains of a repository by version."""
    listed = _git(repository, "rev-list", "--first-parent", "--reverse", branch).split()
    trains: dict[str, Train] = defaultdict(Train)
    before: dict[str, str] = {}
    for commit in listed:
        try:
            after = json.loads(_git(repository, "show", f"{commit}:wikiversions.json"))
        except (ValueError, subprocess.CalledProcessError):
            continue
        if not isinstance(after, dict):
            continue
        at, committer = _git(repository, "show", "-s", "--format=%ct %cn", commit).strip().split(" ", 1)
        _take_in(trains, before, after, int(at), committer)
        before = after
    return {version: train for version, train in trains.items() if train.forwards}


def _take_in(
    trains: dict[str, Train], before: dict[str, str], after: dict[str, str], at: int, committer: str
) -> None:
    forward: dict[str, set[str]] = defaultdict(set)
    back: dict[str, set[str]] = defaultdict(set)
    for wiki in before.keys() & after.keys():
        old, new = version_key(before[wiki]), version_key(after[wiki])
        if old and new and old < new:
            forward[name_of(after[wiki])].add(wiki)
        elif old and new and old > new:
            back[name_of(before[wiki])].add(wiki)
    for version, wikis in forward.items():
        train = trains[version]
        train.forwards.append((at, committer))
        if train.rolled_back_since is not None:
            train.rollbacks_seconds += at - train.rolled_back_since
            train.rolled_back_since = None
        train.groups |= {group: at for group, (marker, _) in MARKERS.items() if marker in wikis}
    for version in back:
        train = trains[version]
        train.rollbacks.append((at, committer))
        if train.rolled_back_since is None:
            train.rolled_back_since = at


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
