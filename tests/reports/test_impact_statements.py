"""What the report says of declared changes: sentences with the figures of `metric_change_impact` in them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from ddd.reports.content import REPORTS_DIR
from ddd.reports.sections import sections
from ddd.reports.statements import compose
from ddd.reports.tables import read_about, read_tables

from .contracts import insert
from .published import SEARCH, write_published

JUDGED: dict[str, Any] = {
    "change_key": "limits", "subject_kind": "project", "subject_key": SEARCH, "family": "work",
    "before_weeks_count": 12, "after_weeks_count": 11, "before_samples_count": 60, "after_samples_count": 55,
}  # fmt: skip


def _published(www: Path, *, has_changes: bool) -> Path:
    path = write_published(www / "metrics.db")
    if not has_changes:
        return path
    with sqlite3.connect(path) as file:
        for key, title, day in (
            ("limits", "Two tasks a person", "2026-03-02"),
            ("old", "Pairs", "2025-01-06"),
        ):
            insert(
                file, "process_changes", change_key=key, title=title, started_date=day, settled_date=day,
                roll_out="at once", concerns="projects", declared_in="seed",
            )  # fmt: skip
        insert(
            file, "metric_change_impact", **JUDGED, measure="median cycle time", unit="days",
            verdict="better", before_value=12.4, after_value=7.4, difference=-5.0, difference_share=-0.4032,
            difference_low=-6.5, difference_high=-3.1, is_expected=1, is_as_expected=1, sequence=4,
        )  # fmt: skip
        insert(
            file, "metric_change_impact", **JUDGED, measure="closed tasks", unit="tasks",
            verdict="no evidence", before_value=5.0, after_value=5.5, difference=0.5, difference_share=0.1,
            difference_low=-1.0, difference_high=2.0, is_expected=0, sequence=1,
        )  # fmt: skip
        insert(
            file, "metric_change_impact", **{**JUDGED, "change_key": "old", "after_samples_count": 1},
            measure="closed tasks", unit="tasks", verdict="too little data", is_expected=0, sequence=1,
        )  # fmt: skip
    file.close()
    return path


def test_each_change_is_told_in_words_the_newest_first(tmp_path: Path) -> None:
    path = _published(tmp_path, has_changes=True)
    tables = read_tables(tmp_path, REPORTS_DIR / "sources")
    statements = compose(tables, read_about(path))
    said = [(one.importance, one.text) for one in statements if one.report == "impact"]
    assert said == [
        ("answer", "Of 2 declared changes with figures: 1 better and 1 with too little data."),
        (
            "unusual",
            "Two tasks a person (Search / Backend, from 2 March 2026): Median cycle time went down"
            " from 12.4 to 7.4 days (−40\N{NO-BREAK SPACE}%; 95\N{NO-BREAK SPACE}% interval"
            " −6.5 to −3.1 days): better."
            " No evidence that anything else changed: closed tasks.",
        ),
        ("plain", "Pairs (Search / Backend, from 6 January 2025): Too little data: closed tasks."),
    ]
    assert "impact" in [section.name for section in sections(tables, statements)]


def test_without_changes_the_report_says_so(tmp_path: Path) -> None:
    path = _published(tmp_path, has_changes=False)
    tables = read_tables(tmp_path, REPORTS_DIR / "sources")
    statements = compose(tables, read_about(path))
    said = [one.text for one in statements if one.report == "impact"]
    assert said == ["No declared change has figures yet."]
    (section,) = [one for one in sections(tables, statements) if one.name == "impact"]
    assert not section.parts
