"""The search of every page: tasks by number, PHID or words of the title, and all that has its own page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from datasette.app import Datasette

from ddd.pages import HOME, pages_of
from ddd.views.queries import query_url, rows_of

SHOWN = 50
"""So many tasks are shown; of the other kinds, `SHOWN_OTHERS`."""
SHOWN_OTHERS = 20
LONGEST = 200
"""What is longer is cut: no title has more words than that."""

NUMBER = re.compile(r"#?(\d{1,15})")
NAMED_TASK = re.compile(r"(?:https?://\S+/)?T(\d{1,15})(?:[#?]\S*)?", re.IGNORECASE)
PHID = re.compile(r"PHID-[A-Z]{4}-[\w-]{1,60}", re.ASCII)


@dataclass(frozen=True)
class Hit:
    """One thing that was found.

    Attributes:
        hint: What tells it from others of its name.
        is_quiet: Whether it is over: a closed task, an archived project.
    """

    kind: str
    name: str
    url: str
    hint: str = ""
    is_quiet: bool = False


@dataclass(frozen=True)
class Group:
    """What was found of one kind.

    Attributes:
        more: Said below it, where there are more than are shown.
        more_url: Where all of them are.
    """

    title: str
    hits: list[Hit]
    more: str = ""
    more_url: str = ""


@dataclass(frozen=True)
class Found:
    """All that a search found.

    Attributes:
        exact: What a number with its T, or a PHID, names: the reader is led there at once.
        missing: The task that was asked for by its number and is not in these data.
    """

    text: str
    groups: list[Group] = field(default_factory=list)
    exact: Hit | None = None
    missing: str = ""

    @property
    def count(self) -> int:
        """How many things are shown."""
        return sum(len(group.hits) for group in self.groups)


async def search(datasette: Datasette, asked: str) -> Found:
    """Find everything that fits a text, in the order of a reader's likely wish."""
    text = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", asked)[:LONGEST].split())
    if not text:
        return Found("")
    if PHID.fullmatch(text):
        hit = await _of_phid(datasette, text)
        return Found(text, [Group("PHID", [hit])] if hit else [], hit)
    groups, exact, missing = [], None, ""
    named = NAMED_TASK.fullmatch(text)
    if number := named or NUMBER.fullmatch(text):
        rows = await rows_of(datasette, "metrics", "search_task", {"task_id": number[1]})
        hits = [_task(datasette, row) for row in rows]
        groups.append(Group("Task of this number", hits))
        exact, missing = (hits[0] if named and hits else None), "" if hits else f"T{int(number[1])}"
    groups += [
        await _tasks(datasette, text),
        await _projects(datasette, text),
        await _columns(datasette, text),
        await _trains(datasette, text),
        Group("Metrics", _metrics(datasette, text)),
        Group("Pages", _pages(datasette, text)),
    ]
    return Found(text, [group for group in groups if group.hits], exact, missing)


def suggestions(found: Found) -> list[dict[str, Any]]:
    """The first few of each kind, for a list below the field."""
    first = [hit for group in found.groups for hit in group.hits[: 6 if group.title == "Tasks" else 3]]
    return [vars(hit) for hit in dict.fromkeys(first)][:12]


async def _tasks(datasette: Datasette, text: str) -> Group:
    rows = await rows_of(datasette, "metrics", "search_tasks", {"q": text}) if re.search(r"\w", text) else []
    more = f"The newest {SHOWN} of more." if len(rows) > SHOWN else ""
    url = f"{datasette.urls.table('metrics', 'tasks')}?{urlencode({'_search': text})}"
    return Group("Tasks", [_task(datasette, row) for row in rows[:SHOWN]], more, url)


async def _projects(datasette: Datasette, text: str) -> Group:
    rows = await rows_of(datasette, "metrics", "search_projects", {"q": text.removeprefix("#")})
    hits = [
        Hit(
            "project",
            row["project_path"],
            _workflow(datasette, row["project_phid"]),
            "archived" if row["is_archived"] else f"{row['open_tasks_count']:,} open tasks",
            bool(row["is_archived"]),
        )
        for row in rows[:SHOWN_OTHERS]
    ]
    return Group("Projects", hits, *_more(datasette, "metrics", "search_projects", text, len(rows)))


