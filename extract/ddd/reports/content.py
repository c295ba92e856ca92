"""What every format of the report shows: the tables, and the sentences on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ddd.reports.statements import Statement, compose
from ddd.reports.tables import About, Table, read_about, read_tables
from ddd.settings import PROJECT_DIR, Settings

REPORTS_DIR = PROJECT_DIR / "reports"


@dataclass(frozen=True)
class Content:
    """Everything that is said, drawn and listed.

    Attributes:
        about: Whose data these are.
        tables: The results of the queries in `reports/sources`, as `source.table`.
        statements: The sentences of all reports.
    """

    about: About
    tables: Mapping[str, Table]
    statements: list[Statement]


def read_content(settings: Settings, reports_dir: Path = REPORTS_DIR) -> Content:
    """Select and compose from what is published.

    Raises:
        ReportError: Nothing is published, or a query fails.
    """
    # Both files of one export, also when the next one is published meanwhile.
    published = settings.metrics_path.resolve()
    about = read_about(published)
    tables = read_tables(published.parent, reports_dir / "sources")
    return Content(about, tables, compose(tables, about))
