"""PHIDs and task numbers as people read them, in every table of Datasette."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from markupsafe import Markup

from ddd.phid_cells import PhidFacet, add_functions, cell


@hookimpl
def prepare_connection(conn: sqlite3.Connection, datasette: Datasette) -> None:
    """`is_phid`, `phidtype` and `phid_lookup` for those who write SQL."""
    add_functions(conn, datasette)


@hookimpl
def render_cell(value: Any, column: str, datasette: Datasette) -> Markup | None:
    """A PHID with its name, a task's number with its T; both lead to what they stand for."""
    return cell(datasette, column, value)


@hookimpl
def register_facet_classes() -> list[type[PhidFacet]]:
    """`_facet_phid`: a facet whose values are PHIDs, shown by name."""
    return [PhidFacet]
