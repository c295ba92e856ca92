"""Tables, columns and queries with the definitions that the dbt project gives them."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.app import Datasette

from ddd import pages


@hookimpl
def get_metadata(datasette: Datasette, key: str | None) -> dict[str, Any]:
    """Definitions out of the published catalog; a fresh copy, as Datasette merges others into it."""
    return pages.metadata(datasette) if key in {None, "databases", "tables"} else {}


@hookimpl
def canned_queries(datasette: Datasette, database: str) -> dict[str, dict[str, str]]:
    """The queries of the dashboards, so that charts work with open SQL off."""
    return pages.canned_queries(datasette, database)
