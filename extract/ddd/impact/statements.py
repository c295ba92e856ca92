"""The SQL by which the models judge a change, published as dbt compiled it, so that any can be tried."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ddd.errors import DataError, OutdatedError

STEPS = (
    "int_impact_weeks",
    "int_impact_windows",
    "int_impact_changes_overlapping",
    "int_impact_series",
    "int_impact_differences",
    "int_impact_circumstances",
    "int_impact_bootstrapped",
    "int_impact_placebos",
    "int_impact_regressed",
    "int_impact_controls",
    "int_impact_survival",
    "int_impact_judged",
    "metric_change_impact",
    "metric_change_weeks",
)
"""The models from the weeks of the metrics to the verdict, in the order in which they need each other."""

_TABLE = """
create table catalog_statements (position integer primary key, model_name text not null, sql text not null)
"""


def compiled_steps(manifest_path: Path) -> list[tuple[str, str]]:
    """Each step with its SQL, tables named without their database; none in a build without impact.

    Args:
        manifest_path: dbt's `manifest.json` of a build.

    Raises:
        DataError: The manifest is not that of a build.
    """
    try:
        nodes = json.loads(manifest_path.read_text())["nodes"]
        sql = {node["name"]: node["compiled_code"] for node in nodes.values() if node["name"] in STEPS}
        return [(name, _unqualified(sql[name])) for name in STEPS if sql]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{manifest_path} does not hold the compiled models ({error})", "Run `dddcli build --full`"
        ) from None


def write_steps(sqlite: sqlite3.Connection, steps: Sequence[tuple[str, str]]) -> None:
    """Write them to a file that is published."""
    sqlite.execute(_TABLE)
    sqlite.executemany(
        "insert into catalog_statements values (?, ?, ?)",
        [(place, name, sql) for place, (name, sql) in enumerate(steps, start=1)],
    )


def read_steps(sqlite: sqlite3.Connection) -> list[tuple[str, str]]:
    """Read them again.

    Raises:
        OutdatedError: The file is of an older Data³.
    """
    try:
        return sqlite.execute("select model_name, sql from catalog_statements order by position").fetchall()
    except sqlite3.OperationalError as error:
        raise OutdatedError(str(error)) from None


def _unqualified(sql: str) -> str:
    return re.sub(r'"\w+"\."\w+"\."(\w+)"', r'"\1"', sql)