async def _columns(datasette: Datasette, text: str) -> Group:
    rows = await rows_of(datasette, "metrics", "search_columns", {"q": text})
    hits = [
        Hit(
            "column",
            row["column_name"],
            _workflow(datasette, row["project_phid"], "board"),
            row["project_path"],
        )
        for row in rows[:SHOWN_OTHERS]
    ]
    return Group(
        "Columns of workboards", hits, *_more(datasette, "metrics", "search_columns", text, len(rows))
    )


async def _trains(datasette: Datasette, text: str) -> Group:
    rows = await rows_of(datasette, "train", "search_trains", {"q": text})
    hits = [
        Hit("train", row["version"], _train(datasette, row["version"]), (row["started_at"] or "")[:10])
        for row in rows[:SHOWN_OTHERS]
    ]
    return Group("Trains", hits, *_more(datasette, "train", "search_trains", text, len(rows)))


def _metrics(datasette: Datasette, text: str) -> list[Hit]:
    """Metrics whose name, question or definition has every word; those of that name first."""
    words = text.lower().split()
    found = [
        (not all(word in model.label.lower() for word in words), model)
        for published in pages_of(datasette).published.values()
        for model in published.metrics
        if all(word in f"{model.label} {model.question} {model.description}".lower() for word in words)
    ]
    return [
        Hit(
            "metric",
            model.label,
            datasette.urls.path(f"{HOME}all-metrics#{model.name.removeprefix('metric_')}"),
            model.question,
        )
        for _, model in sorted(found, key=lambda one: (one[0], one[1].label))[:SHOWN_OTHERS]
    ]


def _pages(datasette: Datasette, text: str) -> list[Hit]:
    pages = pages_of(datasette)
    words = text.lower().split()
    return [
        Hit(
            "page",
            f"{dashboard.title}: {tab.title}" if tab.title else dashboard.title,
            url,
            dashboard.question,
        )
        for dashboard in pages.dashboards.values()
        if not dashboard.subject
        for tab, _ in pages.tabs(dashboard)
        for url in [datasette.urls.path(f"{HOME}{dashboard.slug}{f'?tab={tab.name}' if tab.name else ''}")]
        if all(word in f"{dashboard.title} {tab.title} {dashboard.question}".lower() for word in words)
    ]


async def _of_phid(datasette: Datasette, phid: str) -> Hit | None:
    for row in await rows_of(datasette, "metrics", "search_phid", {"phid": phid}):
        if row["kind"] == "task":
            return _task(datasette, {"task_id": int(row["key"]), "title": row["name"]})
        if row["kind"] == "person":
            url = f"{datasette.urls.table('metrics', 'users')}?{urlencode({'user_phid': phid})}"
        else:
            url = _workflow(datasette, row["key"], "board" if row["kind"] == "column" else "")
        return Hit(row["kind"], row["name"] or phid, url)
    return None


def _task(datasette: Datasette, row: dict[str, Any]) -> Hit:
    hint = f"{row['status_name']}, created {row['created_at'][:10]}" if row.get("created_at") else ""
    url = datasette.urls.path(f"{HOME}task/T{row['task_id']}")
    return Hit("task", f"T{row['task_id']} {row['title']}", url, hint, bool(row.get("is_closed")))


def _workflow(datasette: Datasette, project: str, tab: str = "") -> str:
    query = {"project": project} | ({"tab": tab} if tab else {})
    return str(datasette.urls.path(f"{HOME}workflow?{urlencode(query)}"))


def _train(datasette: Datasette, version: str) -> str:
    return str(datasette.urls.path(f"{HOME}train/{quote(version, safe='')}"))


def _more(datasette: Datasette, database: str, name: str, text: str, count: int) -> tuple[str, str]:
    if count <= SHOWN_OTHERS:
        return "", ""
    return (
        f"The first {SHOWN_OTHERS} of more.",
        f"{query_url(datasette, database, name)}?{urlencode({'q': text})}",
    )
