"""What visitors ask for, as the modules in `www/static/ddd/` do: pages, and the queries of their panels."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.asking import Client

HOME = "/-/ddd/"
WRITTEN_PAGES = {"overview": "", "all metrics": "all-metrics", "data quality": "data-quality"}
"""Pages that the server writes whole: their queries are asked by itself."""

_LARGEST = """
select project_phid from projects
order by open_tasks_count + closed_tasks_count desc limit 1
"""
_MIDDLE = """
select project_phid from projects
cross join (select avg(open_tasks_count + closed_tasks_count) as mean_count from projects)
order by abs(open_tasks_count + closed_tasks_count - mean_count) limit 1
"""
_RAREST_PRIORITY = """
select priority_name from metric_net_flow
where project_phid = ? and period = 'month' and subtype = 'all' and priority_name <> 'all'
group by priority_name order by sum(created_tasks_count) limit 1
"""
_FIRST_DAY = (
    "select min(period_started_date) from metric_throughput where project_phid = 'all' and period = 'week'"
)
_BUSIEST_TASK = "select task_id from task_events group by task_id order by count(*) desc limit 1"
_BUSIEST_TRAIN = """
select version from train_blockers inner join trains using (version)
group by version order by count(*) desc limit 1
"""


@dataclass(frozen=True)
class Scope:
    """What a visitor has chosen.

    Attributes:
        name: In words.
        state: The page's parameters, where they differ from its defaults.
    """

    name: str
    state: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """One page with a scope.

    Attributes:
        page: Its name; tabs are pages of their own here.
        scope: What is chosen on it.
        path: The address of its HTML.
        queries: The queries that its panels and filters ask at once, by name.
    """

    page: str
    scope: str
    path: str
    queries: dict[str, str]


def scopes_of(www_dir: Path) -> list[Scope]:
    """Choices that cost little and much: all, the largest project, one of middle size; a year, all dates."""
    with sqlite3.connect(f"file:{www_dir / 'metrics.db'}?mode=ro", uri=True) as file:
        (largest,), (middle,) = file.execute(_LARGEST).fetchone(), file.execute(_MIDDLE).fetchone()
        (rare,) = file.execute(_RAREST_PRIORITY, [largest]).fetchone()
        (first_day,) = file.execute(_FIRST_DAY).fetchone()
    file.close()
    return [
        Scope("whole site"),
        Scope("whole site, all dates", {"date_start": first_day, "period": "month"}),
        Scope("largest project", {"project": largest}),
        Scope(
            "largest project, all dates, rarest priority",
            {"project": largest, "date_start": first_day, "priority": rare},
        ),
        Scope("middle project", {"project": middle}),
    ]


def subjects_of(www_dir: Path) -> dict[str, tuple[str, str]]:
    """The busiest task and train by the slug of their page: their place in the address, the parameter."""
    found = {}
    for slug, name, sql in (("task", "metrics", _BUSIEST_TASK), ("train", "train", _BUSIEST_TRAIN)):
        if (path := www_dir / f"{name}.db").exists():
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
                row = file.execute(sql).fetchone()
            file.close()
            if row:
                found[slug] = (f"T{row[0]}" if slug == "task" else row[0], str(row[0]))
    return found


def visits(client: Client, slugs: list[str], www_dir: Path) -> Iterator[Visit]:
    """Every page with every scope that changes what it shows."""
    for name, path in WRITTEN_PAGES.items():
        yield Visit(name, "", f"{HOME}{path}", {})
    subjects = subjects_of(www_dir)
    for slug in slugs:
        definition = client.json(f"{HOME}{slug}.json")
        if slug in subjects:
            address, subject = subjects[slug]
            path = f"{HOME}{slug}/{quote(address)}"
            yield from _of_tabs(client, definition, slug, path, Scope("the busiest", {"subject": subject}))
        else:
            asks_project = "project" in definition["filters"]
            for scope in scopes_of(www_dir) if asks_project else [Scope("")]:
                yield from _of_tabs(client, definition, slug, f"{HOME}{slug}", scope)


def other_queries(client: Client, slugs: list[str], www_dir: Path) -> Iterator[tuple[str, str]]:
    """Name and address of the queries that are asked when something is typed or empty, for every scope."""
    subjects = subjects_of(www_dir)
    for slug in slugs:
        definition = client.json(f"{HOME}{slug}.json")
        scopes = scopes_of(www_dir) if "project" in definition["filters"] else [Scope("")]
        subject = subjects.get(slug, ("", ""))[1]
        for name, url in definition["queries"].items():
            for scope in scopes:
                for text in ("", "a", "platform") if name == "projects" else ("",):
                    state = _state(client, definition, scope) | {"subject": subject, "q": text}
                    yield url.rpartition("/")[2], _address(url, state)


def _of_tabs(
    client: Client, definition: dict[str, Any], slug: str, path: str, scope: Scope
) -> Iterator[Visit]:
    state = _state(client, definition, scope)
    shared = {f"{slug}_{name}": _address(url, state) for name, url in definition["choices"].items()}
    if url := definition["queries"].get("project"):
        shared[f"{slug}_project"] = _address(url, state)
    tabs = list(dict.fromkeys(panel["tab"] for panel in definition["panels"]))
    for tab in tabs:
        queries = {
            panel["url"].rpartition("/")[2]: _address(
                panel["url"], {name: state.get(name, "") for name in panel["parameters"]}
            )
            for panel in definition["panels"]
            if panel["tab"] == tab
        }
        address = f"{path}?{urlencode({'tab': tab})}" if tab else path
        yield Visit(f"{slug}: {tab}" if tab else slug, scope.name, address, shared | queries)


def _state(client: Client, definition: dict[str, Any], scope: Scope) -> dict[str, str]:
    """What the page would ask with: its defaults, the first choices of its lists, and the scope."""
    as_of = definition["as_of_date"]
    state = {
        "project": "all",
        "period": "week",
        "date_start": f"{int(as_of[:4]) - 1}{as_of[4:]}",
        "date_end": as_of,
        **{each["name"]: str(each["default"]) for each in definition["inputs"]},
        **scope.state,
    }
    for name, url in definition["choices"].items():
        if name not in state and name in {"pipeline", "environment"}:
            answer = client.json(_address(url, state))
            place = answer["columns"].index("value")
            state[name] = str(answer["rows"][0][place]) if answer["rows"] else ""
    return state


def _address(url: str, state: dict[str, str]) -> str:
    return f"{url}.rows?{urlencode(state)}"
