"""The page of all metrics: each as the dbt project defines it, under its topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette

from ddd.pages import HOME, pages_of
from ddd.published import PublishedModel
from ddd.views.queries import queries_of

TOPICS = {
    "Flow": "How much work comes, is under way and gets done.",
    "Time": "How long work takes, and where it waits.",
    "Now": "What is open and in progress at this moment.",
    "Forecast": "What can be expected, and how well that held.",
    "Whole site": "What happens on the installation as a whole.",
    "Deployments": "What reaches production, how fast, and how well it goes.",
    "Impact": "What came of changes to how work is done.",
    "Other": "",
}
"""The topics in their order; a metric of none of them is under the last one."""


VIEWS = {"overview": ("Overview", ""), "impact": ("Impact", "impact")}
"""Pages with queries of their own in `www/queries/`, by how the names of these begin."""


@dataclass(frozen=True)
class Entry:
    """One metric of the page.

    Attributes:
        anchor: Its name without `metric_`.
        table_url: The page of its rows.
        dashboards: Name and address of the panels that show it.
    """

    anchor: str
    model: PublishedModel
    database: str
    table_url: str
    dashboards: list[tuple[str, str]]


def all_metrics(datasette: Datasette) -> dict[str, Any]:
    """Everything that the template shows."""
    entries = [
        _entry(datasette, database, model)
        for database, published in pages_of(datasette).published.items()
        for model in published.metrics
    ]
    topics = [
        (topic, text, [one for one in entries if _topic(one.model) == topic])
        for topic, text in TOPICS.items()
    ]
    return {
        "topics": [(topic, text, found) for topic, text, found in topics if found],
        "metrics_count": len(entries),
    }


def _topic(model: PublishedModel) -> str:
    return model.topic if model.topic in TOPICS else "Other"


def _entry(datasette: Datasette, database: str, model: PublishedModel) -> Entry:
    return Entry(
        anchor=model.name.removeprefix("metric_"),
        model=model,
        database=database,
        table_url=str(datasette.urls.table(database, model.name)),
        dashboards=_shown_on(datasette, database, model),
    )


def _shown_on(datasette: Datasette, database: str, model: PublishedModel) -> list[tuple[str, str]]:
    """The pages whose queries read it, and the panels whose model it is, in the order of the pages."""
    pages = pages_of(datasette)
    read_by = {
        query.name.partition("_")[0]
        for query in queries_of(datasette, database).values()
        if model.name in query.tables
    }
    shown_on = [
        (name, datasette.urls.path(f"{HOME}{path}"))
        for prefix, (name, path) in VIEWS.items()
        if prefix in read_by
    ]
    return shown_on + [
        (
            f"{dashboard.title}: {panel.title or model.label}",
            datasette.urls.path(f"{HOME}{dashboard.slug}{f'?tab={tab.name}' if tab.name else ''}"),
        )
        for dashboard in pages.dashboards.values()
        if dashboard.database == database
        for tab, panels in pages.tabs(dashboard)
        for panel, shown in panels
        if shown.name == model.name
    ]
