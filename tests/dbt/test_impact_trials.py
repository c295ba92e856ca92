"""The demo's true changes are found, or not, and trying their days says what the models say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ddd.demo.truth import CYCLE_TIME_FACTOR
from ddd.errors import DataError
from ddd.impact import try_change
from ddd.settings import PROJECT_DIR

MEASURE = "median cycle time"
APART = {"change_key", "expected_direction", "is_expected", "is_as_expected"}
"""What only a declared change has."""


@pytest.fixture(scope="module")
def www_dir() -> Path:
    """The demo as `make refresh` published it in this checkout; whoever has none skips."""
    folder = PROJECT_DIR / "www"
    if not (folder / "metrics.db").exists():
        pytest.skip("no demo is published in this checkout: run `make refresh`")
    with closing(sqlite3.connect(folder / "metrics.db")) as file:
        names = {name for (name,) in file.execute("select name from sqlite_master")}
        if "catalog_statements" not in names or not file.execute("select is_demo from about").fetchone()[0]:
            pytest.skip("what is published in this checkout is not the demo, or older")
    return folder


@pytest.fixture
def declared(www_dir: Path) -> Iterator[dict[str, dict[str, Any]]]:
    with closing(sqlite3.connect(www_dir / "metrics.db")) as file:
        file.row_factory = sqlite3.Row
        rows = file.execute("select * from metric_change_impact where measure = ?", [MEASURE]).fetchall()
        yield {row["change_key"]: dict(row) for row in rows}


def test_the_effect_of_limits_is_found_and_nothing_is_made_of_the_other(
    declared: dict[str, dict[str, Any]],
) -> None:
    limits, stand_up = declared["wip-limits"], declared["written-stand-up"]
    assert (limits["verdict"], limits["is_as_expected"]) == ("better", 1)
    low, high = (limits[name] / limits["before_value"] for name in ("difference_low", "difference_high"))
    assert low < CYCLE_TIME_FACTOR - 1 < high
    assert limits["difference_share"] == pytest.approx(CYCLE_TIME_FACTOR - 1, abs=0.1)
    assert stand_up["verdict"] == "no evidence"


def test_trying_the_day_of_a_declared_change_says_the_same(
    www_dir: Path, declared: dict[str, dict[str, Any]]
) -> None:
    row = declared["wip-limits"]
    tried = try_change(
        www_dir,
        date.fromisoformat(row["started_date"]),
        MEASURE,
        row["subject_key"],
        row["window_weeks"],
        settled_date=date.fromisoformat(row["after_started_date"]),
    )
    assert {name: _plain(value) for name, value in tried.impact.items() if name not in APART} == {
        name: value for name, value in row.items() if name not in APART
    }
    assert len(tried.weeks) == 2 * row["window_weeks"] + row["settling_weeks"]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date) else int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize(
    ("measure", "subject", "weeks"),
    [
        ("velocity", "all", 12),
        ("closed tasks", "nosuch", 12),
        ("deployments", "all", 12),
        ("closed tasks", "all", 3),
    ],
)
def test_what_cannot_be_tried_is_said(www_dir: Path, measure: str, subject: str, weeks: int) -> None:
    with pytest.raises(DataError):
        try_change(www_dir, date(2026, 1, 5), measure, subject, weeks)


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        try_change(tmp_path, date(2026, 1, 5), "closed tasks", "all")
