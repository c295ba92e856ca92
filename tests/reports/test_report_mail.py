"""The statistics of the month as a mail."""

from datetime import date
from pathlib import Path

import pytest

from ddd.errors import ReportError
from ddd.reports import Content, month_named, read_content, statistics_mail
from ddd.reports.mail import write_mail
from ddd.settings import DEMO_SITE, Settings

from .published import write_published

MAIL = """\
Statistics of October 2026 for phab.example.org
===============================================

In October 2026, 78 tasks were created and 74 closed; 16 people worked
on tasks. At its end 348 tasks were open, 5 more than a month before, 30
of them stalled.

Half of the open tasks were older than 291 days, 5.0 days more than at
the end of the month before.

Accounts created:                                     0  (0)
People active on tasks (any activity):               16  (11)
People who created tasks:                            15  (10)
People who closed tasks:                             14  (9)
Projects with a task moved on their workboard:       19  (14)
Tasks created:                                       78  (73)
Tasks closed:                                        74  (69)
Tasks open at the end of the month:                 348  (343)
Of these stalled:                                    30  (25)

Median age of open tasks in days, by priority:
  High <script>alert(1)</script> & "quoted" in two lines:      100  (120)

Most active projects:
    1. Search / Backend: 4 created, 3 closed
    2. Docs <b>bold</b>: 4 created, 3 closed
    3. O'Brien's undefined project: 4 created, 3 closed

Data of 23 November 2026; in brackets the month before. A task that was
closed and opened again is not counted as closed. How long tasks have
been open is their age, not how long they have had their priority.
"""


def content(folder: Path, *, has_finished_tasks: bool = True) -> Content:
    write_published(folder / "metrics.db", is_demo=False, has_finished_tasks=has_finished_tasks)
    return read_content(Settings(site=DEMO_SITE, www_dir=folder))


def test_the_mail_of_the_last_month_that_is_over(tmp_path: Path) -> None:
    assert statistics_mail(content(tmp_path)) == MAIL


def test_the_mail_of_another_month(tmp_path: Path) -> None:
    text = statistics_mail(content(tmp_path), month_named("2026-09"))
    assert text.startswith("Statistics of September 2026 for phab.example.org\n")
    assert "Tasks created:                                       73  (–)\n" in text


@pytest.mark.parametrize("month", ["2026-11", "2019-02"])
def test_a_month_that_is_not_over_or_not_known_is_refused(tmp_path: Path, month: str) -> None:
    with pytest.raises(ReportError, match=r"no statistics of .*Choose a month from 2026-09 to 2026-10"):
        statistics_mail(content(tmp_path), month_named(month))


@pytest.mark.parametrize("text", ["October", "2026-13", "2026-10-05"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ReportError, match="is not a month"):
        month_named(text)


def test_a_new_installation_has_none(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="No month of work on tasks is over yet"):
        statistics_mail(content(tmp_path, has_finished_tasks=False))
    assert write_mail(content(tmp_path / "", has_finished_tasks=False), tmp_path) is None


def test_the_file_is_named_after_its_month(tmp_path: Path) -> None:
    path = write_mail(content(tmp_path), tmp_path)
    assert path is not None
    assert path.name == "statistics-2026-10.txt"
    assert path.read_text() == MAIL
    assert month_named("2026-10") == date(2026, 10, 1)
