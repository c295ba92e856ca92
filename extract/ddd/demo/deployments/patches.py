"""Patches of the simulated trains: a list of them, and the changes that a Gerrit server knows of these."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ddd.demo.organisation.history import Organisation
from ddd.demo.organisation.people import Person, make_people
from ddd.demo.organisation.trains import Deployment

COLUMNS = (
    *("version", "link", "created", "submitted", "insertions", "deletions", "total_comment_count"),
    "time_in_review",
)
GERRIT_URL = "https://gerrit.example.org/r/"
"""Where the simulated organisation finds its changes."""

_STAMP = "%Y-%m-%d %H:%M:%S"

_PROJECTS = (
    "mediawiki/core",
    "mediawiki/extensions/Gadgets",
    "mediawiki/extensions/Maps",
    "mediawiki/skins/Plain",
)
_NUMBERS_OF_A_TRAIN = 200
_FIRST_BACKPORT = 150


@dataclass(frozen=True)
class Patch:
    """A patch of a train, or a backport to it."""

    number: int
    version: str
    commit: str
    owner: Person
    project: str
    created: datetime
    submitted: datetime
    insertions: int
    deletions: int
    comments: int
    is_backport: bool = False
    bugs: tuple[int, ...] = ()

    @property
    def link(self) -> str:
        """Its address, as a list of patches has it."""
        return f"{GERRIT_URL}#/q/{self.commit[:8]},n,z"


@dataclass
class _Train:
    """What is known of a train while its patches are made."""

    version: str
    position: int
    started_at: datetime
    rollbacks: list[Deployment] = field(default_factory=list)

    def number(self, position: int) -> int:
        return 100_000 + self.position * _NUMBERS_OF_A_TRAIN + position


def write_patches(organisation: Organisation, list_file: Path, changes_file: Path, *, seed: int) -> None:
    """Write the patches of every train that reached a wiki, and the changes behind them.

    Args:
        organisation: Says when its trains went; a version starts with its first deployment.
        list_file: CSV, a line a patch.
        changes_file: NDJSON, a line a change as Gerrit lists it, backports as well.
        seed: The same seed gives the same patches of a version.
    """
    people = [one for one in make_people(seed).values() if not one.is_bot]
    trains: dict[str, _Train] = {}
    for one in organisation.deployments:
        train = trains.setdefault(one.version, _Train(one.version, len(trains), one.deployed_at))
        if one.action == "rollback" and one.blocker_task_id is not None:
            train.rollbacks.append(one)
    patches = [patch for train in trains.values() for patch in _patches(train, people, seed)]
    rows = [[*_row(patch)] for patch in patches if not patch.is_backport]
    beside = list_file.with_name(f"{list_file.name}.part")
    with beside.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    beside.replace(list_file)
    merged = (_change(patch, people) for patch in patches if patch.submitted <= organisation.ended_at)
    beside = changes_file.with_name(f"{changes_file.name}.part")
    beside.write_text("".join(f"{json.dumps(one)}\n" for one in merged), encoding="utf-8")
    beside.replace(changes_file)


def _patches(train: _Train, people: Sequence[Person], seed: int) -> Iterator[Patch]:
    rng, others = (
        random.Random(f"{seed} {train.version}{suffix}")  # noqa: S311 - a simulation
        for suffix in ("", " owners")
    )
    cut_at = train.started_at.replace(hour=2, minute=0, second=0)  # the branch is cut in the night before
    weights = [1 / (place + 1) for place in range(len(people))]
    for position in range(max(4, int(rng.gauss(26, 8)))):
        submitted = cut_at - timedelta(seconds=int(rng.random() * 7 * 86_400))
        created = submitted - timedelta(seconds=int(rng.lognormvariate(11, 1.5)))
        (owner,) = others.choices(people, weights)
        yield Patch(
            number=train.number(position),
            version=train.version,
            commit=_commit(f"{rng.getrandbits(32):08x}"),
            owner=owner,
            project=others.choice(_PROJECTS),
            created=created,
            submitted=submitted,
            insertions=int(rng.lognormvariate(3, 1.4)),
            deletions=int(rng.lognormvariate(2.2, 1.5)),
            comments=int(rng.expovariate(1 / 6)),
        )
    for place, rollback in enumerate(train.rollbacks):
        (owner,) = others.choices(people, weights)
        created = rollback.deployed_at + timedelta(seconds=600 + int(others.random() * 3600))
        assert rollback.blocker_task_id is not None
        yield Patch(
            number=train.number(_FIRST_BACKPORT + place),
            version=train.version,
            commit=_commit(f"{others.getrandbits(32):08x}"),
            owner=owner,
            project=others.choice(_PROJECTS),
            created=created,
            submitted=created + timedelta(seconds=900 + int(others.random() * 7200)),
            insertions=int(others.lognormvariate(1.5, 1)),
            deletions=int(others.lognormvariate(1.5, 1)),
            comments=int(others.expovariate(1 / 3)),
            is_backport=True,
            bugs=(rollback.blocker_task_id,),
        )


def _commit(start: str) -> str:
    return start + hashlib.sha256(start.encode()).hexdigest()[:32]


def _row(patch: Patch) -> Iterator[object]:
    yield patch.version
    yield patch.link
    yield from (patch.created.strftime(_STAMP), patch.submitted.strftime(_STAMP))
    yield from (patch.insertions, patch.deletions, patch.comments)
    yield (patch.submitted - patch.created).total_seconds()


def _change(patch: Patch, people: Sequence[Person]) -> dict[str, Any]:
    """The change as Gerrit lists it."""
    change_id = f"I{hashlib.sha256(patch.commit.encode()).hexdigest()[:40]}"
    subject = "Mend what the train brought" if patch.is_backport else "Let it be better"
    footers = [*(f"Bug: T{number}" for number in patch.bugs), f"Change-Id: {change_id}"]
    message = f"{subject}\n\n" + "\n".join(footers) + "\n"
    account = {
        "_account_id": 1000 + people.index(patch.owner),
        "name": patch.owner.real_name,
        "email": f"{patch.owner.username}@example.org",
        "username": patch.owner.username,
    }
    created, submitted = (f"{at.strftime(_STAMP)}.000000000" for at in (patch.created, patch.submitted))
    return {
        "project": patch.project,
        "branch": f"wmf/{patch.version}" if patch.is_backport else "master",
        "change_id": change_id,
        "subject": subject,
        "status": "MERGED",
        "created": created,
        "updated": submitted,
        "submitted": submitted,
        "insertions": patch.insertions,
        "deletions": patch.deletions,
        "total_comment_count": patch.comments,
        "_number": patch.number,
        "owner": account,
        "current_revision": patch.commit,
        "revisions": {patch.commit: {"commit": {"subject": subject, "message": message}}},
    }
