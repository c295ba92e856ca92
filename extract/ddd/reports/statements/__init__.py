"""What the reports say in words: sentences with the figures of the tables in them.

Every number and every judgement (usual, beyond expectation, trouble) is a column that dbt made; here is only
the English. All formats show these sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple, fields

from ddd.reports.statements.deployments import deployment_statements
from ddd.reports.statements.impact import impact_statements
from ddd.reports.statements.quality import quality_statements
from ddd.reports.statements.saying import Said, Statement
from ddd.reports.statements.statistics import statistics_statements
from ddd.reports.statements.work import project_statements, weekly_statements
from ddd.reports.tables import About, Table

__all__ = ["TABLE", "Statement", "compose", "statements_table"]

TABLE = "words.statements"
"""The name under which Evidence's pages find the sentences."""
_BREAKS = r"[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
"""What would break or turn a line: titles and names come from anyone."""


def compose(tables: Mapping[str, Table], about: About) -> list[Statement]:
    """All sentences of all reports, each report's in the order in which they are read."""
    reports = {
        "weekly": weekly_statements(tables),
        "statistics": statistics_statements(tables),
        "deployments": deployment_statements(tables),
        "impact": impact_statements(tables),
        "quality": quality_statements(tables, about),
    }
    found = [_placed(report, "all", said) for report, said in reports.items()]
    found += [_placed("project", project, said) for project, said in project_statements(tables).items()]
    return [statement for of_report in found for statement in of_report]


def statements_table(statements: list[Statement]) -> Table:
    """The sentences as a table, so that Evidence's pages select them like any other."""
    kinds = {one.name: "number" if one.name == "sequence" else "text" for one in fields(Statement)}
    return Table(kinds, [astuple(statement) for statement in statements])


def _placed(report: str, subject: str, said: list[Said]) -> list[Statement]:
    return [
        Statement(report, subject, number, one.topic, one.importance, re.sub(_BREAKS, " ", one.text))
        for number, one in enumerate(said, 1)
    ]
