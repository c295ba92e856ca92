"""Reads the YAML of dashboards; whatever is wrong with it is one line that names the file and the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ddd.dashboards.checking import check
from ddd.dashboards.page import Chart, Dashboard, Empty, Figure, Figures, Input, Panel, Subject, Tab, Table
from ddd.errors import DataError

KINDS: dict[str, type[Panel]] = {"chart": Chart, "table": Table, "figures": Figures}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C a tenth of the time, at every start
FRAGMENTS = "_fragments.yaml"
"""Pieces of specifications that several panels use: `{use: name}` stands for one, other keys replace its."""


def load_dashboards(folder: Path) -> dict[str, Dashboard]:
    """Every dashboard of a folder by its slug, in the order of the navigation.

    Raises:
        DataError: A file is not valid YAML, or says something that no dashboard can have.
    """
    paths = [path for path in folder.glob("*.yaml") if path.name != FRAGMENTS]
    found = [load_dashboard(path) for path in paths]
    return {page.slug: page for page in sorted(found, key=lambda page: (page.position, page.slug))}


def load_dashboard(path: Path) -> Dashboard:
    """Read and check one page: its file, and those of its tabs in a folder of its name.

    Raises:
        DataError: As for `load_dashboards`.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", path.stem):
        raise DataError(f"{path.name} does not name a page", "Use lower case letters, digits and hyphens")
    shared = path.parent / FRAGMENTS
    fragments = _mapping(shared) if shared.exists() else {}
    document = _expanded(path, _mapping(path), fragments)
    panels, inputs = document.pop("panels", None), document.pop("inputs", None)
    tabs = document.pop("tabs", None)
    if (panels is None) == (tabs is None):
        raise invalid(path, "it needs either panels or tabs")
    queries = dict(document.get("queries") or {})
    if tabs is None:
        tabs = {"": {"panels": panels, "inputs": inputs}}
    elif isinstance(tabs, list):
        files = {str(name): path.parent / path.stem / f"{name}.yaml" for name in tabs}
        tabs = {name: _expanded(file, _mapping(file), fragments) for name, file in files.items()}
    values = {
        "filters": (),
        **document,
        "slug": path.stem,
        "tabs": tuple(_tab(path, name, tab, queries) for name, tab in tabs.items()),
        "queries": queries,
    }
    values["filters"] = tuple(values["filters"])
    if "subject" in values:
        values["subject"] = _build(path, "the subject", Subject, values["subject"])
    page = _build(path, "the page", Dashboard, values)
    if wrong := check(page):
        raise invalid(path, wrong)
    return page


def invalid(path: Path, why: str) -> DataError:
    """What to say of a file that cannot be read."""
    return DataError(f"The dashboard {path.name} cannot be read: {why}", f"Correct {path}")


def _mapping(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise invalid(path, " ".join(str(error).split())) from None
    if not isinstance(document, dict):
        raise invalid(path, "it is not a mapping")
    return document


def _expanded(path: Path, part: Any, fragments: Mapping[str, Any], depth: int = 0) -> Any:
    """The same with every `{use: name}` replaced by that fragment."""
    if depth > 40:
        raise invalid(path, "its fragments use each other without end")
    if isinstance(part, list):
        return [_expanded(path, each, fragments, depth + 1) for each in part]
    if not isinstance(part, dict):
        return part
    own = {key: _expanded(path, each, fragments, depth + 1) for key, each in part.items() if key != "use"}
    if "use" not in part:
        return own
    if part["use"] not in fragments:
        raise invalid(path, f"there is no fragment {part['use']} in {FRAGMENTS}")
    fragment = _expanded(path, fragments[part["use"]], fragments, depth + 1)
    if isinstance(fragment, dict):
        return fragment | own
    if own:
        raise invalid(path, f"the fragment {part['use']} is no mapping and cannot be changed")
    return fragment


def _tab(path: Path, name: str, document: Any, queries: dict[str, Any]) -> Tab:
    where = f"tab {name}" if name else "the page"
    values = {"name": name, **_mapping_in(path, where, document)}
    for query, sql in (values.pop("queries", None) or {}).items():
        if query in queries:
            raise invalid(path, f"query {query} is used twice")
        queries[query] = sql
    for key, build in (("inputs", _input), ("panels", _panel)):
        parts = _mapping_in(path, f"{where}, {key}", values.get(key) or {})
        values[key] = tuple(build(path, each, part) for each, part in parts.items())
    return _build(path, where, Tab, values)


def _input(path: Path, name: str, document: Any) -> Input:
    where = f"input {name}"
    return _build(path, where, Input, {"name": name, **_mapping_in(path, where, document)})


def _panel(path: Path, name: str, document: Any) -> Panel:
    where = f"panel {name}"
    values = {"name": name, **_mapping_in(path, where, document)}
    kind = values.pop("kind", "chart")
    if kind not in KINDS:
        raise invalid(path, f"{where} is of the kind {kind}; there are {', '.join(KINDS)}")
    values["empty"] = _build(path, f"{where}, empty", Empty, values.get("empty") or {})
    if "sorts" in values:
        values["sorts"] = tuple(values["sorts"])
    if "figures" in values:
        figures = _mapping_in(path, f"{where}, figures", values["figures"])
        values["figures"] = {
            column: _build(path, f"{where}, figure {column}", Figure, figure or {})
            for column, figure in figures.items()
        }
    return _build(path, where, KINDS[kind], values)


def _mapping_in(path: Path, where: str, part: Any) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise invalid(path, f"{where} is not a mapping")
    return part


Built = TypeVar("Built")


def _build(path: Path, where: str, kind: type[Built], values: Any) -> Built:
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(_mapping_in(path, where, values)) - set(known):
        raise invalid(path, f"{where} has the unknown key {sorted(map(str, unknown))[0]}")
    needed = [name for name, each in known.items() if each.default is each.default_factory is MISSING]
    if missing := [name for name in needed if name not in values]:
        raise invalid(path, f"{where}: {' and '.join(missing)} missing")
    return kind(**values)
