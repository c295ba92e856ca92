"""What a dashboard must not say, beyond the shape of its YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ddd.dashboards.page import (
    CHOICES,
    FILTERS,
    PARAMETERS,
    Chart,
    Dashboard,
    Figure,
    Figures,
    Panel,
    Table,
    asked_of,
)

NAME = re.compile(r"[a-z][a-z0-9_]*")
DAY = re.compile(r"\d{4}-\d\d-\d\d|[+-]\d{1,5} days")


def check(page: Dashboard) -> str:
    """The first thing that is wrong with a page; empty where nothing is."""
    return next(_complaints(page), "")


def _complaints(page: Dashboard) -> Iterator[str]:
    for unknown in sorted(set(page.filters) - set(FILTERS)):
        yield f"there is no filter {unknown}; there are {', '.join(FILTERS)}"
    for name, query in CHOICES.items():
        if name in page.filters and query not in page.queries:
            yield f"the filter {name} needs a query {query} with the columns value and label"
    yield from _names(page)
    known = {*PARAMETERS, *(each.name for each in page.inputs), "q"}
    for name, sql in page.sql.items():
        for unknown in sorted(set(asked_of(sql)) - known):
            yield f"query {name} asks for the unknown parameter {unknown}"
    yield from _inputs(page)
    yield from _panels(page)
    yield from _sorts(page)
    if page.subject:
        yield from _subject(page)


def _names(page: Dashboard) -> Iterator[str]:
    names = [*(panel.name for panel in page.panels), *page.queries]
    for name in names:
        if not NAME.fullmatch(str(name)) or names.count(name) > 1:
            yield f"{name} is used twice or is not a name in lower case"
    tabs = [tab.name for tab in page.tabs]
    for tab in page.tabs:
        if len(tabs) > 1 and (not NAME.fullmatch(tab.name) or tabs.count(tab.name) > 1 or not tab.title):
            yield f"tab {tab.name} is used twice, is not a name in lower case, or has no title"


def _inputs(page: Dashboard) -> Iterator[str]:
    names = [each.name for each in page.inputs]
    for each in page.inputs:
        if not NAME.fullmatch(each.name) or names.count(each.name) > 1:
            yield f"input {each.name} is used twice or is not a name in lower case"
        if each.name in {*PARAMETERS, "q", "tab", "sort"}:
            yield f"input {each.name} has the name of a parameter"
        if each.type not in {"integer", "date"}:
            yield f"input {each.name} is of the type {each.type}; there are integer and date"
        for key in ("default", "min", "max"):
            value = getattr(each, key)
            is_right = isinstance(value, int) if each.type == "integer" else DAY.fullmatch(str(value))
            if value is not None and not is_right:
                yield f"input {each.name}: {key} {value} is no {each.type}"


def _panels(page: Dashboard) -> Iterator[str]:
    for panel in page.panels:
        where = f"{panel.kind} {panel.name}"
        if panel.empty.query and panel.empty.query not in page.queries:
            yield f"{where} names the unknown query {panel.empty.query}"
        if panel.width not in {"half", "full"}:
            yield f"{where} is {panel.width} wide; half and full are possible"
        if isinstance(panel, Chart):
            if _has_other_keys(panel.spec):
                yield f'{where} has a key that YAML reads as true; write "on" in quotes'
            for unknown in sorted(set(panel.select) - {"open", *FILTERS}):
                yield f"{where} selects the unknown filter {unknown}"
        for better in sorted({figure.better for figure in _figures(panel)} - {"", "more", "less"}):
            yield f"{where}: {better} cannot be better; more and less are possible"
        for link in _links(panel):
            if not re.match(r"[/?](?![/\\])", link):
                yield f"{where} leads to {link}; an address begins with / or ?"


def _figures(panel: Panel) -> list[Figure]:
    return list(panel.figures.values()) if isinstance(panel, Figures) else []


def _sorts(page: Dashboard) -> Iterator[str]:
    for panel in page.panels:
        has_sorts = isinstance(panel, Table) and bool(panel.sorts)
        if has_sorts != ("sort" in panel.parameters):
            yield f"{panel.kind} {panel.name} has sorts if its query asks for :sort, and only then"


def _links(panel: Panel) -> list[str]:
    links = [figure.link for figure in _figures(panel) if figure.link]
    if isinstance(panel, Table):
        links += panel.links.values()
    if isinstance(panel, Chart) and "open" in panel.select:
        links.append(panel.select["open"])
    return links


def _subject(page: Dashboard) -> Iterator[str]:
    assert page.subject
    for query in (page.subject.query, page.subject.choices):
        if query and query not in page.queries:
            yield f"the subject names the unknown query {query}"
    try:
        re.compile(page.subject.pattern)
    except re.error as error:
        yield f"the subject's pattern cannot be read: {error}"


def _has_other_keys(part: Any) -> bool:
    if isinstance(part, list):
        return any(_has_other_keys(each) for each in part)
    return isinstance(part, dict) and any(
        not isinstance(key, str) or _has_other_keys(each) for key, each in part.items()
    )
