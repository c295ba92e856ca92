"""What a commit is a copy of, and when its content was first written, as far as git tells.

A merge carries nothing of its own. A cherry-picked commit says which commit it was picked from, Gerrit's
copies share a Change-Id, and a squashed one quotes the commits that went into it with their dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

_CHANGE_ID = re.compile(r"^Change-Id: (I[0-9a-f]{8,40})\s*$", re.MULTILINE)
_PICKED = re.compile(r"\(cherry picked from commit ([0-9a-f]{7,64})\)")
_SQUASHED = "Squashed commit of the following:"
_QUOTED_COMMIT = re.compile(r"^\s*commit ([0-9a-f]{40,64})\s*$", re.MULTILINE)
_QUOTED_DATE = re.compile(r"^\s*Date:\s+(\w{3} \w{3} \d+ \d\d:\d\d:\d\d \d{4} [+-]\d{4})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Commit:
    """A commit of the repository; times in seconds since 1970 UTC.

    Attributes:
        change_id: Gerrit's Change-Id; empty where it has none.
        picked_from: The commit that it is a copy of, as written; empty where it is none.
        squashed_ids: The commits that went into it.
        squashed_epochs: When those were written.
    """

    commit_id: str
    parent_ids: tuple[str, ...]
    authored_epoch: int
    committed_epoch: int
    change_id: str = ""
    picked_from: str = ""
    squashed_ids: tuple[str, ...] = ()
    squashed_epochs: tuple[int, ...] = ()

    @classmethod
    def of(cls, commit_id: str, parents: str, authored: str, committed: str, message: str) -> Commit:
        """A commit from what git prints of it."""
        picked = _PICKED.search(message)
        change_ids = _CHANGE_ID.findall(message)
        quoted = message.partition(_SQUASHED)[2]
        return cls(
            commit_id,
            tuple(parents.split()),
            int(authored),
            int(committed),
            change_ids[-1] if change_ids else "",
            picked[1] if picked else "",
            tuple(_QUOTED_COMMIT.findall(quoted)),
            tuple(_epochs(_QUOTED_DATE.findall(quoted))),
        )


class Changes:
    """All commits of a repository, and what they are copies of."""

    def __init__(self, commits: Iterable[Commit]) -> None:
        self.commits = {one.commit_id: one for one in commits}
        self._first_by_change: dict[str, int] = {}
        for one in self.commits.values():
            if one.change_id:
                known = self._first_by_change.get(one.change_id, one.authored_epoch)
                self._first_by_change[one.change_id] = min(known, one.authored_epoch)

    def documents(self, commit_ids: Iterable[str]) -> Iterator[dict[str, object]]:
        """Each commit as a deployment lists it, without merges."""
        for commit_id in commit_ids:
            commit = self.commits[commit_id]
            if len(commit.parent_ids) > 1:
                continue
            yield {
                "id": commit.commit_id,
                "change": self.change_of(commit),
                "authored_at": self.first_authored_epoch(commit),
                "committed_at": commit.committed_epoch,
            }

    def change_of(self, commit: Commit) -> str:
        """What a commit and its copies have in common: the Change-Id, else the id of the first of them."""
        for one in self._chain(commit):
            if one.change_id:
                return one.change_id
        last = self._chain(commit)[-1]
        return last.picked_from or last.commit_id

    def first_authored_epoch(self, commit: Commit) -> int:
        """When the content was first written: the earliest author date of what a commit was made from."""
        epochs: list[int] = []
        for one in self._chain(commit):
            epochs += [one.authored_epoch, *one.squashed_epochs]
            epochs += [
                self.commits[quoted].authored_epoch for quoted in one.squashed_ids if quoted in self.commits
            ]
            if one.change_id:
                epochs.append(self._first_by_change[one.change_id])
        return min(epochs)

    def _chain(self, commit: Commit) -> list[Commit]:
        """The commit, the one that it was picked from, and so on, as far as they are known."""
        chain = [commit]
        while (picked_from := chain[-1].picked_from) in self.commits:
            original = self.commits[picked_from]
            if original in chain:
                break
            chain.append(original)
        return chain


def _epochs(texts: Iterable[str]) -> Iterator[int]:
    for text in texts:
        try:
            yield int(datetime.strptime(text, "%a %b %d %H:%M:%S %Y %z").timestamp())
        except ValueError:
            continue
