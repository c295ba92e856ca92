"""What the pages of a running Datasette show: its published files and the dashboards that fit them.

The plugins in `www/plugins/` are thin hooks around these functions.
"""

from __future__ import annotations

import copy
import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette import Request, Response
from datasette.app import Datasette
from markupsafe import Markup, escape

from ddd.dashboards import CHOICES, Chart, Dashboard, Figures, Input, Panel, Tab, Table, load_dashboards
from ddd.errors import DataError
from ddd.publications import www_dir_of
from ddd.published import About, Published, PublishedModel, read_published
from ddd.vega import BUNDLE

HOME = "/-/ddd/"

MARKS_QUERY = "changes_marked"
"""Its file is in `www/queries/`."""

_PAGES: WeakKeyDictionary[Datasette, Pages] = WeakKeyDictionary()


@dataclass(frozen=True)
class Pages:
    """Everything that the pages of one server show; read once, as a served file never changes.

    Attributes:
        www_dir: The folder that holds plugins, templates, static files and dashboards.
        published: The published files by the name of their database.
        dashboards: The dashboards by slug whose database is served.
        published_dir: The folder of the published files; none where none is served.
    """

    www_dir: Path
    published: dict[str, Published]
    dashboards: dict[str, Dashboard]
    published_dir: Path | None = None

    @property
    def about(self) -> About | None:
        """Whose data these are; nothing where no published file is served."""
        return next((published.about for published in self.published.values()), None)

    @cached_property
    def version(self) -> str:
        """Changes with every static file; part of their addresses, so that browsers may keep them."""
        files = sorted(path for path in (self.www_dir / "static").rglob("*") if path.is_file())
        stamps = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
        return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:12]

    @property
    def has_vega(self) -> bool:
        """Whether the chart libraries have been written."""
        return (self.www_dir / BUNDLE).is_file()

    @cached_property
    def canned_queries(self) -> dict[str, dict[str, dict[str, str]]]:
        """Every query of every dashboard, by database and name."""
        found: dict[str, dict[str, dict[str, str]]] = {database: {} for database in self.published}
        for dashboard in self.dashboards.values():
            models = self.published[dashboard.database].models
            for panel in dashboard.panels:
                if model := models.get(panel.model):
                    found[dashboard.database][dashboard.query_name(panel.name)] = {
                        "sql": panel.sql,
                        "title": f"{dashboard.title}: {panel.title or model.label}",
                        "description_html": str(prose(model.description)),
                    }
            for name, sql in dashboard.queries.items():
                title = f"{dashboard.title}: {name.replace('_', ' ')}"
                found[dashboard.database][dashboard.query_name(name)] = {"sql": sql, "title": title}
        return found

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Definitions of every published table and column, in Datasette's form."""
        databases = {}
        for database, published in self.published.items():
            tables: dict[str, Any] = {}
            for model in published.models.values():
                tables[model.name] = {
                    "description_html": str(prose(model.description)),
                    "columns": {
                        column.name: f"{column.description} Unit: {column.unit}."
                        if column.unit
                        else column.description
                        for column in model.columns.values()
                        if column.description or column.unit
                    },
                }
                if model.full_text_table:
                    tables[model.name]["fts_table"] = model.full_text_table
            databases[database] = {"tables": tables}
        return {"databases": databases}

    def tabs(self, dashboard: Dashboard) -> list[tuple[Tab, list[tuple[Panel, PublishedModel]]]]:
        """The tabs of a page with their panels and the models of these.

        A panel whose model is not in the served file is left out, and so is a tab without any.
        """
        models = self.published[dashboard.database].models
        tabs = [
            (tab, [(panel, models[panel.model]) for panel in tab.panels if panel.model in models])
            for tab in dashboard.tabs
        ]
        return [(tab, panels) for tab, panels in tabs if panels]


def pages_of(datasette: Datasette) -> Pages:
    """The pages of this server."""
    if datasette not in _PAGES:
        www_dir = Path(datasette.plugins_dir).parent
        published: dict[str, Published] = {}
        published_dir = None
        for name, database in datasette.databases.items():
            if database.path:
                try:
                    published[name] = read_published(Path(database.path))
                    published_dir = published_dir or www_dir_of(Path(database.path))
                except DataError:
                    continue  # some other SQLite file: Datasette shows it, our pages do not
        dashboards = {
            slug: dashboard
            for slug, dashboard in load_dashboards(www_dir / "dashboards").items()
            if dashboard.database in published
        }
        _PAGES[datasette] = Pages(www_dir, published, dashboards, published_dir)
    return _PAGES[datasette]


async def html_page(
    datasette: Datasette, request: Request, template: str, context: dict[str, Any]
) -> Response:
    """A page of ours, from a template of `www/templates/view/`; browsers keep it for some seconds."""
    html = await datasette.render_template(f"view/{template}.html", context, request=request)
    return Response.html(html, headers={"cache-control": "max-age=5"})


