"""What is wrong with deployments, trains and patches, from the raw documents and the lists of trains."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb

from reference.findings import CLOCKS_MAY_DIFFER, Finding
from reference.metrics.delivered_trains import delivered_trains
from reference.metrics.deliveries import Deployment, Place, deployments_by_place, read_documents
from reference.metrics.trains import Trains
from reference.trains import version_key


def deployment_findings(path: Path, site: Trains, as_of: datetime) -> set[Finding]:
    """All findings about the sources of deployments; all of them may be published.

    Args:
        path: The raw documents.
        site: The trains with what belongs to them.
        as_of: The time of the extraction.
    """
    return {
        *_about_documents(path),
        *_about_places(path, site, as_of),
        *_about_trains(site),
        *_about_groups(site),
        *_about_patches(path, site),
    }


def _about_documents(path: Path) -> Iterator[Finding]:
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select source, stream from raw.quarantine where resolved_at is null and source <> 'phabricator'"
        ).fetchall()
    for (source, stream), count in Counter(rows).items():
        yield Finding("unreadable documents", "stream", f"{source} {stream}", None, True, (count,))


def _last_moment(path: Path, as_of: datetime) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        runs = connection.execute("select coalesce(server_time_at, started_at) from raw.runs").fetchall()
    return int(max([as_of, *(at for (at,) in runs)]).replace(tzinfo=UTC).timestamp()) + CLOCKS_MAY_DIFFER


def _about_places(path: Path, site: Trains, as_of: datetime) -> Iterator[Finding]:
    last = _last_moment(path, as_of)
    places = deployments_by_place(path, delivered_trains(site))
    incidents = Counter((one["pipeline"], one["environment"]) for one in read_documents(path, "incidents"))
    untied = _untied(path, places)
    for place in places.keys() | incidents.keys():
        there = places.get(place, [])
        changes = [days for one in there for days in one.lead_times]
        counted = [
            ("unknown outcomes", sum(one.is_failed is None for one in there), len(there)),
            ("unknown changes", sum(not _has_known_changes(one, place, site) for one in there), len(there)),
            ("deployments in the future", sum(one.at > last for one in there), len(there)),
            ("changes without lead time", changes.count(None), len(changes)),
            ("incidents before any deployment", untied[place].early, incidents[place]),
            ("incidents of unknown deployments", untied[place].misled, incidents[place]),
        ]
        for finding, count, of_all in counted:
            if count:
                yield Finding(finding, "pipeline", " to ".join(place), None, True, (count, of_all))


def _has_known_changes(one: Deployment, place: Place, site: Trains) -> bool:
    if place == ("train", "production") and not one.told:
        return any(not patch["is_backport"] for patch in site.patches_of(one.name))
    return one.told.get("commits") is not None


@dataclass
class _Untied:
    """Incidents of a place before any deployment, and those that name one that is not there."""

    early: int = 0
    misled: int = 0


def _untied(path: Path, places: dict[Place, list[Deployment]]) -> dict[Place, _Untied]:
    found: dict[Place, _Untied] = defaultdict(_Untied)
    for incident in read_documents(path, "incidents"):
        place = (incident["pipeline"], incident["environment"])
        stated = incident.get("deployment_id")
        there = places.get(place, [])
        if stated is None:
            found[place].early += not any(one.at <= incident["started_at"] for one in there)
        elif stated != "none":
            found[place].misled += not any(one.name == stated for one in there)
    return found


def _about_trains(site: Trains) -> Iterator[Finding]:
    ordered = sorted(site.trains, key=lambda train: version_key(train["version"]) or ())
    is_habit = False
    for train in ordered:
        if is_habit and train["task_id"] is None:
            version = train["version"]
            yield Finding("train without release task", "train", version, None, True)
        is_habit = is_habit or train["task_id"] is not None
    weekly = [group for group in site.groups if group["expected_weekday"] is not None]
    arrived = set(_arrivals(site))
    there = {wiki for wiki, _ in arrived}
    for train in ordered:
        reached = [(group["marker_wiki"], train["version"]) in arrived for group in weekly]
        for position, group in enumerate(weekly):
            if group["marker_wiki"] in there and not reached[position] and any(reached[position:]):
                name = group["group_name"]
                yield Finding("train without a group", "train", train["version"], None, True, (), name)


def _arrivals(site: Trains) -> Iterator[tuple[str, str]]:
    """Wikis and versions that came to them after an older one, without a time with none in between."""
    for before, one in pairwise(site.versions):
        keys = version_key(before["version"]), version_key(one["version"])
        follows = before["wiki"] == one["wiki"] and before["ended_at"] == one["started_at"]
        if follows and keys[0] and keys[1] and keys[0] < keys[1]:
            yield one["wiki"], one["version"]


def _about_groups(site: Trains) -> Iterator[Finding]:
    wikis: dict[str, set[str]] = defaultdict(set)
    for one in site.versions:
        wikis[one["version"]].add(one["wiki"])
    everywhere = set().union(*wikis.values())
    for group in site.groups:
        if everywhere and group["marker_wiki"] not in everywhere:
            yield Finding("group without wiki", "train group", group["group_name"], None, True)
    for version, ran_on in wikis.items():
        if version_key(version) is None:
            yield Finding("unknown version", "version", version, None, True, (len(ran_on),))


def _about_patches(path: Path, site: Trains) -> Iterator[Finding]:
    listed = [one["link"] for one in read_documents(path, "recorded_patches", source="gerrit")]
    led_to = {one["link"]: one["change_numbers"] for one in read_documents(path, "lookups", source="gerrit")}
    not_asked = sum(link not in led_to for link in listed)
    not_found = sum(led_to.get(link) == [] for link in listed)
    for finding, count in (("patches not asked for", not_asked), ("patches not found", not_found)):
        if count:
            yield Finding(finding, "table", "patches", None, True, (count, len(listed)))
    known = {train["version"] for train in site.trains}
    waiting = [patch["version"] for patch in site.patches if patch["version"] not in known]
    if waiting:
        counts = (len(waiting), len(set(waiting)))
        yield Finding("patches of no train", "table", "patches", None, True, counts)
