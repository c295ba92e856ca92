"""The page of one task, and the statistics of the month, in a real browser."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from www.running import wait_for_charts, watched_page
from www.sample import HOSTILE, HOSTILE_PROJECT
from www.sample_task import MERGED, PARENT, STATISTICS, TASK


@pytest.fixture
def page(browser: Browser, public_address: str) -> Iterator[Page]:
    """A page of the server with open SQL off, which fails the test on anything the browser complains of."""
    context = browser.new_context(base_url=public_address, viewport={"width": 1280, "height": 900})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


def _rows(page: Page, panel: str) -> list[dict[str, str]]:
    """The rows behind a panel, from its own CSV link."""
    link = page.locator(f"[data-panel={panel}] [data-link=csv]").get_attribute("href")
    return list(csv.DictReader(io.StringIO(page.request.get(str(link)).text())))


def _published(site_dir: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with sqlite3.connect(site_dir / "metrics.db") as file:
        return file.execute(sql, values).fetchall()


@pytest.mark.browser
def test_a_life_is_drawn_span_by_span_and_names_are_text(page: Page, site_dir: Path) -> None:
    page.goto(f"/-/ddd/task/T{TASK}")
    wait_for_charts(page)
    assert page.locator("h1").inner_text() == f"T{TASK} {HOSTILE}"
    assert page.locator("header [aria-current=page]").all_inner_texts() == ["Task"]
    spans = _published(site_dir, "select * from task_spans where task_id = ?", TASK)
    rows = _rows(page, "timeline")
    assert len(rows) == len(spans) == 7
    svg = page.locator("#chart-timeline svg")
    assert svg.locator(".mark-rect.layer_0_marks path").count() == len(spans)
    for said in ("Status", "Owner", "Priority", f"Tag {HOSTILE}"[:30], "Resolved", "Done"):
        expect(svg).to_contain_text(said)
    assert {row["state"] for row in rows if row["lane"] == "Owner"} == {HOSTILE}
    svg.locator(".mark-rect.layer_0_marks path").first.dispatch_event(
        "pointermove", {"bubbles": True, "clientX": 5, "clientY": 5}
    )
    expect(page.locator("#vg-tooltip-element.visible")).to_contain_text("Open")
    assert svg.locator("script, img, image").count() == 0


@pytest.mark.browser
def test_its_durations_stand_beside_those_of_its_projects(page: Page, site_dir: Path) -> None:
    page.goto(f"/-/ddd/task/t{TASK}")  # as people type it
    wait_for_charts(page)
    ((lead, cycle, month, day),) = _published(
        site_dir,
        "select lead_time_days, cycle_time_days, substr(closed_at, 1, 7) || '-01', substr(closed_at, 1, 10)"
        " from tasks where task_id = ?",
        TASK,
    )
    expect(page.locator("#figures-durations .figure").first).to_contain_text(f"{lead:.1f}")
    lines = {(row["measure"], row["project_phid"]): row for row in _rows(page, "beside")}
    for project in ("all", HOSTILE_PROJECT):
        ((expected,),) = _published(
            site_dir,
            "select lead_time_p85_days from metric_lead_time where project_phid = ? and period = 'month'"
            " and subtype = 'all' and priority_name = 'all' and period_started_date = ?",
            *(project, month),
        )
        assert float(lines["Lead time", project]["p85_days"]) == pytest.approx(expected)
        assert float(lines["Lead time", project]["task_days"]) == pytest.approx(lead)
        windows = _published(
            site_dir,
            "select cycle_time_p85_days, period_started_date from metric_service_level"
            " where project_phid = ? and period_started_date <= ? order by period_started_date desc limit 1",
            *(project, day),
        )
        if windows:
            line = lines["Cycle time", project]
            assert float(line["p85_days"]) == pytest.approx(windows[0][0])
            assert float(line["task_days"]) == pytest.approx(cycle)
            assert line["compared_with"] == f"tasks finished in the 84 days before {windows[0][1]}"
    assert not any(measure in {"Age", "Work item age"} for measure, _ in lines), "it is closed"


@pytest.mark.browser
def test_an_open_task_is_compared_with_what_is_open(page: Page, site_dir: Path) -> None:
    ((task, age),) = _published(
        site_dir, "select task_id, age_days from tasks where not is_closed order by task_id desc limit 1"
    )
    page.goto(f"/-/ddd/task/T{task}")
    wait_for_charts(page)
    (line,) = [row for row in _rows(page, "beside") if row["measure"] == "Age"]
    assert float(line["task_days"]) == pytest.approx(age)
    assert line["compared_with"] == "tasks that are open now"
    (last,) = _rows(page, "timeline")
    assert last["ended_at"] == "", "it still lasts"


@pytest.mark.browser
def test_relations_lead_to_their_tasks_and_what_was_undone_is_none(page: Page) -> None:
    page.goto(f"/-/ddd/task/T{TASK}")
    wait_for_charts(page)
    relations = {(row["relation"], row["task_id"]) for row in _rows(page, "relations")}
    assert relations == {("Parent", str(PARENT)), ("Merged in", str(MERGED))}
    changes = _rows(page, "changes")
    assert {"actor": HOSTILE, "change": "owner", "old_text": "", "new_text": HOSTILE} in [
        {key: row[key] for key in ("actor", "change", "old_text", "new_text")} for row in changes
    ]
    moved = next(row for row in changes if row["change"] == "column")
    assert (moved["old_text"], moved["new_text"]) == (HOSTILE, "Done")
    page.locator("#table-relations a", has_text=f"T{PARENT}").click()
    page.wait_for_url(f"**/-/ddd/task/T{PARENT}")


@pytest.mark.parametrize("name", ["T999999", "T0", "nothing", "T1%27%20or%201", "T%3Cscript%3E", "1e9"])
def test_an_unknown_task_is_not_found_and_leads_back(address: str, name: str) -> None:
    answer = httpx.get(f"{address}/-/ddd/task/{name}", follow_redirects=True)
    assert answer.status_code == 404
    assert 'href="/-/ddd/"' in answer.text
    assert "<script>" not in answer.text.replace("<script type", "")


def test_without_a_number_the_page_asks_for_one(address: str) -> None:
    text = httpx.get(f"{address}/-/ddd/task").text
    assert "Which task?" in text
    assert len(re.findall(r'href="/-/ddd/task/T\d+"', text)) == 20
    answer = httpx.get(f"{address}/-/ddd/task", params={"subject": f" T{TASK} "})
    assert answer.status_code == 302
    assert answer.headers["location"].endswith(f"/-/ddd/task/T{TASK}")


@pytest.mark.browser
def test_statistics_show_every_month_and_the_last_whole_one(page: Page) -> None:
    page.goto("/-/ddd/statistics?date_start=2025-01-01")
    wait_for_charts(page)
    (last,) = _rows(page, "last_month")
    assert last["month"] == "2026-10"
    assert (float(last["created_tasks_count"]), float(last["created_tasks_before"])) == (41, 42)
    expect(page.locator("#figures-last_month")).to_contain_text("91.5")
    rows = _rows(page, "trends")
    assert len(rows) == 14 * len(STATISTICS)
    assert page.locator("#chart-trends svg .mark-rect.role-mark path").count() == len(rows)
    assert {row["priority_name"] for row in _rows(page, "ages")} == {"High", "Normal"}
    months = _rows(page, "months")
    assert [months[0]["month"], months[-1]["month"], len(months)] == ["2026-11", "2025-10", 14]
    page.goto("/-/ddd/statistics")
    wait_for_charts(page)
    page.get_by_text("All", exact=True).click()
    page.wait_for_url("**date_start=2025-10-01**")
    expect(page.locator("[data-months][aria-pressed=true]")).to_have_text(["All"])
    assert float(months[0]["closed_tasks_count"]) == 30
