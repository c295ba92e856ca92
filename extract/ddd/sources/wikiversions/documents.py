"""One document a commit: who, when, and which wikis went from which version to which.

    {"commit": "9f0c…", "parents": ["…"], "position": 17, "authored_at": 1620155847,
     "committed_at": 1620155847, "author": "Ada", "committer": "Ada",
     "subject": "group0 wikis to 1.37.0-wmf.4", "wikis_count": 962, "changes": [
       {"old": "php-1.37.0-wmf.3", "new": "php-1.37.0-wmf.4", "wikis": ["mediawikiwiki", "testwiki"]}]}

`old` is null for wikis that were added, `new` for those that were removed. Versions are written as in the
file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from ddd.segments import Document, Rejected
from ddd.sources.git import Repository
from ddd.sources.whole import Page, encoded
from ddd.sources.wikiversions.commits import FILE, Commit

STREAM = "commits"

_PAGE_COMMITS = 100
Versions = dict[str, str]


def read_documents(
    repository: Repository,
    commits: Sequence[Commit],
    before: Commit | None,
    advance: Callable[[int], None] = lambda _: None,
) -> Iterator[Page]:
    """The documents of consecutive commits; what is not JSON of versions by wiki is rejected.

    A commit after an unreadable one is compared with the last that could be read, so that no change is lost.

    Args:
        repository: Where they are.
        commits: The commits, oldest first.
        before: The last readable commit before them; none where they begin the history.
        advance: Is told how many files were read.

    Raises:
        GitError: A file's content cannot be read.
    """
    known: Versions = {}
    repository.fetch_contents([one.blob_id for one in (before, *commits) if one and one.blob_id])
    if before:
        for _, content in repository.contents([before.blob_id]):
            known = parsed_versions(content)
    for start in range(0, len(commits), _PAGE_COMMITS):
        group = commits[start : start + _PAGE_COMMITS]
        contents = dict(repository.contents([one.blob_id for one in group if one.blob_id], advance))
        page = Page()
        for commit in group:
            content = contents.get(commit.blob_id, b"")
            try:
                if not commit.blob_id:
                    raise ValueError(f"{FILE} was removed")
                versions = parsed_versions(content)
            except ValueError as error:
                text = content[:2000].decode(errors="replace")
                page.rejected.append(Rejected(STREAM, commit.commit_id, text, str(error)))
                continue
            page.documents.append(
                Document(
                    commit.commit_id, encoded(_document(commit, known, versions)), commit.committed_epoch
                )
            )
            known = versions
        yield page


def parsed_versions(content: bytes) -> Versions:
    """The version of every wiki.

    Raises:
        ValueError: The content is not JSON, or not an object of texts.
    """
    try:
        return msgspec.json.decode(content, type=Versions)
    except msgspec.ValidationError as error:
        raise ValueError(f"{FILE} is not a list of versions by wiki: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{FILE} is not JSON: {error}") from None


def _document(commit: Commit, known: Versions, versions: Versions) -> dict[str, object]:
    changes: dict[tuple[str | None, str | None], list[str]] = {}
    for wiki in sorted(known.keys() | versions.keys()):
        old, new = known.get(wiki), versions.get(wiki)
        if old != new:
            changes.setdefault((old, new), []).append(wiki)
    return {
        "commit": commit.commit_id,
        "parents": commit.parent_ids,
        "position": commit.position,
        "authored_at": commit.authored_epoch,
        "committed_at": commit.committed_epoch,
        "author": commit.author_name,
        "committer": commit.committer_name,
        "subject": commit.subject,
        "wikis_count": len(versions),
        "changes": [{"old": old, "new": new, "wikis": wikis} for (old, new), wikis in changes.items()],
    }
