"""What is said of the published figures, in words written here by hand."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ddd.reports.content import REPORTS_DIR
from ddd.reports.statements import Statement, compose, statements_table
from ddd.reports.statements.saying import headline
from ddd.reports.tables import read_about, read_tables
from ddd.wording import counted, days_text, length, number_text, percent

from .published import DOCS, QUIET, SEARCH, write_published


def said(www: Path, report: str, subject: str = "all", **wanted: str) -> list[str]:
    """Its sentences, with ordinary spaces before %."""
    return [
        one.text.replace("\N{NO-BREAK SPACE}", " ")
        for one in composed(www)
        if (one.report, one.subject) == (report, subject)
        and all(getattr(one, name) == value for name, value in wanted.items())
    ]


def composed(www: Path) -> list[Statement]:
    return compose(read_tables(www, REPORTS_DIR / "sources"), read_about(www / "metrics.db"))


@pytest.fixture
def www(tmp_path: Path) -> Path:
    write_published(tmp_path / "metrics.db")
    return tmp_path


def change(www: Path, sql: str, file: str = "metrics.db") -> None:
    with sqlite3.connect(www / file) as published:
        published.executescript(sql)
    published.close()


def test_the_week(www: Path) -> None:
    assert said(www, "weekly") == [
        "In the week of 16 to 22 November 2026, 6 tasks were closed and 9 created. Beyond the usual range: "
        "created tasks.",
        "Closed tasks rose from 4 to 6, within their usual range (2 to 8).",
        "Created tasks rose from 4 to 9, above their usual range (2 to 8).",
        "Cycle time stayed at 11.0 days (P85), within its usual range (up to 12.3).",
        "Median lead time came to 20.5 days, with too few weeks to say what is usual.",
        "85 % of tasks are expected to be finished within 8.2 days of their start. Of 3 tasks finished in "
        "the week, "
        "2 were (67 %); in the last 2 weeks with an expectation it was 5 of 6 (83 %). That expectation "
        "rests on 12 "
        "tasks only.",
        "2 tasks are in progress, 1 of them for longer than the expected 9.2 days. The oldest is T7 "
        '“<script>alert(1)</script> & "quoted" in two lines”, for 30.6 days.',
        "The train 1.46.0-wmf.5 is under way: it got to group0 on 17 November 2026. It had no trouble so "
        "far. It "
        "brought 25 patches.",
        "The train 1.46.0-wmf.4 was on all groups on 12 November 2026; from first to last roll-forward it "
        "took 2.0 "
        "days (half of the 50 trains of the year before: 2.5 days or less). It had trouble: it was rolled "
        "back "
        "twice (1.0 hours) and a blocker was raised after group0. It brought 25 patches.",
        "Cycle time of Search / Backend rose from 7.0 to 9.2 days (P85), above its usual range (2.1 to "
        "8.1), since "
        "the week of 2 November 2026.",
    ]
    assert said(www, "weekly", importance="unusual", topic="flow") == [
        "Created tasks rose from 4 to 9, above their usual range (2 to 8)."
    ]


def test_projects_begin_with_what_is_unusual_or_with_the_last_month(www: Path) -> None:
    assert said(www, "project", SEARCH, importance="answer") == [
        "Cycle time of Search / Backend rose from 7.0 to 9.2 days (P85), above its usual range (2.1 to "
        "8.1), since "
        "the week of 2 November 2026."
    ]
    assert said(www, "project", DOCS, importance="answer") == [
        "Of 4 tasks of Docs <b>bold</b> finished in October 2026, half took 3.1 days or less from start to "
        "close, "
        "and 85 % took 11.0 days or less. There are too few weeks to say what is usual."
    ]
    assert said(www, "project", QUIET) == [
        "No task of O'Brien's undefined project was both started and closed in a complete month of the "
        "last two "
        "years. In the last week no task was open, and none was closed.",
        "No task is in progress.",
    ]


def test_deployments_statistics_and_quality(www: Path) -> None:
    assert said(www, "deployments", importance="answer") == [
        "In the fourth quarter of 2026 so far, 7 of 8 trains had trouble: 1 was rolled back, and of 6 a "
        "blocker was "
        "raised after group0. In the third quarter of 2026 it was 10 of 13 trains."
    ]
    assert said(www, "deployments", topic="dora") == [
        "shop <i> (production) was deployed 57 times on 22 days in October 2026, after 57 in the month "
        "before. 5 of "
        "57 failed (8.8 %); half of those that recovered did within 20 minutes. Half of 130 changes took "
        "6.7 hours "
        "or less from commit to deployment."
    ]
    assert said(www, "statistics") == [
        "In October 2026, 78 tasks were created and 74 closed; 16 people worked on tasks. At its end 348 "
        "tasks were "
        "open, 5 more than a month before, 30 of them stalled.",
        "Half of the open tasks were older than 291 days, 5.0 days more than at the end of the month before.",
    ]
    assert said(www, "quality") == [
        "The data have no errors, no warnings and 7 notes. They are of 23 November 2026, 00:05 UTC.",
        "Columns of phabricator are 3.2 days behind.",
        "Column without role (7): It starts no clock.",
    ]


def test_where_nothing_is_known_that_is_said(tmp_path: Path) -> None:
    write_published(tmp_path / "metrics.db", has_finished_tasks=False)
    assert said(tmp_path, "weekly") == ["No week of work on tasks is over yet."]
    assert said(tmp_path, "deployments") == ["No deployment is known."]
    assert said(tmp_path, "statistics") == ["No month of work on tasks is over yet."]
    (quality,) = said(tmp_path, "quality")
    assert quality.startswith(
        "Nothing was found wrong, missing or unknown in the data. They are of 23 November"
    )


def test_counts_of_none_and_one(www: Path) -> None:
    change(
        www,
        """
        update metric_headlines set figure_value = 1, verdict = 'usual' where figure = 'closed tasks';
        update metric_headlines set figure_value = 0, verdict = 'usual' where figure = 'created tasks';
        update metric_service_level set finished_tasks_count = 1, tasks_within_expectation_count = 0,
            within_expectation_share = 0, has_enough_tasks = 1;
        delete from metric_work_item_age where task_id = 7;
        update metric_monthly_statistics set statistic_value = 0, change_value = 0
            where priority_name = 'all' and statistic in ('open tasks', 'created tasks');
        """,
    )
    week = said(www, "weekly")
    assert week[0] == (
        "In the week of 16 to 22 November 2026, 1 task was closed and none created. Every figure that has "
        "a usual "
        "range was within it."
    )
    assert (
        "85 % of tasks are expected to be finished within 8.2 days of their start. The one task finished "
        "in the "
        "week was not; in the last 2 weeks with an expectation it was 0 of 2 (0 %)."
    ) in week
    assert said(www, "statistics")[0] == (
        "In October 2026, no tasks were created and 74 closed; 16 people worked on tasks. At its end no "
        "tasks were "
        "open, as many as a month before."
    )


def test_a_single_task_in_progress_and_none_expected(www: Path) -> None:
    change(www, "delete from metric_work_item_age where task_id = 7")
    assert said(www, "weekly", topic="aging") == [
        "1 task is in progress, not yet for longer than the expected 9.2 days. It is T8 “Quick”, for 2.0 "
        "days."
    ]
    change(
        www, "update metric_work_item_age set is_beyond_expectation = null, expected_cycle_time_days = null"
    )
    assert said(www, "weekly", topic="aging") == [
        "1 task is in progress; too little was finished lately to say how long that should take. It is T8 "
        "“Quick”, "
        "for 2.0 days."
    ]


def test_a_train_that_never_arrived(www: Path) -> None:
    change(www, "update trains set is_abandoned = 1 where version = '1.46.0-wmf.5'", "train.db")
    assert said(www, "deployments", topic="train") == [
        "The train 1.46.0-wmf.5 never got to group2: the next one started before it did. It had no "
        "trouble. It "
        "brought 25 patches."
    ]


FIGURE: dict[str, Any] = {
    "figure": "cycle time of 85 %",
    "unit": "days",
    "verdict": "above",
    "figure_value": 9.24,
    "previous_value": 12.0,
    "change_value": -2.76,
    "usual_lowest_value": 2.01,
    "usual_highest_value": 8.19,
    "period_started_date": date(2026, 11, 16),
    "verdict_since_date": date(2026, 11, 16),
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Cycle time of A fell from 12.0 to 9.2 days (P85), above its usual range (2.1 to 8.1)."),
        (
            {"previous_value": None, "change_value": None},
            "Cycle time of A came to 9.2 days (P85), above its usual range (2.1 to 8.1).",
        ),
        (
            {"previous_value": 9.21, "change_value": 0.03},
            "Cycle time of A stayed at 9.2 days (P85), above its usual range (2.1 to 8.1).",
        ),
        (
            {"verdict": "no value", "figure_value": None},
            "No task of A was finished, so that there is no cycle time of 85 %.",
        ),
        (
            {"verdict": "below", "verdict_since_date": date(2026, 9, 7)},
            "Cycle time of A fell from 12.0 to 9.2 days (P85), below its usual range (2.1 to 8.1), since "
            "the week "
            "of 7 September 2026.",
        ),
        (
            {"figure": "something new", "verdict": "usual", "verdict_since_date": date(2026, 9, 7)},
            "Something new of A fell from 12.0 to 9.2 days, within its usual range (2.1 to 8.1).",
        ),
    ],
)
def test_a_figure_in_words(changes: dict[str, Any], sentence: str) -> None:
    assert headline(FIGURE | changes, "A") == sentence


def test_the_table_has_every_sentence(www: Path) -> None:
    statements = composed(www)
    rows = statements_table(statements).rows
    assert [row["text"] for row in rows] == [one.text for one in statements]
    assert rows[0] == {
        "report": "weekly", "subject": "all", "sequence": 1, "topic": "", "importance": "answer",
        "text": statements[0].text,
    }  # fmt: skip


def test_names_cannot_break_a_line_or_turn_its_direction(www: Path) -> None:
    change(
        www,
        "update projects set project_path = 'a' || char(8238) || 'b' || char(10) || 'c' where project_id = 2",
    )
    (answer,) = said(www, "project", DOCS, importance="answer")
    assert answer.startswith("Of 4 tasks of a b c finished")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (number_text(1234.4, "tasks"), "1,234"),
        (number_text(-3.21, "days"), "−3.2"),
        (number_text(-0.04, "days"), "0.0"),
        (number_text(-3.21, "days", signed=True), "−3.2"),
        (number_text(3.21, "days", signed=True), "+3.2"),
        (number_text(0, "tasks", signed=True), "±0"),
        (number_text(123.4, "days"), "123"),
        (number_text(None, "days"), "–"),
        (length(0.335, "hours"), "20 minutes"),
        (length(0.28), "6.7 hours"),
        (length(0.0), "0 minutes"),
        (length(1 / 60, "hours"), "1 minute"),
        (length(120.2), "120 days"),
        (percent(0.0877), "8.8 %"),
        (percent(0.5), "50 %"),
        (percent(0), "0 %"),
        (percent(1), "100 %"),
        (counted(0, "task"), "no tasks"),
        (counted(1, "person", "people"), "1 person"),
        (counted(1200, "person", "people"), "1,200 people"),
        (days_text(date(2026, 11, 30), date(2026, 12, 6)), "30 November to 6 December 2026"),
        (days_text(date(2025, 12, 29), date(2026, 1, 4)), "29 December 2025 to 4 January 2026"),
    ],
)
def test_numbers_and_days_in_words(text: str, shown: str) -> None:
    assert text.replace("\N{NO-BREAK SPACE}", " ") == shown
