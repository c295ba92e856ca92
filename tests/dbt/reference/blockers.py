"""Blockers of trains by their description: every release task's history, replayed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reference.installation import Installation

VERSION = re.compile(r"(\d+\.\d+)(\.\d+-wmf\.|wmf)(\d+)")
_FIELD = "custom.release.version"


@dataclass(frozen=True)
class Blocker:
    """A task that was added to a train's sub-tasks; times are epoch seconds."""

    version: str
    task_id: int
    blocker_phid: str
    blocked_at: int
    blocked_by: str | None
    unblocked_at: int | None
    unblocked_by: str | None
    how: str | None
    blocking_seconds: int
    is_published: bool


def release_tasks(installation: Installation, policies: set[str]) -> dict[str, int]:
    """The release task of each version."""
    found: dict[str, list[tuple[bool, bool, bool, bool, int]]] = {}
    for task_id, task in installation.tasks.items():
        fields = task["fields"]
        by_field = VERSION.search(fields.get(_FIELD) or "")
        by_title = VERSION.search(fields["name"] or "")
        is_release = fields["subtype"] == "release"
        if not by_field and not (
            by_title and (is_release or "deployment blockers" in fields["name"].lower())
        ):
            continue
        version = _canonical(by_field or by_title)
        rank = (
            fields["policy"]["view"] not in policies,
            fields["status"]["value"] == "duplicate",
            not by_field,
            not is_release,
            task_id,
        )
        found.setdefault(version, []).append(rank)
    return {version: min(ranks)[-1] for version, ranks in found.items()}


def _canonical(match: re.Match[str] | None) -> str:
    """With three numbers before the dash, as versions are written since 2015."""
    assert match
    return match[1] + (".0-wmf." if match[2] == "wmf" else match[2]) + match[3]


def blockers(installation: Installation, as_of: int, policies: set[str]) -> Iterator[Blocker]:
    """Every blocker of every train, for each time that it was added."""
    by_phid = {task["phid"]: task for task in installation.tasks.values()}
    for version, task_id in release_tasks(installation, policies).items():
        for phid, told in _heard(installation, task_id).items():
            pair = _Pair(version, installation.tasks[task_id], phid, by_phid.get(phid), told)
            yield from _times(installation, pair, as_of, policies)


Change = tuple[int, int, str, str | None]
"""When, transaction, what (`added`, `removed` or a status that was told), who."""


def _heard(installation: Installation, task_id: int) -> dict[str, list[Change]]:
    """What both tasks say of each sub-task, in order."""
    own = installation.tasks[task_id]["phid"]
    heard: dict[str, list[Change]] = {}
    for row, phid, what in _edges(installation.transactions[task_id], 3):
        heard.setdefault(phid, []).append(_change(row, what))
    for row in installation.transactions[task_id]:
        if row["transactionType"] == "unblock":
            for phid, status in row["newValue"].items():
                heard.setdefault(phid, []).append(_change(row, f"status {status}"))
    for other, task in installation.tasks.items():
        for row, phid, what in _edges(installation.transactions[other], 4):
            if phid == own:
                heard.setdefault(task["phid"], []).append(_change(row, what))
    for changes in heard.values():
        changes.sort(key=lambda change: change[:2])
    return heard


def _change(row: dict[str, Any], what: str) -> Change:
    return int(row["dateCreated"]), int(row["transactionID"]), what, row["authorPHID"]


def _edges(rows: list[dict[str, Any]], kind: int) -> Iterator[tuple[dict[str, Any], str, str]]:
    for row in rows:
        if row["transactionType"] == "core:edge" and row["meta"] and row["meta"].get("edge:type") == kind:
            old, new = set(row["oldValue"] or ()), set(row["newValue"] or ())
            yield from ((row, phid, "added") for phid in new - old)
            yield from ((row, phid, "removed") for phid in old - new)


@dataclass(frozen=True)
class _Pair:
    """A release task and one that was its sub-task at some time, with what was told of them."""

    version: str
    task: dict[str, Any]
    phid: str
    blocker: dict[str, Any] | None
    told: list[Change]


def _times(installation: Installation, pair: _Pair, as_of: int, policies: set[str]) -> Iterator[Blocker]:
    fields = pair.blocker["fields"] if pair.blocker else None
    began = max(int(one["dateCreated"]) for one in (pair.task["fields"], fields) if one)
    edges: list[Change | None] = [change for change in pair.told if change[2] in {"added", "removed"}]
    if pair.told[0][2] != "added":
        edges.insert(0, (began, -1, "added", fields["authorPHID"] if fields else None))
    status = _closings(installation, pair)
    is_published = all(one and one["policy"]["view"] in policies for one in (pair.task["fields"], fields))
    since: Change | None = None
    for edge in [*edges, None]:
        if edge and edge[2] == "added":
            since = since or edge
        elif since is not None:
            end = _end(status, since[0], edge, as_of)
            yield Blocker(pair.version, pair.task["id"], pair.phid, since[0], since[3], *end, is_published)
            since = None


def _closings(installation: Installation, pair: _Pair) -> list[Change]:
    """Openings and closings of the blocker, in order."""
    if pair.blocker is None:
        changes = [
            (at, number, "closed" if installation.is_closed(what.removeprefix("status ")) else "open", who)
            for at, number, what, who in pair.told
            if what.startswith("status ")
        ]
    else:
        changes = []
        for row in installation.transactions[pair.blocker["id"]]:
            if row["transactionType"] == "status":
                is_closed = installation.is_closed(installation.status_name_of(str(row["newValue"])))
            elif row["transactionType"] == "mergedinto":
                is_closed = True
            else:
                continue
            state = "closed" if is_closed else "open"
            changes.append((int(row["dateCreated"]), int(row["transactionID"]), state, row["authorPHID"]))
    return changes


def _end(
    status: list[Change], since: int, removal: Change | None, as_of: int
) -> tuple[int | None, str | None, str | None, int]:
    """When it ceased to block, by whom, how, and for how many seconds it did in all."""
    until = removal[0] if removal else None
    last: tuple[int | None, str | None, str | None] | None = None
    seconds, is_open, opened_at, closer = 0, True, since, None
    for at, _, state, who in status:
        if until is not None and at > until:
            break
        if is_open and state == "closed":
            is_open, closer = False, who
            if at > since:
                seconds += at - opened_at
                last = (at, who, "resolved")
        elif not is_open and state == "open":
            is_open, opened_at = True, max(at, since)
    if is_open and until is not None and removal is not None:
        if until > opened_at:
            return until, removal[3], "removed", seconds + until - opened_at
    elif is_open:
        return None, None, None, seconds + max(as_of - opened_at, 0)
    if last:
        return *last, seconds
    return since, closer, "resolved", 0
