"""What PHIDs and task numbers stand for in Datasette's own tables: names, links, SQL functions, a facet."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.facets import ColumnFacet
from datasette.utils import path_with_removed_args
from markupsafe import Markup

from ddd.pages import HOME, pages_of

PHID = re.compile(r"PHID-([A-Z]{4})-[A-Za-z0-9-]{1,50}")
TASK_NUMBER = re.compile(r"T(\d{1,15})")
NAMES = {
    "TASK": "select 'T' || task_id || ' ' || title from tasks where task_phid = ?",
    "PROJ": "select project_path from projects where project_phid = ?",
    "PCOL": "select column_name from project_columns where column_phid = ?",
    "USER": "select username from users where user_phid = ?",
}
IS_TASK = "select 1 from tasks where task_id = ?"
REMEMBERED = 10_000

_NAMES: WeakKeyDictionary[Datasette, Names] = WeakKeyDictionary()


class Names:
    """The names of what was published, read from the file of tasks; for one thread at a time."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, where there is one."""
        self._file = None
        if path:
            uri = f"{path.resolve().as_uri()}?immutable=1"
            self._file = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self.of_phid = lru_cache(REMEMBERED)(self._of_phid)
        self.is_task = lru_cache(REMEMBERED)(self._is_task)

    def _of_phid(self, phid: str) -> str | None:
        """The name of what a PHID stands for; nothing where it was not published."""
        kind = phidtype(phid)
        return self._value(NAMES[kind], phid) if kind in NAMES else None

    def _is_task(self, task_id: int) -> bool:
        """Whether a task was published."""
        return self._value(IS_TASK, task_id) is not None

    def _value(self, sql: str, key: str | int) -> Any:
        try:
            found = self._file.execute(sql, [key]).fetchone() if self._file else None
        except sqlite3.Error:  # a file without that table
            return None
        return found[0] if found else None


def names_for(datasette: Datasette) -> Names:
    """A reader of names of its own."""
    published = pages_of(datasette).published
    name = next((name for name, one in published.items() if "tasks" in one.models), None)
    path = datasette.get_database(name).path if name else None
    return Names(Path(path) if path else None)


def is_phid(value: Any) -> int:
    """Whether a value has the form of a PHID; the SQL function of that name."""
    return int(isinstance(value, str) and PHID.fullmatch(value) is not None)


def phidtype(value: Any) -> str | None:
    """`TASK`, `PROJ`, `USER` and so on; nothing for what is no PHID. The SQL function of that name."""
    found = PHID.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def add_functions(connection: sqlite3.Connection, datasette: Datasette) -> None:
    """Let SQL ask for `is_phid(x)`, `phidtype(x)` and `phid_lookup(x)`, the name of what it stands for."""
    opened: list[Names] = []

    def phid_lookup(value: Any) -> str | None:
        if not opened:  # most connections are never asked for one
            opened.append(names_for(datasette))
        return opened[0].of_phid(value) if is_phid(value) else None

    connection.create_function("is_phid", 1, is_phid, deterministic=True)
    connection.create_function("phidtype", 1, phidtype, deterministic=True)
    connection.create_function("phid_lookup", 1, phid_lookup, deterministic=True)


def cell(datasette: Datasette, column: str, value: Any) -> Markup | None:
    """A cell with the name of what it stands for and the way to it; nothing for any other value."""
    if datasette not in _NAMES:
        _NAMES[datasette] = names_for(datasette)
    names = _NAMES[datasette]
    number = value if column == "task_id" or column.endswith("_task_id") else None
    if isinstance(value, str):
        if is_phid(value) and (name := names.of_phid(value)):
            url = datasette.urls.path(f"{HOME}search?{urlencode({'q': value})}")
            return Markup('<a href="{}">{}</a> <small class="phid">{}</small>').format(url, name, value)
        found = TASK_NUMBER.fullmatch(value)
        number = int(found[1]) if found else None
    if isinstance(number, int) and "task" in pages_of(datasette).dashboards and names.is_task(number):
        url = datasette.urls.path(f"{HOME}task/T{number}")
        return Markup('<a href="{}">T{}</a>').format(url, number)
    return None


class PhidFacet(ColumnFacet):  # type: ignore[misc]  # Datasette has no types
    """Counts of a column's PHIDs by the name of what they stand for: `?_facet_phid=owner_phid`."""

    type = "phid"

    async def suggest(self) -> list[dict[str, Any]]:
        """None: facets are not suggested here."""
        return []

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Those of the column, with names for labels."""
        names = names_for(self.ds)
        facets, timed_out = await super().facet_results()
        for facet in facets:
            removed = path_with_removed_args(self.request, {"_facet_phid": facet["name"]})
            facet["toggle_url"] = self.ds.urls.path(removed)
            for result in facet["results"]:
                result["label"] = names.of_phid(str(result["value"])) or result["value"]
        return facets, timed_out
