"""What the published file `metrics.db` says of declared changes, and what can be tried without one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ddd.errors import DataError, RequestError
from ddd.published import read_published

Row = dict[str, Any]

_NEEDED = {"process_changes", "process_change_targets", "metric_change_impact", "measures", "projects"}
_JUDGED = """
select
    metric_change_impact.*,
    process_changes.title,
    case metric_change_impact.subject_key
        when 'all' then 'the whole site'
        else coalesce(projects.project_path, metric_change_impact.subject_key)
    end as subject
from metric_change_impact
inner join process_changes on metric_change_impact.change_key = process_changes.change_key
left join projects on metric_change_impact.subject_key = projects.project_phid
"""
_ORDER = """
order by
    process_changes.started_date desc, metric_change_impact.change_key, subject, metric_change_impact.sequence
"""


@dataclass(frozen=True)
class Subject:
    """A project, a pipeline or the whole site.

    Attributes:
        key: PHID, `pipeline/environment` or `all`.
        name: What people call it.
    """

    key: str
    name: str


def read_impact(path: Path, change_key: str = "") -> list[Row]:
    """What came of declared changes: rows of `metric_change_impact` with title and subject, the newest first.

    Args:
        path: The published file.
        change_key: Only this change.

    Raises:
        DataError: There is no published file, or it does not know of changes.
        RequestError: There is no such change.
    """
    with _opened(path) as published:
        where = "where metric_change_impact.change_key = ?" if change_key else ""
        rows = _query(published, f"{_JUDGED} {where} {_ORDER}", [change_key] if change_key else [])
        if change_key and not rows:
            known = [row["change_key"] for row in _query(published, _CHANGES)]
            if change_key in known:
                raise RequestError(
                    f"Nothing was measured around the change {change_key} yet",
                    "Whom it concerns has no weeks with values",
                )
            raise RequestError(f"There is no declared change {change_key!r}", _declared(known))
    return rows


_CHANGES = "select change_key from process_changes order by started_date desc, change_key"


def _declared(known: list[str]) -> str:
    if not known:
        return "None was declared: docs/impact.md says how, and --at tries any day"
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    return f"There {'is' if len(known) == 1 else 'are'} {', '.join(known[:5])}{more}"


def known_measure(path: Path, name: str) -> str:
    """A measure as the tables spell it, whatever its case.

    Raises:
        DataError: There is no published file, or it does not know of changes.
        RequestError: There is no such measure.
    """
    with _opened(path) as published:
        rows = _query(published, "select measure from measures order by sequence")
    known = [str(row["measure"]) for row in rows]
    found = [measure for measure in known if measure.lower() == name.strip().lower()]
    if not found:
        raise RequestError(f"{name!r} is no measure", f"There are {', '.join(known)}")
    return found[0]


def known_subject(path: Path, name: str) -> Subject:
    """A project by PHID, #hashtag or name, a pipeline as `pipeline/environment`, or `all`.

    Raises:
        DataError: There is no published file, or it does not know of changes.
        RequestError: There is nothing of that name.
    """
    name = name.strip().removeprefix("#")
    if name.lower() in {"", "all"}:
        return Subject("all", "the whole site")
    if "/" in name and not name.startswith("PHID-"):
        return Subject(name, name)
    with _opened(path) as published:
        rows = _query(
            published,
            "select project_phid, project_path from projects"
            " where project_phid = :name or slug = :name or project_name = :name"
            " order by case :name when project_phid then 1 when slug then 2 else 3 end",
            {"name": name},
        )
    if not rows:
        raise RequestError(
            f"There is no project {name!r} in {path}", "Name it by PHID, #hashtag or name, or say all"
        )
    return Subject(rows[0]["project_phid"], rows[0]["project_path"])


def day_of(text: str) -> date:
    """A day that was typed.

    Raises:
        RequestError: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestError(f"{text!r} is no day", "Write it as 2026-01-31") from None


def _opened(path: Path) -> sqlite3.Connection:
    if _NEEDED - read_published(path).models.keys():
        raise DataError(
            f"{path} does not know of declared changes", "Run `make refresh` with this version of Data³"
        )
    published = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)
    published.row_factory = sqlite3.Row
    return published


def _query(published: sqlite3.Connection, sql: str, values: Any = ()) -> list[Row]:
    return [dict(row) for row in published.execute(sql, values)]
