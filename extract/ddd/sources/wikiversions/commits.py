"""The commits that changed `wikiversions.json`, in the order in which they reached the branch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ddd.sources.git import GitError, Repository

FILE = "wikiversions.json"

_FIELD, _RECORD = "\x1f", "\x1e"
_FORMAT = _RECORD + _FIELD.join(("%H", "%P", "%at", "%ct", "%an", "%cn", "%s"))
_NOTHING = "0" * 40


@dataclass(frozen=True)
class Commit:
    """A commit of the branch that changed the file.

    A merge counts as one change, compared with the branch that it went into: that is what was deployed.

    Attributes:
        commit_id: Its id.
        parent_ids: Ids of its parents.
        position: Which change of the file it is, from 1; a commit always has the same one.
        authored_epoch: When its author made it, in seconds since 1970 UTC.
        committed_epoch: When it was committed, the time that counts as that of the deployment.
        author_name: Its author's name, without an address.
        committer_name: The name of whoever committed it.
        subject: The first line of its message.
        blob_id: The file's content; empty where the file was removed.
    """

    commit_id: str
    parent_ids: tuple[str, ...]
    position: int
    authored_epoch: int
    committed_epoch: int
    author_name: str
    committer_name: str
    subject: str
    blob_id: str


def read_commits(repository: Repository) -> list[Commit]:
    """All commits that changed the file, oldest first; none where the repository is empty.

    Raises:
        GitError: Git failed, the file was never there, or the clone does not reach back to the beginning.
    """
    if repository.is_empty():
        return []
    if repository.run("rev-parse", "--is-shallow-repository").strip() == b"true":
        raise GitError(
            f"{repository.name} is a shallow clone: the beginning of its history is missing",
            "Complete it with: git fetch --unshallow",
        )
    listed = repository.run(
        # what a user's own settings would take out of the list
        *("-c", "log.showRoot=true", "-c", "log.follow=false", "-c", "diff.relative=false"),
        *("log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-abbrev", "--no-renames"),
        *("--no-show-signature", "--no-color", "--no-notes", "--encoding=UTF-8", "--reverse"),
        *(f"--format={_FORMAT}", repository.revision, "--", FILE),
    )
    commits = list(_parsed(listed.decode(errors="replace")))
    if not commits:
        raise GitError(
            f"{repository.name} has no file {FILE}, and never had one",
            "Set MEDIAWIKI_CONFIG_REPO to a clone of operations/mediawiki-config",
        )
    return commits


def _parsed(text: str) -> Iterator[Commit]:
    for position, record in enumerate(text.split(_RECORD)[1:], start=1):
        head, _, changes = record.partition("\n")
        commit_id, parents, authored, committed, author, committer, subject = head.split(_FIELD, 6)
        # :100644 100644 <old blob> <new blob> M<tab>wikiversions.json
        blob_id = changes.strip().split(" ")[3] if changes.strip() else _NOTHING
        yield Commit(
            commit_id=commit_id,
            parent_ids=tuple(parents.split()),
            position=position,
            authored_epoch=int(authored),
            committed_epoch=int(committed),
            author_name=author,
            committer_name=committer,
            subject=subject,
            blob_id="" if blob_id == _NOTHING else blob_id,
        )
