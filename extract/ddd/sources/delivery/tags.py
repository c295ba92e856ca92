"""The tags of a git repository as deployments: who tags a version deploys it, with all that is new in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ddd.segments import Rejected
from ddd.sources.delivery.changes import Changes, Commit
from ddd.sources.git import FETCHING_SECONDS, Repository

_TAG_FIELDS = (
    *("refname:strip=2", "objectname", "objecttype", "*objectname", "*objecttype"),
    "creatordate:unix",
)
_COMMIT_FIELDS = ("%H", "%P", "%at", "%ct", "%B")


@dataclass(frozen=True)
class Tag:
    """A tag of a commit.

    Attributes:
        name: Its name, such as `v1.4`.
        commit_id: The commit.
        tagged_epoch: When it was tagged, in seconds since 1970 UTC; a lightweight tag has its commit's time.
    """

    name: str
    commit_id: str
    tagged_epoch: int


def fetch_tags(repository: Repository) -> None:
    """Bring the tags of our own clone up to date; those that are gone or moved elsewhere are so here, too.

    Raises:
        GitError: They cannot be fetched.
    """
    repository.run(
        *("fetch", "--quiet", "--force", "--prune", "--no-tags", "--filter=blob:none", "origin"),
        "+refs/tags/*:refs/tags/*",
        seconds=FETCHING_SECONDS,
    )


def read_tags(repository: Repository, pattern: str, stream: str) -> tuple[list[Tag], list[Rejected]]:
    """The tags of a pattern, oldest first, and those that are not tags of a commit.

    Raises:
        GitError: Git failed.
    """
    listed = repository.run(
        *("for-each-ref", "--sort=version:refname", "--sort=creatordate"),
        f"--format={'%00'.join(f'%({name})' for name in _TAG_FIELDS)}%00",
        f"refs/tags/{pattern}",
    )
    tags, rejected = [], []
    for record in listed.decode(errors="replace").split("\0\n")[:-1]:
        name, own_id, own_type, peeled_id, peeled_type, tagged = record.split("\0")
        kind, commit_id = (peeled_type, peeled_id) if own_type == "tag" else (own_type, own_id)
        if kind == "commit" and tagged:
            tags.append(Tag(name, commit_id, int(tagged)))
        else:
            rejected.append(
                Rejected(stream, "", name, f"The tag {name} is not one of a commit but of a {kind}")
            )
    return tags, rejected


def read_changes(repository: Repository, tags: Sequence[Tag]) -> Changes:
    """All commits of the repository, read by one process: copies may be on any branch.

    Raises:
        GitError: Git failed.
    """
    if not tags:
        return Changes([])
    listed = repository.run(
        *(
            "log",
            "-z",
            "--branches",
            "--tags",
            "--remotes",
            "--no-show-signature",
            "--no-color",
            "--no-notes",
        ),
        *("--encoding=UTF-8", f"--format={'%x00'.join(_COMMIT_FIELDS)}", "--stdin"),
        given="".join(f"{tag.commit_id}\n" for tag in tags).encode(),
    )
    fields = iter(listed.decode(errors="replace").split("\0"))
    groups = zip(fields, fields, fields, fields, fields, strict=False)
    return Changes(Commit.of(*group) for group in groups)


def tag_documents(
    tags: Sequence[Tag], changes: Changes, *, pipeline: str, environment: str
) -> Iterator[dict[str, object]]:
    """A document for each tag, with the commits that no earlier tag contains.

    The first tag has none: what was new in it cannot be known.
    """
    seen: set[str] = set()
    for position, tag in enumerate(tags):
        new = _new_commits(tag.commit_id, changes, seen)
        document: dict[str, object] = {
            "origin": "tag",
            "pipeline": pipeline,
            "environment": environment,
            "deployment_id": tag.name,
            "version": tag.name,
            "deployed_at": tag.tagged_epoch,
        }
        if position:
            document["commits"] = list(changes.documents(sorted(new)))
        yield document


def _new_commits(commit_id: str, changes: Changes, seen: set[str]) -> list[str]:
    """The commits that can be reached and were not seen before; they are seen now."""
    new, waiting = [], [commit_id]
    while waiting:
        one = waiting.pop()
        if one in seen or one not in changes.commits:  # a shallow clone ends somewhere
            continue
        seen.add(one)
        new.append(one)
        waiting.extend(changes.commits[one].parent_ids)
    return new
