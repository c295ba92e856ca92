"""A service that is deployed several times a day, with the incidents that its failures caused."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ddd.demo.organisation.calendar import DAY, is_winter_break
from ddd.demo.organisation.history import Organisation

PIPELINE = "search-service"
_BEGINS_AFTER = 540
"""Days after the first train."""

_BETTER_AFTER = 270
"""Days after the service's first day from which on less fails."""

_FAILED_SHARES = (0.14, 0.06)
"""Share of deployments that fail, before and after tests in staging were made a condition."""


def write_service(organisation: Organisation, file: Path, incidents_file: Path, *, seed: int) -> None:
    """Write the deployments and the incidents, a JSON object a line.

    Args:
        organisation: Says when it ends, and who deploys.
        file: For the deployments.
        incidents_file: For the incidents.
        seed: The same seed gives the same days.
    """
    end = organisation.ended_at
    people = list(dict.fromkeys(one.username for one in organisation.deployments))[:4] or ["admin"]
    deployments: list[dict[str, Any]] = []
    incidents: list[dict[str, Any]] = []
    last_day = int(end.timestamp()) // DAY
    first_day = _first_day(organisation)
    for day in range(first_day, last_day + 1):
        if (day + 3) % 7 < 5 and not is_winter_break(day):  # 1970 began on a Thursday
            planned = _plan_day(day, _drawing(f"{seed} service {day}"), people, first_day + _BETTER_AFTER)
            deployments += planned[0]
            incidents += planned[1]
    _write(file, [_until(row, end) for row in deployments if row["deployed_at"] < end])
    _write(incidents_file, [_until(row, end) for row in incidents if row["started_at"] < end])


def _drawing(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a simulation


def _first_day(organisation: Organisation) -> int:
    first = organisation.deployments[0].deployed_at if organisation.deployments else organisation.ended_at
    return int(first.timestamp()) // DAY + _BEGINS_AFTER


def _plan_day(
    day: int,
    rng: random.Random,
    people: list[str],
    better_from: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    deployments, incidents = [], []
    midnight = datetime.fromtimestamp(day * DAY, UTC)
    is_better = day >= better_from
    for number in range(1, rng.randint(1, 4) + 1):
        at = midnight + timedelta(seconds=int((8.5 + 2 * number + rng.random()) * 3600))
        key = f"{midnight:%Y%m%d}-{number}"
        is_failed = rng.random() < _FAILED_SHARES[is_better]
        row = {
            "deployment_id": key, "pipeline": PIPELINE, "environment": "production",
            "version": f"{midnight:%Y.%m.%d}-{number}", "deployed_at": at, "deployed_by": rng.choice(people),
            "outcome": "failed" if is_failed else "success", "is_unplanned": False,
            "commits": [_commit(rng, at, f"{key}-{index}") for index in range(rng.randint(1, 4))],
        }  # fmt: skip
        deployments.append(row)
        if is_failed:
            recovered_at = at + timedelta(seconds=600 + int(rng.expovariate(1 / 4000)))
            row["recovered_at"] = recovered_at
            incidents.append({
                "incident_id": f"INC-{key}", "pipeline": PIPELINE, "environment": "production",
                "deployment_id": key, "started_at": at + timedelta(seconds=120), "resolved_at": recovered_at,
            })  # fmt: skip
            deployments.append({
                **row, "deployment_id": f"{key}-fix", "version": f"{row['version']}-fix",
                "deployed_at": recovered_at, "outcome": "success", "is_unplanned": True, "reason": "hotfix",
                "repairs": key, "recovered_at": None, "commits": [_commit(rng, recovered_at, f"{key}-fix")],
            })  # fmt: skip
    return deployments, incidents


def _commit(rng: random.Random, deployed_at: datetime, key: str) -> dict[str, Any]:
    authored_at = deployed_at - timedelta(seconds=900 + int(rng.lognormvariate(10, 1.2)))
    return {"id": f"{_drawing(key).getrandbits(160):040x}", "authored_at": authored_at}


def _until(row: dict[str, Any], end: datetime) -> dict[str, Any]:
    """The row as it is known at the end: what comes later has not happened yet."""
    later = {name for name, value in row.items() if isinstance(value, datetime) and value >= end}
    return {name: value for name, value in row.items() if value is not None and name not in later}


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = [json.dumps(row, default=lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}") + "\n" for row in rows]
    beside = path.with_name(f"{path.name}.part")
    beside.write_text("".join(lines), encoding="utf-8")
    beside.replace(path)
