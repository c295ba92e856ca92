"""What the last build found wrong with the data: counts of `data_quality`, private objects included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from rich.table import Table


@dataclass(frozen=True)
class FindingCount:
    """How often one kind of thing is wrong.

    Attributes:
        severity: `error`, `warning` or `info`.
        finding: What is wrong, as in `dbt_project/seeds/finding_kinds.csv`.
        objects_count: How many objects it is wrong with.
    """

    severity: str
    finding: str
    objects_count: int


def count_findings(warehouse: duckdb.DuckDBPyConnection) -> list[FindingCount]:
    """Counts per kind of finding, the gravest first.

    Raises:
        duckdb.Error: The warehouse has no table `data_quality`.
    """
    rows = warehouse.execute(
        "select severity, finding, count(distinct object_key) from data_quality"
        " group by severity, finding"
        " order by list_position(['error', 'warning', 'info'], severity), 3 desc, finding"
    ).fetchall()
    return [FindingCount(*row) for row in rows]


def findings_table(findings: Sequence[FindingCount]) -> Table:
    """A table for the console."""
    table = Table(title="What is wrong with the data (data_quality)", title_justify="left")
    table.add_column("severity")
    table.add_column("finding")
    table.add_column("objects", justify="right")
    colours = {"error": "[red]", "warning": "[yellow]"}
    for one in findings:
        severity = f"{colours.get(one.severity, '[dim]')}{one.severity}[/]"
        table.add_row(severity, one.finding, f"{one.objects_count:,}")
    return table
