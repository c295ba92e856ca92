"""Dashboards are YAML files: queries, and charts that draw what a query gives.

A file `www/dashboards/<slug>.yaml` is a page `/-/ddd/<slug>`; each of its queries becomes a canned query
`<slug>_<name>` of Datasette, so that pages work with open SQL off. Titles, questions and definitions come
from the published catalog; see `CONTRIBUTING.md` for the recipe.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ddd.errors import DataError
from ddd.published import PublishedModel

FILTERS = ("project", "dates", "period")
"""The filters that a page can offer; the parameters of its queries are in `PARAMETERS`."""

PARAMETERS = ("project", "period", "date_start", "date_end")
"""What a query may ask for; all are texts, empty where nothing was chosen. `q` is for what is typed."""

VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What a chart says instead of being drawn when there is nothing to draw.

    Attributes:
        text: The sentence; `{project}`, `{date_start}` and `{date_end}` are filled in.
        field: The chart is empty when no row has a value other than 0 or null in this column.
        query: A query whose rows say what to choose instead: `label`, and a column for each filter to set.
        found: The sentence before its rows; the first row's columns are filled in.
        nothing: The sentence when that query has no rows either.
    """

    text: str
    field: str
    query: str = ""
    found: str = ""
    nothing: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart of a dashboard.

    Attributes:
        name: Names the chart in the page and its query.
        model: The published model that defines what it shows.
        sql: Its query.
        spec: Its Vega-Lite specification, without data and size.
        empty: What to say instead of it.
        title: Its heading; the model's label where it is empty.
        note: How to read it, one sentence.
        width: `half` or `full`.
        height: Of the drawing, in pixels.
        x: The column along which its text alternative reads.
        y: The column that its text alternative summarises.
        row_limit: The query's own limit; the page says when it is reached.
    """

    name: str
    model: str
    sql: str
    spec: dict[str, Any]
    empty: Empty
    x: str
    y: str
    title: str = ""
    note: str = ""
    width: str = "half"
    height: int = 332
    row_limit: int = 0

    def vega_lite(self, model: PublishedModel | None = None) -> dict[str, Any]:
        """The specification with its schema, and with the catalog's labels on axes that name none."""
        spec = {"$schema": VEGA_LITE_SCHEMA, **copy.deepcopy(self.spec)}
        if model:
            _label(spec, model)
        return spec


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One page of charts."""

    slug: str
    title: str
    question: str
    database: str
    filters: tuple[str, ...]
    charts: tuple[Chart, ...]
    queries: Mapping[str, str]

    def query_name(self, name: str) -> str:
        """The canned query of a chart or of a named query."""
        return f"{self.slug.replace('-', '_')}_{name}"

    @cached_property
    def sql(self) -> dict[str, str]:
        """Every query of the page by its canned name."""
        by_name = {chart.name: chart.sql for chart in self.charts} | dict(self.queries)
        return {self.query_name(name): sql for name, sql in by_name.items()}


def load_dashboards(folder: Path) -> dict[str, Dashboard]:
    """Every dashboard of a folder by its slug.

    Raises:
        DataError: A file is not valid YAML, or says something that no dashboard can have.
    """
    return {path.stem: load_dashboard(path) for path in sorted(folder.glob("*.yaml"))}


def load_dashboard(path: Path) -> Dashboard:
    """Read and check one file.

    Raises:
        DataError: As for `load_dashboards`.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", path.stem):
        raise DataError(f"{path.name} does not name a page", "Use lower case letters, digits and hyphens")
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _invalid(path, " ".join(str(error).split())) from None
    if not isinstance(document, dict):
        raise _invalid(path, "it is not a mapping")
    document.setdefault("filters", [])
    document.setdefault("queries", {})
    document["slug"] = path.stem
    document["charts"] = tuple(
        _chart(path, name, chart) for name, chart in (document.get("charts") or {}).items()
    )
    document["filters"] = tuple(document["filters"])
    dashboard = _build(path, "the page", Dashboard, document)
    _check(path, dashboard)
    return dashboard


def _chart(path: Path, name: str, document: Any) -> Chart:
    where = f"chart {name}"
    if not isinstance(document, dict):
        raise _invalid(path, f"{where} is not a mapping")
    values = {"name": name, **document}
    values["empty"] = _build(path, f"{where}, empty", Empty, values.get("empty") or {})
    return _build(path, where, Chart, values)


Built = TypeVar("Built", Empty, Chart, Dashboard)


def _build(path: Path, where: str, kind: type[Built], values: Any) -> Built:
    known = {each.name for each in fields(kind)}
    if unknown := set(values) - known:
        raise _invalid(path, f"{where} has the unknown key {sorted(unknown)[0]}")
    try:
        return kind(**values)
    except TypeError as error:
        raise _invalid(path, f"{where}: {str(error).split(') ', 1)[-1]}") from None


def _check(path: Path, dashboard: Dashboard) -> None:
    if unknown := set(dashboard.filters) - set(FILTERS):
        raise _invalid(path, f"there is no filter {sorted(unknown)[0]}; there are {', '.join(FILTERS)}")
    names = [*(chart.name for chart in dashboard.charts), *dashboard.queries]
    for name in names:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name)) or names.count(name) > 1:
            raise _invalid(path, f"{name} is used twice or is not a name in lower case")
    for name, sql in dashboard.sql.items():
        asked = set(re.findall(r"(?<![:\w]):([a-z_]+)", sql))
        if unknown := asked - {*PARAMETERS, "q"}:
            raise _invalid(path, f"query {name} asks for the unknown parameter {sorted(unknown)[0]}")
    for chart in dashboard.charts:
        if chart.empty.query and chart.empty.query not in dashboard.queries:
            raise _invalid(path, f"chart {chart.name} names the unknown query {chart.empty.query}")
        if _has_other_keys(chart.spec):
            raise _invalid(
                path, f'chart {chart.name} has a key that YAML reads as true; write "on" in quotes'
            )
        if chart.width not in {"half", "full"}:
            raise _invalid(path, f"chart {chart.name} is {chart.width} wide; half and full are possible")


def _has_other_keys(part: Any) -> bool:
    if isinstance(part, list):
        return any(_has_other_keys(each) for each in part)
    return isinstance(part, dict) and any(
        not isinstance(key, str) or _has_other_keys(each) for key, each in part.items()
    )


def _invalid(path: Path, why: str) -> DataError:
    return DataError(f"The dashboard {path.name} cannot be read: {why}", f"Correct {path}")


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
