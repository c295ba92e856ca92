"""The queries of the pages: files in `www/queries/`, each also a canned query of Datasette.

The first line of a file is a comment that says what it gives, and is the canned query's title. A query
belongs to every served file that has all the tables that it reads.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette

from ddd.dashboards.page import asked_of
from ddd.errors import DataError, OutdatedError
from ddd.pages import pages_of

_LACKING: WeakKeyDictionary[Datasette, dict[str, dict[str, str]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Query:
    """One file of `www/queries/`.

    Attributes:
        name: That of the file, and of the canned query.
        title: Its first line.
    """

    name: str
    title: str
    sql: str

    @cached_property
    def tables(self) -> frozenset[str]:
        """What it reads, its own common table expressions left out."""
        own = set(re.findall(r"\b(\w+) as (?:not materialized )?\(", self.sql))
        return frozenset(re.findall(r"\b(?:from|join) (\w+)", self.sql)) - own

    @property
    def parameters(self) -> frozenset[str]:
        """The names of what it asks for."""
        return frozenset(asked_of(self.sql))


def load_queries(folder: Path) -> dict[str, Query]:
    """Every query of a folder by its name.

    Raises:
        DataError: A file does not begin with a comment that says what it gives.
    """
    found = {}
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8").strip()
        first, _, sql = text.partition("\n")
        if not first.startswith("-- ") or not sql.strip():
            raise DataError(
                f"{path} does not say what it gives", "Begin it with a comment of one line, its title"
            )
        found[path.stem] = Query(path.stem, first.removeprefix("-- ").rstrip("."), sql.strip())
    return found


def queries_of(datasette: Datasette, database: str) -> dict[str, Query]:
    """The queries that a served file can answer."""
    pages = pages_of(datasette)
    if database not in pages.published:
        return {}
    models = pages.published[database].models
    tables = {"about", "catalog_models", "catalog_columns", *models}
    tables |= {model.full_text_table for model in models.values()}
    return {name: query for name, query in _loaded(pages.www_dir).items() if query.tables <= tables}


@cache
def _loaded(www_dir: Path) -> dict[str, Query]:
    """Read once: Datasette asks for its canned queries several times a request."""
    return load_queries(www_dir / "queries")


async def rows_of(
    datasette: Datasette, database: str, name: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a query; none where the file has not all of its tables.

    Raises:
        OutdatedError: An older Data³ wrote the file, without a column that the query reads.
    """
    query = queries_of(datasette, database).get(name)
    if not query:
        return []
    require_answerable(datasette, database, name)
    given = dict.fromkeys(query.parameters, "") | (parameters or {})
    return [dict(row) for row in await datasette.get_database(database).execute(query.sql, given)]


def require_answerable(datasette: Datasette, database: str, name: str) -> None:
    """Make sure that a served file has what a query of the pages reads.

    Raises:
        OutdatedError: It has not, because an older Data³ wrote it.
    """
    if datasette not in _LACKING:
        _LACKING[datasette] = {}
    known = _LACKING[datasette]
    if database not in known:
        queries = {one: query.sql for one, query in queries_of(datasette, database).items()}
        queries |= {one: query["sql"] for one, query in pages_of(datasette).canned_queries[database].items()}
        known[database] = lacking(Path(str(datasette.get_database(database).path)), queries)
    if name in known[database]:
        raise OutdatedError(known[database][name])


def lacking(file: Path, queries: Mapping[str, str]) -> dict[str, str]:
    """The queries that ask a file for what it does not have, with what that is.

    Args:
        file: A published file.
        queries: SQL by name.
    """
    found = {}
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)
    try:
        for name, sql in queries.items():
            try:
                connection.execute(f"explain {sql}", dict.fromkeys(asked_of(sql), ""))
            except sqlite3.OperationalError as error:
                if str(error).startswith(("no such column", "no such table")):
                    found[name] = str(error)
    finally:
        connection.close()
    return found


def query_url(datasette: Datasette, database: str, name: str) -> str:
    """The page of a query: its rows, its SQL, and CSV of it."""
    return str(datasette.urls.query(database, name))
