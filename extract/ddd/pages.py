"""What the pages of a running Datasette show: its published files and the dashboards that fit them.

The plugins in `www/plugins/` are thin hooks around these functions.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from markupsafe import Markup, escape

from ddd.dashboards import Chart, Dashboard, load_dashboards
from ddd.errors import DataError
from ddd.published import About, Published, PublishedModel, read_published
from ddd.vega import BUNDLE

HOME = "/-/ddd/"

_PAGES: WeakKeyDictionary[Datasette, Pages] = WeakKeyDictionary()


@dataclass(frozen=True)
class Pages:
    """Everything that the pages of one server show; read once, as a served file never changes.

    Attributes:
        www_dir: The folder that holds plugins, templates, static files and dashboards.
        published: The published files by the name of their database.
        dashboards: The dashboards by slug whose database is served.
    """

    www_dir: Path
    published: dict[str, Published]
    dashboards: dict[str, Dashboard]

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

    def charts(self, dashboard: Dashboard) -> list[tuple[Chart, PublishedModel]]:
        """The charts whose model is in the served file, with that model."""
        models = self.published[dashboard.database].models
        return [(chart, models[chart.model]) for chart in dashboard.charts if chart.model in models]


def pages_of(datasette: Datasette) -> Pages:
    """The pages of this server."""
    if datasette not in _PAGES:
        www_dir = Path(datasette.plugins_dir).parent
        published = {}
        for name, database in datasette.databases.items():
            if database.path:
                try:
                    published[name] = read_published(Path(database.path))
                except DataError:
                    continue  # some other SQLite file: Datasette shows it, our pages do not
        dashboards = {
            slug: dashboard
            for slug, dashboard in load_dashboards(www_dir / "dashboards").items()
            if dashboard.database in published
        }
        _PAGES[datasette] = Pages(www_dir, published, dashboards)
    return _PAGES[datasette]


def definition(datasette: Datasette, dashboard: Dashboard) -> dict[str, Any]:
    """What the browser needs to draw a dashboard: addresses, specifications, texts."""
    pages = pages_of(datasette)
    published = pages.published[dashboard.database]

    def query_url(name: str) -> str:
        return str(datasette.urls.query(dashboard.database, dashboard.query_name(name)))

    return {
        "title": dashboard.title,
        "as_of_date": published.about.as_of_date,
        "task_url_prefix": published.about.task_url_prefix
        or f"{datasette.urls.table(dashboard.database, 'tasks')}?task_id=",
        "queries": {name: query_url(name) for name in dashboard.queries},
        "charts": [
            {
                "name": chart.name,
                "title": chart.title or model.label,
                "url": query_url(chart.name),
                "spec": chart.vega_lite(model),
                "height": chart.height,
                "x": chart.x,
                "y": chart.y,
                "row_limit": chart.row_limit,
                "columns": {column.name: column.title for column in model.columns.values()},
                "empty": vars(chart.empty),
            }
            for chart, model in pages.charts(dashboard)
        ],
    }


def canned_queries(datasette: Datasette, database: str) -> dict[str, dict[str, str]]:
    """Datasette's canned queries of a database: every query of every dashboard on it."""
    pages = pages_of(datasette)
    found: dict[str, dict[str, str]] = {}
    for dashboard in pages.dashboards.values():
        if dashboard.database != database:
            continue
        models = pages.published[database].models
        for chart in dashboard.charts:
            if model := models.get(chart.model):
                found[dashboard.query_name(chart.name)] = {
                    "sql": chart.sql,
                    "title": f"{dashboard.title}: {chart.title or model.label}",
                    "description_html": str(prose(model.description)),
                }
        for name, sql in dashboard.queries.items():
            title = f"{dashboard.title}: {name.replace('_', ' ')}"
            found[dashboard.query_name(name)] = {"sql": sql, "title": title}
    return found


def metadata(datasette: Datasette) -> dict[str, Any]:
    """Datasette's metadata of every published table: definition, columns with units, full-text search."""
    databases = {}
    for database, published in pages_of(datasette).published.items():
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


def prose(text: str) -> Markup:
    """A description of the dbt YAML as HTML: paragraphs, and code between backticks; all else is text."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    marked = (re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(part))) for part in paragraphs if part)
    return Markup("\n").join(Markup(f"<p>{part}</p>") for part in marked)  # noqa: S704 - escaped above


def first_paragraph(text: str) -> Markup:
    """The first paragraph of a description, without its tags."""
    return Markup(str(prose(re.split(r"\n\s*\n", text.strip())[0]))[3:-4])  # noqa: S704 - escaped there
