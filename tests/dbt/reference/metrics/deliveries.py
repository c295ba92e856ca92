"""DORA's five, one deployment after the other, straight from the definitions in docs/deployments.md.

Reads the raw documents, so that staging is checked, too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from reference.metrics.finished import Rows
from reference.periods import next_period, percentile, period_start, periods
from reference.site import Site

Place = tuple[str, str]
TRAINS = ("train", "production")


@dataclass
class Deployment:
    """A deployment with what followed from it; times in seconds since 1970."""

    name: str
    at: int
    told: dict[str, Any]
    incidents: list[dict[str, Any]] = field(default_factory=list)
    lead_times: list[float | None] = field(default_factory=list)
    is_failed: bool | None = None
    is_unplanned: bool | None = None
    failed_at: int = 0
    recovered_at: int | None = None

    @property
    def recovery_hours(self) -> float | None:
        if not self.is_failed or self.recovered_at is None or self.recovered_at < self.failed_at:
            return None
        return (self.recovered_at - self.failed_at) / 3600


def read_documents(path: Path, stream: str, *, source: str = "delivery") -> list[dict[str, Any]]:
    """The newest document of every key that is still there."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            f"select key, document from raw.{source}_{stream} order by batch, modified_at, rowid"
        ).fetchall()
        changes = connection.execute(
            "select key, is_visible from raw.visibility_changes "
            f"where source = '{source}' and stream = '{stream}' order by batch"
        ).fetchall()
    newest, visible = dict(rows), dict(changes)
    return [json.loads(text) for key, text in newest.items() if visible.get(key, True)]


def deployments_by_place(path: Path, trains: list[Deployment]) -> dict[Place, list[Deployment]]:
    """Deployments by pipeline and environment, oldest first, judged; trains are a pipeline of their own."""
    by_place: dict[Place, list[Deployment]] = defaultdict(list)
    for one in read_documents(path, "deployments"):
        place = (one["pipeline"], one["environment"])
        by_place[place].append(Deployment(one["deployment_id"], one["deployed_at"], one))
    incidents = defaultdict(list)
    for one in read_documents(path, "incidents"):
        incidents[one["pipeline"], one["environment"]].append(one)
    for place, deployments in by_place.items():
        deployments.sort(key=lambda one: (one.at, one.name))
        _tie(deployments, incidents[place])
        _judge(deployments, are_incidents_told=bool(incidents[place]))
        _lead_times(deployments)
    return {**by_place, **({TRAINS: trains} if trains else {})}


def _tie(deployments: list[Deployment], incidents: list[dict[str, Any]]) -> None:
    for incident in incidents:
        stated = incident.get("deployment_id")
        if stated is not None:
            candidates = [one for one in deployments if one.name == stated]
        else:
            candidates = [one for one in deployments if one.at <= incident["started_at"]][-1:]
        for one in candidates:
            one.incidents.append(incident)


def _judge(deployments: list[Deployment], *, are_incidents_told: bool) -> None:
    repairs: dict[str, list[Deployment]] = defaultdict(list)
    for one in deployments:
        if one.told.get("repairs") not in {None, one.name}:
            repairs[one.told["repairs"]].append(one)
    is_rework_told = any("repairs" in one.told or "is_unplanned" in one.told for one in deployments)
    for one in deployments:
        outcome = one.told.get("outcome")
        if outcome in {"failed", "rolled back"} or one.incidents or repairs[one.name]:
            one.is_failed = True
        elif outcome == "success" or are_incidents_told:
            one.is_failed = False
        if is_rework_told:
            one.is_unplanned = one.told.get("is_unplanned", "repairs" in one.told)
    _recover(deployments, repairs)


