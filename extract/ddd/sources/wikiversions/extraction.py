"""The order of it: bring the clone up to date, list the commits, read those that are not known yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console

from ddd.errors import SourceError
from ddd.progress import progress_bar
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.git import Repository, open_repository
from ddd.sources.whole import Known, Page, Reading, land_readings, read_known
from ddd.sources.wikiversions.commits import Commit, read_commits
from ddd.sources.wikiversions.documents import STREAM, read_documents

NAME = "wikiversions"
STREAMS = (STREAM,)


def is_configured(settings: Settings) -> bool:
    """Whether a repository is named."""
    return bool(settings.mediawiki_config_repo)


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the documents of deployed versions up to date.

    Only commits that are not known are read. Where the history was rewritten, commits that are no
    longer part of it are marked as gone, and the others read.

    Args:
        settings: Which repository, and where to keep it.
        wanted: Whether to read everything again; a choice of tasks means nothing here.
        console: Where to draw progress.

    Raises:
        SourceError: The repository cannot be reached or read; what is landed is kept.
        WarehouseError: The warehouse cannot be written; what was read is kept.
    """
    console = console or Console(quiet=True)
    known = read_known(settings, NAME, STREAMS)
    clone = settings.site_dir / "repositories" / f"{NAME}.git"
    with console.status("Fetching the history of deployed versions"):
        repository = open_repository(settings.mediawiki_config_repo, clone, variable="MEDIAWIKI_CONFIG_REPO")
        commits = read_commits(repository)
    if not commits and known.keys[STREAM]:
        raise SourceError(
            f"{repository.name} has no commit, but {len(known.keys[STREAM]):,} are known from it",
            "Check MEDIAWIKI_CONFIG_REPO; what is known stays as it is",
        )
    mode = "full" if wanted.full or known.is_new else "incremental"
    first = 0 if wanted.full else _first_unknown(commits, known)
    newest = max((commit.committed_epoch for commit in commits), default=None)
    reading = Reading(
        present_keys=[commit.commit_id for commit in commits],
        pages=_pages(repository, commits, first, known, console),
        watermark_at=datetime.fromtimestamp(newest, UTC) if newest is not None else None,
    )
    done = land_readings(settings, NAME, STREAMS, {STREAM: reading}, mode=mode, console=console)
    if not commits:
        done.warnings.append(f"{repository.name} has no commit yet, so there is no deployment")
    return done


def _first_unknown(commits: Sequence[Commit], known: Known) -> int:
    """Index of the first commit that is not known; from there on everything is compared anew."""
    there = known.keys[STREAM] | known.unreadable_keys[STREAM]
    return next((index for index, one in enumerate(commits) if one.commit_id not in there), len(commits))


def _pages(
    repository: Repository, commits: Sequence[Commit], first: int, known: Known, console: Console
) -> Iterator[Page]:
    wanted = commits[first:]
    if not wanted:
        return
    readable = [one for one in commits[:first] if one.commit_id not in known.unreadable_keys[STREAM]]
    with progress_bar(console) as bar:
        shown = bar.add_task("Reading deployed versions", total=len(wanted))
        yield from read_documents(
            repository, wanted, readable[-1] if readable else None, lambda count: bar.advance(shown, count)
        )
