"""The demo declares the changes that it truly has, on the days on which they truly began."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta

import duckdb
import pytest
from jinja2 import Environment

from ddd.demo.organisation.calendar import end_epoch, founded
from ddd.demo.truth import changes
from ddd.seeds import SEEDS_DIR
from ddd.settings import PROJECT_DIR

END_DATE = date(2026, 11, 24)


def test_every_true_change_is_declared() -> None:
    start = founded(end_epoch(END_DATE))
    with (SEEDS_DIR / "simulated_changes.csv").open(newline="") as lines:
        declared = {
            (row["title"], row["project_slug"], start + timedelta(weeks=int(row["started_week"])))
            for row in csv.DictReader(lines)
        }
    assert declared == {(one.title, one.project_slug, one.changed_date) for one in changes(END_DATE)}


@pytest.mark.parametrize(
    "end", ["2026-01-01", "2026-06-30", "2026-07-01", "2026-07-02", "2024-02-29", "2024-03-01", "2026-12-31"]
)
def test_the_models_know_the_day_of_founding(end: str) -> None:
    text = (PROJECT_DIR / "dbt_project" / "macros" / "changes.sql").read_text()
    (body,) = re.findall(r"macro simulation_founded_date\(as_of\) -%\}(.*?)\{%- endmacro", text, re.DOTALL)
    sql = _rendered(body, f"timestamp '{end} 00:00:00'")
    assert duckdb.sql(f"select {sql}").fetchall() == [(founded(end_epoch(date.fromisoformat(end))),)]


def _rendered(body: str, as_of: str) -> str:
    return Environment(autoescape=False).from_string(body).render(as_of=as_of)