def definition(datasette: Datasette, dashboard: Dashboard) -> dict[str, Any]:
    """What the browser needs to show a dashboard: addresses, specifications, texts."""
    pages = pages_of(datasette)
    about = pages.published[dashboard.database].about

    def query_url(name: str) -> str:
        return str(datasette.urls.query(dashboard.database, dashboard.query_name(name)))

    return {
        "title": dashboard.title,
        "as_of_date": about.as_of_date,
        "period": dashboard.period,
        "places": _places(datasette, pages),
        "filters": dashboard.filters,
        "narrowing": [name for name in ("subtype", "priority") if name in dashboard.filters],
        "choices": {name: query_url(CHOICES[name]) for name in dashboard.filters if name in CHOICES},
        "queries": {name: query_url(name) for name in dashboard.queries},
        "marks": _marks_url(datasette, pages),
        "inputs": [entered(each, about) for tab, _ in pages.tabs(dashboard) for each in tab.inputs],
        "panels": [
            {
                "tab": tab.name,
                "name": panel.name,
                "kind": panel.kind,
                "title": panel.title or model.label,
                "url": query_url(panel.name),
                "parameters": panel.parameters,
                "row_limit": panel.row_limit,
                "columns": {column.name: column.title for column in model.columns.values()},
                "empty": vars(panel.empty),
                "marked": _marked(dashboard, panel),
                **_drawing(panel, model),
            }
            for tab, panels in pages.tabs(dashboard)
            for panel, model in panels
        ],
    }


def entered(each: Input, about: About) -> dict[str, Any]:
    """An input of a page, with days instead of distances from the day of the data."""

    def value(text: Any) -> Any:
        if found := re.fullmatch(r"([+-]\d+) days", str(text)):
            return str(date.fromisoformat(about.as_of_date) + timedelta(days=int(found[1])))
        return text if text is None or each.type == "integer" else str(text)

    return vars(each) | {key: value(getattr(each, key)) for key in ("default", "min", "max")}


def _marks_url(datasette: Datasette, pages: Pages) -> str:
    """The query of declared changes, which charts of time mark; empty where no file has any."""
    for name, one in pages.published.items():
        if {"process_changes", "process_change_targets", "projects"} <= one.models.keys():
            return str(datasette.urls.query(name, MARKS_QUERY))
    return ""


def _marked(dashboard: Dashboard, panel: Panel) -> str:
    """Whose declared changes a chart of time marks: the project's, the pipeline's, or the train's."""
    if not isinstance(panel, Chart) or "date_start" not in panel.parameters:
        return ""
    if "project" in dashboard.filters or "pipeline" not in dashboard.filters:
        return "project"
    return "pipeline" if "pipeline" in panel.parameters else "train"


def _places(datasette: Datasette, pages: Pages) -> dict[str, str]:
    """Where links lead: what a task's number and a version are appended to."""
    site = next((one.about.task_url_prefix for one in pages.published.values()), "")
    tasks = {name for name, one in pages.published.items() if "tasks" in one.models}
    trains = {name for name, one in pages.published.items() if "trains" in one.models}
    task = f"{HOME}task/T" if "task" in pages.dashboards else ""
    train = f"{HOME}train/" if "train" in pages.dashboards else ""
    return {
        "root": datasette.urls.path("/"),
        "server": site,
        "change": datasette.urls.path(f"{HOME}impact/") if "impact" in pages.dashboards else "",
        "task": datasette.urls.path(task)
        if task
        else site or "".join(f"{datasette.urls.table(name, 'tasks')}?task_id=" for name in tasks),
        "train": datasette.urls.path(train)
        if train
        else "".join(f"{datasette.urls.table(name, 'trains')}?version=" for name in trains),
    }


def _drawing(panel: Panel, model: PublishedModel) -> dict[str, Any]:
    if isinstance(panel, Chart):
        keys = {"height": panel.height, "x": panel.x, "y": panel.y, "select": panel.select}
        return keys | {"spec": panel.vega_lite(model)}
    if isinstance(panel, Table):
        heads = {name: title for name, title in panel.columns.items() if title}
        columns = {column.name: column.title for column in model.columns.values()} | heads
        shown = {"shown": list(panel.columns), "sorts": panel.sorts}
        return shown | {"columns": columns, "links": panel.links}
    if isinstance(panel, Figures):
        return {"figures": {name: vars(figure) for name, figure in panel.figures.items()}}
    return {}


def canned_queries(datasette: Datasette, database: str) -> dict[str, dict[str, str]]:
    """Datasette's canned queries of a database: every query of every dashboard on it.

    Datasette asks for all of them several times a request, and writes into what it gets.
    """
    known = pages_of(datasette).canned_queries.get(database, {})
    return {name: dict(query) for name, query in known.items()}


def metadata(datasette: Datasette) -> dict[str, Any]:
    """Datasette's metadata of every published table: definition, columns with units, full-text search.

    A fresh copy, as Datasette merges others into it.
    """
    return copy.deepcopy(pages_of(datasette).metadata)


def prose(text: str) -> Markup:
    """A description of the dbt YAML as HTML: paragraphs, and code between backticks; all else is text."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    marked = (re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(part))) for part in paragraphs if part)
    return Markup("\n").join(Markup(f"<p>{part}</p>") for part in marked)  # noqa: S704 - escaped above


def first_paragraph(text: str) -> Markup:
    """The first paragraph of a description, without its tags."""
    return Markup(str(prose(re.split(r"\n\s*\n", text.strip())[0]))[3:-4])  # noqa: S704 - escaped there
