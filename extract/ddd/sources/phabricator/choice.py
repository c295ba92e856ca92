"""A choice of tasks: of some projects, of some ids, or changed since a time."""

from __future__ import annotations

from typing import Any

from rich.progress import Progress

from ddd.connecting import project_phid_of
from ddd.phab import Conduit
from ddd.phab.errors import NotFoundError
from ddd.sources.contract import Wanted
from ddd.sources.phabricator.walks import fetch_by_ids, walk_matching
from ddd.sources.runs import Run


def fetch_choice(run: Run, phab: Conduit, wanted: Wanted, bar: Progress, *, threads_count: int) -> None:
    """Fetch the tasks that are wanted. A project stands for its sub-projects and milestones as well.

    Raises:
        ConduitError: There is no such project, or the server says no.
    """
    changed: dict[str, Any] = {}
    if wanted.since is not None:
        changed["modifiedStart"] = max(int(wanted.since.timestamp()), 1)
    for project in wanted.projects:
        phid, name = _found(phab, project)
        walk_matching(run, phab, {"projects": [phid], **changed}, bar, f"Fetching tasks of {name}")
    if changed and not wanted.projects and not wanted.task_ids:
        walk_matching(run, phab, changed, bar, f"Fetching tasks changed since {wanted.since:%Y-%m-%d}")
    fetch_by_ids(run, phab, wanted.task_ids, bar, "Fetching tasks", threads_count=threads_count)


def _found(phab: Conduit, token: str) -> tuple[str, str]:
    """PHID and name of a project: the search for tasks says nothing about one that it does not know."""
    phid = project_phid_of(phab, token)
    answer = phab.call("project.search", {"constraints": {"phids": [phid], "status": "all"}, "limit": 1})
    if not answer["data"]:
        raise NotFoundError(
            f"{phab.url} knows no project {token}",
            "Check the PHID, and that the token's account may see the project",
        )
    return phid, answer["data"][0]["fields"]["name"]
