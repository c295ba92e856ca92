"""The pages beside the dashboards, in a real browser and by their HTML: figures, definitions, findings."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ddd.settings import PROJECT_DIR
from ddd.views.overview import number_text
from ddd.views.queries import load_queries
from ddd.views.sparkline import HEIGHT, MARGIN, WIDTH, sparkline
from www.running import watched_page
from www.sample import CLOCK, HOSTILE, HOSTILE_PROJECT
from www.sample_pages import FINDINGS, TRAIN

QUERIES = load_queries(PROJECT_DIR / "www" / "queries")
GREAT_TABLES = {"tasks", "project_tasks", "task_events", "task_spans", "task_projects", "data_quality"}
PAGES = ("/-/ddd/", "/-/ddd/all-metrics", "/-/ddd/data-quality")
WITH_SEARCH = (*PAGES, "/-/ddd/search", "/-/ddd/search?q=number", "/-/ddd/search?q=T99999999")


@pytest.fixture
def page(browser: Browser, public_address: str) -> Iterator[Page]:
    """A page of the server with open SQL off, which fails the test on anything the browser complains of."""
    context = browser.new_context(base_url=public_address, viewport={"width": 1280, "height": 900})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


# overview


@pytest.mark.browser
def test_the_overview_says_what_is_unusual_and_draws_it(page: Page) -> None:
    page.goto("/-/ddd/")
    closed = page.locator(".figure", has_text="Closed tasks")
    expect(closed.locator(".value")).to_have_text("31")
    expect(closed.locator(".verdict")).to_have_text("More than usual (15 to 28)")
    expect(closed).to_contain_text("+9 on the week before")
    assert "is-unusual" in str(closed.get_attribute("class"))
    label = str(closed.get_by_role("img").get_attribute("aria-label"))
    assert re.search(r"53 weeks from 2025-11-10: lowest 20, highest 31, 1 beyond the usual range", label)
    assert closed.locator(".course").evaluate("(line) => line.getBBox().width") == WIDTH - 2 * MARGIN
    median = page.locator(".figure", has_text="Median cycle time")
    expect(median.locator(".value")).to_contain_text("–")
    expect(median.locator(".verdict")).to_contain_text("Nothing was finished")
    assert "is-unusual" not in str(median.get_attribute("class"))
    unusual = page.get_by_role("region", name="Out of the ordinary").or_(
        page.locator("section:has(#unusual)")
    )
    expect(unusual.first).to_contain_text("31 tasks closed, more than usual (15 to 28).")


@pytest.mark.browser
def test_an_unusual_project_leads_to_its_dashboard_and_a_figure_to_its_definition(page: Page) -> None:
    page.goto("/-/ddd/")
    line = page.locator(".sentences li", has_text="<script>")
    expect(line).to_contain_text(HOSTILE)
    expect(line).to_contain_text("1 task created, fewer than usual (4 to 12)")
    assert str(line.locator("a").get_attribute("href")).endswith(f"workflow?project={HOSTILE_PROJECT}")
    page.locator(".figure a", has_text="Closed tasks").click()
    expect(page.locator("details#throughput")).to_have_attribute("open", "")
    expect(page.locator("#throughput > summary")).to_be_in_viewport()


def test_the_overview_is_short_and_leads_everywhere(address: str) -> None:
    html = httpx.get(f"{address}/-/ddd/").text
    assert "<script>alert" not in html
    for path in (*PAGES[1:], "/-/ddd/workflow", "/metrics", "/metrics/overview_figures"):
        assert f'href="{path}"' in html, path
    assert "46 warnings, 2 notes." in html


def test_numbers_of_cards() -> None:
    assert number_text(None, "days") == "–"
    assert number_text(12345, "tasks") == "12,345"
    assert number_text(3.14159, "days") == "3.1"
    assert number_text(-2, "tasks", signed=True) == "−2"
    assert number_text(0, "tasks", signed=True) == "±0"


def test_a_sparkline_keeps_proportions_and_gaps() -> None:
    drawn = sparkline([0, 10, None, 5], [None, (0, 10), (0, 10), (2, 8)], [False, True, False, False])
    bottom, top, middle = HEIGHT - MARGIN, MARGIN, HEIGHT / 2
    assert drawn.line == f"M4.0,{bottom:.1f} L81.3,{top:.1f} M236.0,{middle:.1f}"
    assert drawn.dots == [(81.3, top)]
    assert drawn.last == (236.0, middle)
    assert len(drawn.band.split()) == 6
    assert sparkline([], [], []).line == ""
    assert sparkline([None], [None], [False]).last is None


def test_the_overview_shows_deployments_of_the_newest_whole_month(trains_address: str, address: str) -> None:
    html = httpx.get(f"{trains_address}/-/ddd/").text
    rows = httpx.get(f"{trains_address}/train/overview_deployments.json?_shape=array&_size=max").json()
    assert {row["is_complete"] for row in _months(trains_address)} == {0, 1}
    whole = {row["period_started_date"] for row in _months(trains_address) if row["is_complete"]}
    assert {row["period_started_date"] for row in rows} <= whole
    newest = max(rows, key=lambda row: (row["period_started_date"], row["deployments_count"]))
    section = html[html.index('id="deploying"') : html.index('id="dashboards"')]
    assert f"{newest['pipeline']}, {newest['environment']}</a>" in section
    assert f'<p class="value">{newest["deployments_count"]}</p>' in section
    assert f"{100 * newest['failed_deployments_share']:g} <span" in section
    assert "tab=dora&amp;pipeline=" in section
    assert "the month before" in section
    assert "<script>" not in section
    assert 'id="deploying"' not in httpx.get(f"{address}/-/ddd/").text, "a site without deployments"


def _months(address: str) -> list[dict[str, Any]]:
    path = "/train/metric_deployment_frequency.json?_shape=array&_size=max&period=month"
    found: list[dict[str, Any]] = httpx.get(address + path).json()
    return found


# all metrics


@pytest.mark.browser
def test_metrics_are_found_by_any_word(page: Page) -> None:
    page.goto("/-/ddd/all-metrics")
    count = page.locator("details.entry").count()
    expect(page.locator("#found")).to_have_text(f"{count} metrics")
    page.get_by_label("Find", exact=True).fill("done lead")
    expect(page.locator("details.entry:visible")).to_have_count(1)
    expect(page.locator("#found")).to_have_text(f"1 of {count} metrics")
    expect(page.locator("h2:visible")).to_have_text(["Time"])
    assert page.url.endswith("?find=done+lead")
    page.get_by_label("Find", exact=True).fill("no such thing")
    expect(page.locator("#nothing-found")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("details.entry:visible")).to_have_count(count)
    page.get_by_role("button", name="Open all").click()
    assert page.locator("details.entry[open]").count() == count


@pytest.mark.browser
def test_a_definition_is_whole_and_is_text(page: Page) -> None:
    page.goto("/-/ddd/all-metrics#throughput")
    entry = page.locator("details#throughput")
    expect(entry).to_have_attribute("open", "")
    expect(entry).to_contain_text("Tasks closed then; zero periods are included.")
    assert entry.inner_text().count(CLOCK) == 1, "the clock is told once, and as text"
    expect(entry).to_contain_text("dbt_project/models/metrics/metric_throughput.sql")
    expect(entry.get_by_role("link", name="metric_throughput")).to_have_attribute(
        "href", "/metrics/metric_throughput"
    )
    shown_on = entry.get_by_role("link", name=re.compile("Workflow"))
    assert str(shown_on.first.get_attribute("href")).startswith("/-/ddd/workflow")
    entry.get_by_text("Columns", exact=True).click()
    expect(entry.locator("td", has_text="What closed_tasks_count is.")).to_be_visible()


@pytest.mark.browser
def test_keyboard_alone_opens_a_metric(page: Page) -> None:
    page.goto("/-/ddd/all-metrics")
    page.get_by_label("Find", exact=True).focus()
    page.keyboard.type("cumulative")
    page.keyboard.press("Tab")  # the button that opens all
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#cumulative_flow > summary')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("details#cumulative_flow")).to_have_attribute("open", "")


# data quality


@pytest.mark.browser
def test_findings_have_counts_reasons_and_tasks(page: Page) -> None:
    page.goto("/-/ddd/data-quality")
    expect(page.locator(".figure .value")).to_have_text(["0", str(FINDINGS + 1), "2"])
    kind = page.locator("details.entry", has_text="History ends elsewhere")
    expect(kind.locator("summary")).to_contain_text(HOSTILE)
    expect(kind).to_contain_text(f"The first 20 of {FINDINGS}.")
    assert kind.locator("tbody tr").count() == 20
    expect(kind.locator("tbody tr").first).to_contain_text(HOSTILE)
    assert kind.locator("tbody a").first.get_attribute("href") == "/-/ddd/task/T1"
    train = page.locator("details.entry", has_text="Train without release task").locator("tbody td").first
    expect(train).to_have_text(TRAIN)
    expect(train.locator("a")).to_have_count(0)  # the file of trains is not served here
    kind.get_by_role("link", name="All of them").click()
    expect(page.locator("h1, h3").first).to_be_visible()
    assert "finding=history+ends+elsewhere" in page.url


def test_streams_that_stay_behind_are_told(address: str) -> None:
    html = httpx.get(f"{address}/-/ddd/data-quality").text
    assert "6 days behind<" in html
    assert "never complete" in html
    assert "<script>alert" not in html


# every page


@pytest.mark.parametrize("name", QUERIES)
def test_queries_of_pages_never_scan_a_great_table(name: str, trains_dir: Path) -> None:
    query = QUERIES[name]
    is_of_trains = any("deployment" in table or table == "trains" for table in query.tables)
    with sqlite3.connect(trains_dir / ("train.db" if is_of_trains else "metrics.db")) as file:
        tables = {row[0] for row in file.execute("select name from sqlite_master")}
        assert query.tables <= tables, "the hand-made file has what every page reads"
        plan = file.execute(
            f"explain query plan {query.sql}", dict.fromkeys(query.parameters, "x")
        ).fetchall()
    scans = [
        row[3]
        for row in plan
        if re.match(r"SCAN (\w+)", row[3])
        and row[3].split()[1] in GREAT_TABLES
        and "COVERING INDEX" not in row[3]
    ]
    assert not scans, plan


@pytest.mark.browser
@pytest.mark.parametrize("path", WITH_SEARCH)
def test_pages_are_sound_for_assistive_technology(page: Page, path: str) -> None:
    page.goto(path)
    assert page.locator("main").count() == page.locator("h1").count() == 1
    levels = page.locator("h1, h2, h3").evaluate_all("(all) => all.map((each) => Number(each.tagName[1]))")
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    assert page.evaluate(NAMELESS) == []
    ids = page.locator("[id]").evaluate_all("(all) => all.map((each) => each.id)")
    assert len(ids) == len(set(ids))


NAMELESS = """() => [...document.querySelectorAll('a, button, input, summary, [role=region], [role=img], th')]
  .filter((each) => !each.textContent.trim() && !each.ariaLabel && !each.labels?.length
    && !each.getAttribute('aria-labelledby'))
  .map((each) => each.outerHTML.slice(0, 120))"""
"""What has a role and no name."""


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_window(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page, problems = watched_page(context, address)
    for path in WITH_SEARCH:
        page.goto(path)
        page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert problems == []
