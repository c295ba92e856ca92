"""What is wrong with the data, kind by kind; one finding for each object that it is wrong with."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from reference.changes import Change, changes_of
from reference.replay import Moment
from reference.roles import seed
from reference.site import Site
from reference.spans import spans_between

CLOCKS_MAY_DIFFER = 300
LATE = timedelta(days=1)


class Finding(NamedTuple):
    """A finding; `counts` and `about` are the numbers and the kind of value that its detail names, if any."""

    finding: str
    object_kind: str
    object_key: str
    task_id: int | None
    is_published: bool
    counts: tuple[int, ...] = ()
    about: str = ""


def findings(
    site: Site,
    odd_documents: Iterable[tuple[str, str, str]],
    behind: dict[str, timedelta],
    own_roles: Iterable[dict[str, str]],
    took_seconds: int,
) -> set[Finding]:
    """All findings.

    Args:
        site: The installation.
        odd_documents: Stream, key and text of documents that may be no task, project, column or user.
        behind: Streams that were fetched earlier than tasks, and by how much.
        own_roles: The rows of column_roles.csv that hold.
        took_seconds: How long the last extraction took; what changed meanwhile is not in the future.
    """
    return {
        *_about_documents(odd_documents),
        *(
            Finding("stream behind", "stream", f"phabricator {one}", None, True)
            for one, late in behind.items()
            if late > LATE
        ),
        *_about_types_and_people(site),
        *_about_statuses_and_columns(site),
        *_about_projects(site, own_roles),
        *(one for task_id in site.installation.tasks for one in _about_task(site, task_id, took_seconds)),
    }


def _about_documents(documents: Iterable[tuple[str, str, str]]) -> Iterator[Finding]:
    for stream, key, text in documents:
        if not isinstance(json.loads(text).get("id"), int):
            yield Finding("unreadable document", "document", f"{stream} {key}", None, False)


def _about_types_and_people(site: Site) -> Iterator[Finding]:
    unknown: dict[tuple[str, bool], list[int]] = defaultdict(list)
    people: Counter[str] = Counter()
    for task_id, task in site.installation.tasks.items():
        for change in changes_of(site.installation, task_id):
            if change.kind.startswith("unknown:"):
                unknown[change.kind, site.is_publishable(task)].append(task_id)
            if change.actor:
                people[change.actor] += 1
    for (kind, is_published), tasks in unknown.items():
        counts = (len(tasks), len(set(tasks)))
        yield Finding("unknown transaction type", "transaction type", kind, None, is_published, counts)
    for person, changes in people.items():
        if person not in site.installation.users:
            yield Finding("unknown user", "user", person, None, False, (changes,))


def _about_statuses_and_columns(site: Site) -> Iterator[Finding]:
    installation = site.installation
    for status in installation.statuses:
        if installation.status_role(status) is None:
            yield Finding("status without role", "status", status, None, True)
    in_use: set[str] = set()
    lost: set[tuple[str, str]] = set()
    for history in site.histories.values():
        if not history.is_closed:
            in_use |= history.moments[-1].columns.keys()
        for span in spans_between(history.moments):
            if span.board and span.value not in installation.columns:
                lost.add((span.board, span.value))
    for phid, column in installation.columns.items():
        fields = column["fields"]
        needs_a_role = not (fields["isDefaultColumn"] or fields["isHidden"] or fields["proxyPHID"])
        if needs_a_role and installation.column_role(phid) is None and fields["project"]["phid"] in in_use:
            yield Finding("column without role", "column", phid, None, _is_column_published(site, phid))
    for board, phid in lost:
        yield Finding("unknown column", "column", phid, None, _is_project_published(site, board))


def _about_projects(site: Site, own_roles: Iterable[dict[str, str]]) -> Iterator[Finding]:
    installation = site.installation
    tags = Counter(tag for task_id in installation.tasks for tag in installation.tags(task_id))
    for tag, count in tags.items():
        if tag not in installation.projects:
            yield Finding("unknown project", "project", tag, None, False, (count,))
    names = {
        name
        for phid, project in installation.projects.items()
        for name in (phid, project["fields"]["slug"], project["fields"]["name"])
    }
    for setting in site.settings:
        if setting.project and setting.project not in names:
            key = f"{setting.name} of {setting.project}"
            yield Finding("setting for nothing", "setting", key, None, False)
    for row in own_roles:
        if row["project"] and row["project"] not in names:
            yield Finding("setting for nothing", "setting", f"column_roles of {row['project']}", None, False)


def _about_task(site: Site, task_id: int, took_seconds: int) -> Iterator[Finding]:
    installation = site.installation
    is_published = site.is_publishable(installation.tasks[task_id])
    history = site.histories[task_id]
    changes = changes_of(installation, task_id)

    def found(finding: str, *, is_told: bool = True, about: str = "") -> Finding:
        return Finding(finding, "task", str(task_id), task_id, is_published and is_told, (), about)

    for about, is_told in _ends_elsewhere(site, task_id, history.moments[-1]):
        yield found("history ends elsewhere", is_told=is_told, about=about)
    closed_at = installation.tasks[task_id]["fields"]["dateClosed"]
    if history.is_closed and closed_at and closed_at != history.last_closed_at:
        yield found("closed at another time")
    if not installation.transactions[task_id]:
        yield found("task without history")
    if _last(changes) > site.as_of + took_seconds + CLOCKS_MAY_DIFFER:
        yield found("change in the future")
    if min(change.occurred_at for change in changes) < history.created_at:
        yield found("change before creation")


def _last(changes: list[Change]) -> int:
    return max(change.occurred_at for change in changes)


def _ends_elsewhere(site: Site, task_id: int, last: Moment) -> Iterator[tuple[str, bool]]:
    """Each kind of value whose history ends elsewhere, and whether all that differs may be told."""
    task = site.installation.tasks[task_id]
    fields = task["fields"]
    values = [
        ("status", last.status, fields["status"]["value"]),
        ("priority", last.priority, str(fields["priority"]["value"])),
        ("owner", last.owner, fields["ownerPHID"]),
    ]
    yield from ((kind, True) for kind, by_history, by_server in values if by_history != by_server)
    projects = last.tags ^ set(site.installation.tags(task_id))
    if projects:
        yield "project", all(_is_project_published(site, project) for project in projects)
    columns = []
    for board, there in dict(task["attachments"]["columns"]["boards"]).items():
        named = [column["phid"] for column in there["columns"]]
        mine = last.columns.get(board)
        if mine not in named:
            told = [_is_project_published(site, board), _is_column_published(site, min(named))]
            columns.append(all(told) and (mine is None or _is_column_published(site, mine)))
    if columns:
        yield "column", all(columns)


def _is_project_published(site: Site, project: str) -> bool:
    found = site.installation.projects.get(project)
    return found is not None and site.is_publishable(found)


def _is_column_published(site: Site, column: str) -> bool:
    """As its board, and as the project that it stands for."""
    if column not in site.installation.columns:
        return False
    fields = site.installation.columns[column]["fields"]
    proxy = fields["proxyPHID"]
    return _is_project_published(site, fields["project"]["phid"]) and (
        proxy is None or _is_project_published(site, proxy)
    )


def severity(finding: str) -> str:
    """How bad a finding is."""
    return next(row["severity"] for row in seed("finding_kinds") if row["finding"] == finding)
