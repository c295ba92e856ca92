"""What statuses and columns mean, by the seeds."""

from __future__ import annotations

import csv
import re

from ddd.settings import PROJECT_DIR


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed, in its own order."""
    with (PROJECT_DIR / "dbt_project" / "seeds" / f"{name}.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def _by_priority(name: str) -> list[dict[str, str]]:
    return sorted(seed(name), key=lambda row: int(row["priority"]))


_STATUS_ROLES, _COLUMN_ROLES = _by_priority("status_roles"), _by_priority("column_roles")


def status_role(key: str, name: str) -> str | None:
    """The role of an open status."""
    for row in _STATUS_ROLES:
        if re.search(row["pattern"], key, re.I) or re.search(row["pattern"], name, re.I):
            return row["role"]
    return None


def column_role(name: str) -> str | None:
    """The role of a column that no rule for its own project names."""
    for row in _COLUMN_ROLES:
        if not row["project"] and re.search(row["pattern"], name, re.I):
            return row["role"]
    return None
