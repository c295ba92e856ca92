"""The form of the impact page: any day, measure and project, without declaring a change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from ddd.errors import DataError, OutdatedError
from ddd.impact import try_change
from ddd.verdicts import caveats, sentence
from ddd.views.overview import DATABASE
from ddd.views.queries import rows_of

WEEKS = 12
WEEKS_LEAST, WEEKS_MOST = 4, 104


@dataclass(frozen=True)
class Asked:
    """What somebody wants to try; texts as they came, so that the form shows them again.

    Attributes:
        at: The day; empty where nothing was asked.
        metric: The measure.
        project: PHID, slug or name of a project, `all`, or pipeline/environment.
        weeks: Before and after.
    """

    at: str
    metric: str
    project: str
    weeks: str

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Out of the address."""
        texts = {name: (given.get(name) or "").strip()[:200] for name in ("at", "metric", "project", "weeks")}
        texts["project"] = texts["project"] or "all"
        texts["weeks"] = texts["weeks"] or str(WEEKS)
        return cls(**texts)


@dataclass(frozen=True)
class Shown:
    """What the form shows.

    Attributes:
        measures: What can be measured.
        projects: Value and label of what can be chosen, the whole site first.
        subject_kind: `project` or `pipeline`.
        subject: Its key.
        subject_name: What people call it.
        problem: Why there is no answer; empty where there is one, or where nothing was asked.
        said: The answer.
        minded: What to mind.
        rows: The weeks, for the chart, as JSON.
    """

    asked: Asked
    measures: list[str]
    projects: list[tuple[str, str]]
    subject_kind: str
    subject: str
    subject_name: str
    problem: str = ""
    said: str = ""
    minded: tuple[str, ...] = ()
    rows: str = ""


async def tried(datasette: Datasette, given: Mapping[str, str]) -> Shown:
    """The form, and the answer where something was asked.

    Raises:
        OutdatedError: An older Data³ wrote the served file, without what judges changes.
    """
    asked = Asked.of(given)
    measures = [row["measure"] for row in await rows_of(datasette, DATABASE, "impact_measures")]
    known = await rows_of(datasette, DATABASE, "impact_projects", {"subject": asked.project})
    pipelines = [row["subject_key"] for row in await rows_of(datasette, DATABASE, "impact_pipelines")]
    projects = [("all", "The whole site"), *((row["project_phid"], row["project_path"]) for row in known)]
    projects += [(one, one) for one in pipelines]
    named = next((row["project_phid"] for row in known if row["is_named"]), asked.project)
    subject_kind = "pipeline" if "/" in named else "project"
    names = dict(projects)
    shown = Shown(asked, measures, projects, subject_kind, named, names.get(named, named))
    if not asked.at:
        return shown
    changed: dict[str, Any] = {}
    problem = _problem(asked, measures, named in names)
    if not problem:
        try:
            changed = await asyncio.to_thread(
                _answer, _folder(datasette), asked.at, asked.metric, named, int(asked.weeks)
            )
        except OutdatedError:
            raise
        except DataError as error:
            problem = f"{error}."
    return Shown(
        asked, measures, projects, subject_kind, named, shown.subject_name, problem=problem, **changed
    )


def _problem(asked: Asked, measures: list[str], is_known: bool) -> str:
    try:
        date.fromisoformat(asked.at)
    except ValueError:
        return f"“{asked.at}” is no day: write it as 2026-01-31."
    if asked.metric not in measures:
        return f"“{asked.metric}” is nothing that can be measured here: choose one of the list."
    if not is_known:
        return f"There is no project and no pipeline “{asked.project}” in these data."
    if not asked.weeks.isdecimal() or not WEEKS_LEAST <= int(asked.weeks) <= WEEKS_MOST:
        return f"“{asked.weeks}” weeks cannot be compared: give {WEEKS_LEAST} to {WEEKS_MOST}."
    return ""


def _folder(datasette: Datasette) -> Path:
    """That of the export that is served, which a newer one may have replaced since."""
    return Path(datasette.get_database(DATABASE).path).parent


@lru_cache(maxsize=256)
def _answer(folder: Path, at: str, metric: str, subject: str, weeks: int) -> dict[str, Any]:
    """Kept: a worker serves one export as long as it lives."""
    found = try_change(folder, date.fromisoformat(at), metric, subject, weeks)
    days = {"started_date": at, "settled_date": at}
    return {
        "said": sentence(found.impact),
        "minded": tuple(text for text, _ in caveats([found.impact])),
        "rows": json.dumps([{**row, **days} for row in found.weeks], default=str),
    }


def suggested_day(as_of_date: str) -> str:
    """A day that leaves as many weeks after it as are compared."""
    return str(date.fromisoformat(as_of_date) - timedelta(weeks=WEEKS + 1))