def _recover(deployments: list[Deployment], repairs: dict[str, list[Deployment]]) -> None:
    for position, one in enumerate(deployments):
        if not one.is_failed:
            continue
        starts = [incident["started_at"] for incident in one.incidents]
        one.failed_at = max(one.at, min(starts)) if starts else one.at
        ends = [incident.get("resolved_at") for incident in one.incidents]
        repairing = [
            other.at for other in repairs[one.name] if other.told.get("outcome") in {None, "success"}
        ]
        later = [other.at for other in deployments[position + 1 :] if not other.is_failed]
        if "recovered_at" in one.told:
            one.recovered_at = one.told["recovered_at"]
        elif ends:
            one.recovered_at = None if None in ends else max(ends)
        elif repairing:
            one.recovered_at = min(repairing)
        elif later:
            one.recovered_at = later[0]


def _lead_times(deployments: list[Deployment]) -> None:
    there: set[str] = set()
    for one in deployments:
        written: dict[str, list[int]] = defaultdict(list)
        for commit in one.told.get("commits") or []:
            times = [commit[name] for name in ("authored_at", "committed_at") if name in commit]
            written[commit.get("change", commit["id"])] += times
        for change, times in written.items():
            if change not in there:
                days = (one.at - min(times)) / 86400 if times else None
                one.lead_times.append(days if days is not None and days >= 0 else None)
        there |= set(written)


@dataclass(frozen=True)
class Slot:
    """A pipeline and environment in a period, and the deployments of the period."""

    key: tuple[str, str, str, date]
    deployments: list[Deployment]
    days: int
    is_complete: bool


def slots(site: Site, path: Path, trains: list[Deployment]) -> Iterator[Slot]:
    """All periods from the first deployment to the extraction."""

    def day(second: int) -> date:
        return datetime.fromtimestamp(second, UTC).astimezone(site.zone).date()

    for place, deployments in deployments_by_place(path, trains).items():
        last = day(max(site.as_of, deployments[-1].at))
        for period in ("week", "month"):
            for start in periods(period, day(deployments[0].at), last):
                inside = [one for one in deployments if period_start(period, day(one.at)) == start]
                yield Slot(
                    (*place, period, start),
                    inside,
                    len({day(one.at) for one in inside}),
                    next_period(period, start) <= last,
                )


def frequency(site: Site, path: Path, trains: list[Deployment]) -> Rows:
    return {
        slot.key: [len(slot.deployments), slot.days, slot.is_complete] for slot in slots(site, path, trains)
    }


def lead_time(site: Site, path: Path, trains: list[Deployment]) -> Rows:
    rows: Rows = {}
    for slot in slots(site, path, trains):
        times = [days for one in slot.deployments for days in one.lead_times]
        known = [days for days in times if days is not None]
        shares = [percentile(known, share) if known else None for share in (0.5, 0.85)]
        rows[slot.key] = [len(times), len(known), *shares, slot.is_complete]
    return rows


def fail_rate(site: Site, path: Path, trains: list[Deployment]) -> Rows:
    return {
        slot.key: _rate(slot, [one.is_failed for one in slot.deployments])
        for slot in slots(site, path, trains)
    }


def rework_rate(site: Site, path: Path, trains: list[Deployment]) -> Rows:
    return {
        slot.key: _rate(slot, [one.is_unplanned for one in slot.deployments])
        for slot in slots(site, path, trains)
    }


def _rate(slot: Slot, answers: list[bool | None]) -> list[Any]:
    known = [answer for answer in answers if answer is not None]
    return [len(known), sum(known), sum(known) / len(known) if known else None, slot.is_complete]


def recovery_time(site: Site, path: Path, trains: list[Deployment]) -> Rows:
    rows: Rows = {}
    for slot in slots(site, path, trains):
        failed = [one for one in slot.deployments if one.is_failed]
        hours = [one.recovery_hours for one in failed if one.recovery_hours is not None]
        shares = [percentile(hours, share) if hours else None for share in (0.5, 0.85)]
        rows[slot.key] = [len(failed), len(hours), *shares, slot.is_complete]
    return rows
