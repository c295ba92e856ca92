"""Trains as DORA counts them, from the definitions: one deployment each, with what followed from it."""

from __future__ import annotations

from reference.metrics.deliveries import Deployment
from reference.metrics.trains import Row, Trains


def delivered_trains(site: Trains) -> list[Deployment]:
    """Every train, oldest first, judged, with the lead times of the patches that it brought first."""
    found = []
    there: set[str] = set()
    for train in sorted(site.trains, key=lambda one: (one["started_at"], one["version"])):
        deployment = Deployment(train["version"], int(train["started_at"]), {})
        deployment.is_failed = any(site.is_troubled(train))
        back, again = _first_rollback(site, train)
        late = site.late_blockers(train)
        if deployment.is_failed:
            deployment.failed_at = int(back if back is not None else min(late))
            deployment.recovered_at = None if again is None else int(again)
        written: dict[str, list[float]] = {}
        for patch in site.patches_of(train["version"]):
            if not patch["is_backport"] and patch["change_id"] not in there:
                times = [patch[name] for name in ("created_at", "submitted_at") if patch[name] is not None]
                written.setdefault(patch["change_id"], []).extend(times)
        for times in written.values():
            days = (train["started_at"] - min(times)) / 86400 if times else None
            deployment.lead_times.append(days if days is not None and days >= 0 else None)
        there |= set(written)
        found.append(deployment)
    return found


def _first_rollback(site: Trains, train: Row) -> tuple[float | None, float | None]:
    """When a train was rolled back first, and when it went on."""
    back: float | None = None
    for step in site.steps:
        if step["version"] != train["version"]:
            continue
        if back is None and step["is_rollback"]:
            back = step["deployed_at"]
        elif back is not None and not step["is_rollback"]:
            return back, step["deployed_at"]
    return back, None
