"""What a dashboard is made of: tabs of panels, and what its visitors can choose."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ddd.published import PublishedModel

FILTERS = (
    "project",
    "dates",
    "period",
    "subtype",
    "priority",
    "pipeline",
    "environment",
    "concerned",
    "measure",
)
"""The filters that a page can offer."""

CHOICES = {
    "subtype": "subtypes",
    "priority": "priorities",
    "pipeline": "pipelines",
    "environment": "environments",
    "concerned": "concerned_ones",
    "measure": "measures_judged",
}
"""Filters that are lists, with the page's query that fills each: columns `value` and `label`, the first row
is what holds where nothing was chosen."""

PARAMETERS = ("project", "period", "date_start", "date_end", *CHOICES, "subject", "sort")
"""What every query may ask for, beside the page's own inputs; texts, empty where nothing was chosen. `sort`
is one of a table's `sorts`, with a minus before it where the greatest comes first."""

VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What a panel says instead of being drawn when there is nothing to draw.

    Attributes:
        text: The sentence; `{project}` and every parameter, such as `{date_start}`, are filled in.
        field: Empty is also when no row has a value other than 0 or null in this column.
        query: A query whose rows say what to choose instead: `label`, and a column for each filter to set.
        found: The sentence before its rows; the first row's columns are filled in.
        nothing: The sentence when that query has no rows either.
    """

    text: str
    field: str = ""
    query: str = ""
    found: str = ""
    nothing: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A query and how to show it.

    Attributes:
        name: Names the panel in the page and its query.
        model: The published model that defines what it shows.
        sql: Its query.
        empty: What to say instead of it.
        title: Its heading; the model's label where it is empty.
        note: How to read it, one sentence.
        width: `half` or `full`.
        row_limit: The query's own limit; the page says when it is reached.
    """

    name: str
    model: str
    sql: str
    empty: Empty
    title: str = ""
    note: str = ""
    width: str = "half"
    row_limit: int = 0

    @property
    def kind(self) -> str:
        """What the YAML calls it: `chart`, `table` or `figures`."""
        return type(self).__name__.lower()

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """What its query asks for."""
        return asked_of(self.sql)


@dataclass(frozen=True, kw_only=True)
class Chart(Panel):
    """A Vega-Lite chart.

    Attributes:
        spec: Its specification, without data and size.
        height: Of the drawing, in pixels; of one row where the chart has rows.
        x: The column along which its text alternative reads.
        y: The column that its text alternative summarises.
        select: What a click or a brush does. `open` is an address, filled with the columns of what was
            clicked; a filter's name sets it to a column of it; `dates` names the brush that sets both dates.
    """

    spec: dict[str, Any]
    x: str
    y: str
    height: int = 332
    select: Mapping[str, str] = field(default_factory=dict)

    def vega_lite(self, model: PublishedModel | None = None) -> dict[str, Any]:
        """The specification with its schema, and with the catalog's labels on axes that name none."""
        spec = {"$schema": VEGA_LITE_SCHEMA, **copy.deepcopy(self.spec)}
        if model:
            _label(spec, model)
        return spec


@dataclass(frozen=True, kw_only=True)
class Table(Panel):
    """Rows, sorted by a click on a column's head.

    Attributes:
        columns: What to show, with the head of each column; every column where it is empty. A head that is
            empty is the catalog's label.
        links: Addresses by column, such as `/-/ddd/workflow?project={project_phid}`, with other columns
            filled in. Columns `task_id` and `version` lead to their pages by themselves.
        sorts: Columns by which the query itself sorts, as `:sort` says; those that people can sort by where
            it has more rows than its limit.
        width: A table is as wide as the page unless it says otherwise.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()
    width: str = "full"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a row of figures.

    Attributes:
        label: What it counts; the catalog's label where it is empty.
        unit: Written after it: `days`. A column that ends in `_share` is shown in percent.
        before: The column to compare it with.
        since: What that one was of: `in the 12 weeks before`.
        better: `more` or `less`, where one of them is good; else neither is coloured.
        link: An address to more of it, such as `?tab=flow` or `/-/ddd/workflow`.
        optional: Whether it is left out where it has no value; else a dash stands there.
    """

    label: str = ""
    unit: str = ""
    before: str = ""
    since: str = "before"
    better: str = ""
    link: str = ""
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Figures(Panel):
    """A few large numbers out of the one row of a query, by its columns."""

    figures: Mapping[str, Figure]
    width: str = "full"


@dataclass(frozen=True, kw_only=True)
class Input:
    """A number or a day that the visitor enters; its name is a parameter of the page's queries.

    Attributes:
        type: `integer` or `date`.
        default: A number, a day, or days from the day of the data on: `+28 days`.
        min: The smallest number that is accepted, or the first day, as for `default`.
        max: The largest, or the last.
        unit: Written behind the field.
    """

    name: str
    label: str
    type: str
    default: Any
    min: Any = None
    max: Any = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """Panels that are shown together; a page without tabs is one without name and title.

    Attributes:
        lead: A sentence above its panels.
        inputs: What can be entered for its panels.
    """

    name: str = ""
    title: str = ""
    lead: str = ""
    inputs: tuple[Input, ...] = ()
    panels: tuple[Panel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a page is about, where there is a page for each: `/-/ddd/task/T123`.

    Attributes:
        noun: What it is called in messages: `task`.
        pattern: What an address must look like; its first group, or all of it, is the parameter `subject`.
        query: The query that must find it; its columns fill title and lead. If one is `task_id`, the page
            leads to the task's own page on its server.
        title: The heading, such as `T{task_id} {title}`.
        lead: The line below it.
        example: What to write in the field that asks for one.
        choices: A query that offers some, where none was named: `subject` and `label`.
    """

    noun: str
    pattern: str
    query: str
    title: str
    lead: str = ""
    example: str = ""
    choices: str = ""


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One page, or one page for each of its subjects.

    Attributes:
        position: Its place in the navigation, the smallest first.
        period: `week` or `month`, which it shows where none is chosen.
    """

    slug: str
    title: str
    question: str
    database: str
    filters: tuple[str, ...]
    tabs: tuple[Tab, ...]
    queries: Mapping[str, str]
    subject: Subject | None = None
    position: int = 100
    period: str = "week"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Every panel of every tab."""
        return tuple(panel for tab in self.tabs for panel in tab.panels)

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart of every tab."""
        return tuple(panel for panel in self.panels if isinstance(panel, Chart))

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input of every tab."""
        return tuple(each for tab in self.tabs for each in tab.inputs)

    def query_name(self, name: str) -> str:
        """The canned query of a panel or of a named query."""
        return f"{self.slug.replace('-', '_')}_{name}"

    @cached_property
    def sql(self) -> dict[str, str]:
        """Every query of the page by its canned name."""
        by_name = {panel.name: panel.sql for panel in self.panels} | dict(self.queries)
        return {self.query_name(name): sql for name, sql in by_name.items()}


def asked_of(sql: str) -> tuple[str, ...]:
    """The named parameters of a query."""
    return tuple(sorted(set(re.findall(r"(?<![:\w]):([a-z_]+)", sql))))


def _label(part: Any, model: PublishedModel) -> None:
    """Give every field that has no title the catalog's label, wherever it stands in the specification."""
    if isinstance(part, list):
        for each in part:
            _label(each, model)
    elif isinstance(part, dict):
        column = model.columns.get(part["field"]) if isinstance(part.get("field"), str) else None
        if column and "title" not in part and "type" in part:
            part["title"] = column.title
        for each in part.values():
            _label(each, model)
