"""The tabs of the workflow page in Chromium: each chart, table and figure shows the numbers of its query."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from ddd.dashboards import load_dashboards
from ddd.settings import PROJECT_DIR
from www.running import wait_for_charts, watched_page
from www.sample import HOSTILE, HOSTILE_PROJECT

pytestmark = pytest.mark.browser

# Marks of each chart, and how many there are: a number of them, or one a row that `fits`.
MARKS: dict[str, list[tuple[str, str, Any]]] = {
    "flow": [
        ("throughput", ".mark-rect.layer_0_marks path", lambda row: True),
        ("net_flow", ".mark-rect.layer_0_marks path", lambda row: True),
        ("net_flow", ".mark-rect.layer_1_marks path", lambda row: True),
        ("wip", ".mark-rect.layer_0_marks path", lambda row: True),
        ("open_tasks", ".mark-area path", 1),
    ],
    "time": [
        ("cycle_time", ".mark-line.role-mark path", 3),
        ("lead_time", ".mark-line.role-mark path", 3),
        ("finished_tasks", ".mark-symbol.role-mark path", lambda row: row["cycle_time_days"] is not None),
        ("closed_tasks", ".mark-symbol.role-mark path", lambda row: row["lead_time_days"] is not None),
        ("cycle_distribution", ".mark-rect.role-mark path", lambda row: True),
        ("lead_distribution", ".mark-rect.role-mark path", lambda row: True),
        ("time_in_status", ".mark-symbol.layer_1_marks path", lambda row: True),
        ("time_in_column", ".mark-symbol.layer_2_marks path", lambda row: True),
    ],
    "now": [
        ("aging_work", ".mark-symbol.role-mark path", lambda row: row["task_id"] is not None),
        ("aging_work", ".mark-rect.layer_0_marks path", lambda row: row["task_id"] is None),
        ("aging_work", ".mark-rule.layer_2_marks line", 12),
        ("aging_work", ".mark-rule.layer_4_marks line", 3),
        ("open_age", ".mark-symbol.layer_1_marks path", lambda row: True),
    ],
    "forecast": [
        ("how_many", ".mark-line.role-mark path", 3),
        ("how_many", ".mark-symbol.layer_6_marks path", lambda row: True),
        ("backtest", ".mark-rect.role-mark path", lambda row: True),
        ("backtest", ".mark-rule.role-mark line", lambda row: True),
    ],
    "board": [
        ("progression", ".mark-area.role-mark path", lambda row: True),
        ("backward", ".mark-rect.role-mark path", lambda row: True),
        ("column_months", ".mark-rect.role-mark path", lambda row: True),
    ],
    "burnup": [
        ("burnup", ".mark-line.role-mark path", 2),
        ("burnup_points", ".mark-line.role-mark path", 2),
        ("scope_change", ".mark-rect.layer_0_marks path", lambda row: True),
    ],
}
TABLES = {
    "now": ["oldest_open", "waiting_tasks"],
    "forecast": ["when"],
    "board": ["ways_back"],
    "report": ["closed_report", "created_report"],
}
FIGURES = {"now": ["now_figures"], "forecast": ["how_many_figures", "when_figures"]}


@pytest.fixture
def page(public_address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=public_address, viewport={"width": 1280, "height": 900})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


def _open(page: Page, tab: str, more: str = "") -> None:
    page.goto(f"/-/ddd/workflow?project={HOSTILE_PROJECT}&tab={tab}{more}")
    wait_for_charts(page)


def _rows(page: Page, panel: str) -> list[dict[str, Any]]:
    """The rows behind a panel, from its own link, with numbers as numbers."""
    link = str(page.locator(f"[data-panel={panel}] [data-link=query]").get_attribute("href"))
    path, _, parameters = link.partition("?")
    answer = page.request.get(f"{path}.json?{parameters}&_shape=array").json()
    assert isinstance(answer, list), answer
    return answer


def _state(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize("tab", ["flow", "time", "now", "forecast", "board", "burnup", "report"])
def test_every_panel_of_a_tab_shows_the_numbers_of_its_query(page: Page, tab: str) -> None:
    _open(page, tab)
    assert page.locator(f"#tabpanel-{tab} .message").count() == 0, "the sample has something for every panel"
    for chart, marks, expected in MARKS.get(tab, []):
        rows = _rows(page, chart)
        wanted = expected if isinstance(expected, int) else len([row for row in rows if expected(row)])
        assert wanted > 0
        assert page.locator(f"#chart-{chart} svg {marks}").count() == wanted, (chart, marks)
    for table in TABLES.get(tab, []):
        rows = _rows(page, table)
        shown = page.locator(f"#table-{table} tbody tr")
        assert shown.count() == len(rows) > 0
        if "task_id" in rows[0]:
            links = page.locator(f"#table-{table} tbody td:first-child").all_inner_texts()
            assert links == [f"T{row['task_id']}" for row in rows]
            assert HOSTILE in page.locator(f"#table-{table}").inner_text()
    for figures in FIGURES.get(tab, []):
        (row,) = _rows(page, figures)
        texts = page.locator(f"#figures-{figures} .value").all_inner_texts()
        values = [value for value in row.values() if value is not None]
        for text in texts:
            said = text.split()[0].replace(",", "")
            if text.endswith("%"):
                assert any(isinstance(v, float) and abs(v * 100 - float(said)) < 0.51 for v in values), text
            elif re.fullmatch(r"[\d.]+", said):
                assert any(not isinstance(v, str) and abs(v - float(said)) < 0.6 for v in values), text
            else:
                assert said in values, text


def test_a_board_of_many_columns_stays_legible(site_dir: Path) -> None:
    """Eleven states and one for all others, and no move is lost."""
    sql = load_dashboards(PROJECT_DIR / "www" / "dashboards")["workflow"].sql["workflow_progression"]
    with sqlite3.connect(":memory:") as file:
        with sqlite3.connect(site_dir / "metrics.db") as sample:
            schema = "select sql from sqlite_master where name = 'metric_board_progression'"
            file.execute(sample.execute(schema).fetchone()[0])
        sample.close()
        for number in range(40):
            ends = (f"PCOL-{number}", f"PCOL-{number + 1}")
            row = ("one", "column", *ends, "month", "2026-11-01", *ends, None, None, number, number + 1)
            file.execute(
                f"insert into metric_board_progression values ({', '.join('?' * 14)})",
                [*row, number + 1, 0],
            )
        given = {"project": "one", "date_start": "2026-01-01", "date_end": ""}
        rows = file.execute(sql, given).fetchall()
    file.close()
    names = {row[0] for row in rows} | {row[1] for row in rows}
    assert len(names) == 12
    assert "30 others" in names
    assert sum(row[3] for row in rows) == sum(range(1, 41))


def test_heights_and_places_of_marks_are_the_numbers(page: Page) -> None:
    _open(page, "board")
    rows = _rows(page, "progression")
    ribbons = page.locator("#chart-progression svg .mark-area.role-mark path")
    expect(ribbons).to_have_count(len(rows))
    ends = ribbons.evaluate_all(
        "(all) => all.map((each) => each.getAttribute('d').match(/-?[0-9.]+/g).map(Number))"
        ".map((points) => Math.abs(points[1] - points.at(-1)))"
    )
    thick = [end / row["transitions_count"] for end, row in zip(ends, rows, strict=True)]
    assert thick == pytest.approx([thick[0]] * len(rows), rel=0.02), "as thick as there are moves"
    colours = ribbons.evaluate_all("(all) => all.map((each) => each.getAttribute('fill'))")
    assert {colour for colour, row in zip(colours, rows, strict=True) if row["is_backward"]} == {"#b04a00"}
    dashed = page.locator("#chart-progression svg .mark-line.role-mark path[stroke-dasharray='5,3']")
    expect(dashed).to_have_count(2 * sum(row["is_backward"] for row in rows))
    _open(page, "burnup")
    rows = _rows(page, "scope_change")
    paths = page.locator("#chart-scope_change svg .mark-rect.layer_0_marks path").evaluate_all(
        "(all) => all.map((each) => each.getAttribute('d'))"
    )
    heights = [abs(float(found[1])) for path in paths if (found := re.search(r"v(-?[\d.]+)", path))]
    added = [row["scope_added_tasks_count"] for row in rows]
    scale = max(heights) / max(added)
    assert heights == pytest.approx([count * scale for count in added], abs=0.6)


def test_rows_of_a_chart_have_room_for_their_names(page: Page) -> None:
    for tab, chart in (("time", "time_in_status"), ("time", "time_in_column"), ("now", "open_age")):
        _open(page, tab)
        labels = page.locator(f"#chart-{chart} svg .role-axis-label text")
        tops = sorted({round(box["y"]) for label in labels.all() if (box := label.bounding_box())})
        apart = [after - before for before, after in pairwise(tops)]
        assert len(tops) > len(_rows(page, chart)) - 1
        assert min(apart) >= 16, (chart, tops)


def test_forecast_answers_what_is_entered(page: Page) -> None:
    _open(page, "forecast")
    by_day = {row["horizon_date"]: row for row in _rows(page, "how_many")}
    page.get_by_label("How many will be closed by").fill("2026-12-01")
    figures = page.locator("#figures-how_many_figures .value")
    expect(figures.first).to_have_text(f"{by_day['2026-12-01']['closed_tasks_p15_count']} tasks")
    expect(figures.last).to_have_text("2026-12-01")
    page.get_by_label("When will this many be closed").fill("17")
    page.get_by_label("When will this many be closed").press("Enter")
    expected = min(day for day, row in by_day.items() if row["closed_tasks_p15_count"] >= 17)
    expect(page.locator("#figures-when_figures .value").first).to_have_text(expected)
    assert _state(page)["tasks_count"] == "17"
    page.get_by_label("When will this many be closed").fill("20")
    page.get_by_label("When will this many be closed").press("Enter")
    exact = next(row for row in _rows(page, "when") if row["tasks_count"] == 20)
    expect(page.locator("#figures-when_figures .value").first).to_have_text(exact["finished_p85_date"])
    page.go_back()
    expect(page.locator("#figures-when_figures .value").first).to_have_text(expected)


def test_a_brush_narrows_the_dates_of_every_chart(page: Page) -> None:
    _open(page, "flow")
    box = page.locator("#chart-throughput svg").bounding_box()
    assert box
    across = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, across)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, across, steps=3)
    page.mouse.move(box["x"] + box["width"] * 0.7, across, steps=3)
    page.mouse.up()
    page.wait_for_url("**date_start=**")
    state = _state(page)
    assert "2025-11-18" < state["date_start"] < state["date_end"] < "2026-11-18"
    wait_for_charts(page)
    for chart in ("throughput", "wip"):
        weeks = [row["period_started_date"] for row in _rows(page, chart)]
        assert state["date_start"] <= min(weeks) <= max(weeks) <= state["date_end"]
    page.go_back()
    expect(page.locator("#date_start")).to_have_value("2025-11-18")


def test_only_filters_that_matter_are_offered(page: Page) -> None:
    _open(page, "flow")
    for name in ("Subtype", "Priority", "From", "Month"):
        expect(page.get_by_label(name, exact=True)).to_be_visible()
    page.get_by_role("tab", name="Forecast").click()
    for name in ("Subtype", "Priority", "From"):
        expect(page.get_by_label(name, exact=True)).to_be_hidden()
    expect(page.get_by_label("Project", exact=True)).to_be_visible()


def test_subtype_and_priority_narrow_what_has_them(page: Page) -> None:
    _open(page, "flow", "&subtype=default&priority=Normal")
    expect(page.locator("#chart-wip .message")).to_contain_text("was in progress")
    page.get_by_label("Priority").select_option("all")
    expect(page.locator("#chart-wip svg")).to_be_visible()
    expect(page.locator("#chart-cumulative_flow .not-narrowed")).to_contain_text("Not narrowed by subtype")
    _open(page, "report", "&priority=High")
    expect(page.locator("#table-closed_report .message")).to_contain_text("was closed from")


def test_a_report_sorts_and_leads_to_tasks(page: Page) -> None:
    _open(page, "report")
    table = page.locator("#table-closed_report table")
    days = table.locator("tbody td:nth-last-child(2)")
    expect(days.first).to_be_visible()
    shortest_first = sorted(days.all_inner_texts(), key=lambda text: float(text.replace(",", "")))
    page.locator("#table-closed_report").get_by_role("button", name="Lead time (days)").click()
    expect(days).to_have_text(shortest_first)
    assert _state(page)["sort"] == "closed_report.lead_time_days"
    assert len(_rows(page, "closed_report")) == len(shortest_first)
    link = str(table.locator("tbody a").first.get_attribute("href"))
    assert page.request.get(link).ok
