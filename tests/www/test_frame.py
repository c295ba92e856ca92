"""What any dashboard can have: tabs, subjects, tables, figures, inputs and lists to choose from."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ddd.settings import PROJECT_DIR
from www.running import served_plainly, wait_for_charts, watched_page
from www.sample import HOSTILE

pytestmark = pytest.mark.browser
YAML = Path(__file__).parent / "dashboards" / "everything.yaml"


@pytest.fixture(scope="module")
def everything_address(site_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with one dashboard, which has everything."""
    folder = tmp_path_factory.mktemp("everything") / "www"
    shutil.copytree(
        PROJECT_DIR / "www",
        folder,
        ignore=shutil.ignore_patterns("*.db", "vendor", "__pycache__", "dashboards"),
    )
    (folder / "dashboards").mkdir()
    shutil.copy(YAML, folder / "dashboards")
    shutil.copy(site_dir / "metrics.db", folder)
    with served_plainly(folder) as running:
        yield running


@pytest.fixture
def page(everything_address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=everything_address, viewport={"width": 1000, "height": 900})
    page, problems = watched_page(context, everything_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


def _open(page: Page, path: str = "/-/ddd/everything/T30") -> None:
    page.goto(path)
    wait_for_charts(page)


def _state(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_subject_is_found_or_its_page_is_not_there(everything_address: str) -> None:
    found = httpx.get(f"{everything_address}/-/ddd/everything/T30")
    assert found.status_code == 200
    assert "<h1>T30 Task number 30</h1>" in found.text
    for unknown in ("T999999", "T", "30", "T30x", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "T30'--"):
        answer = httpx.get(f"{everything_address}/-/ddd/everything/{unknown}", follow_redirects=True)
        assert answer.status_code == 404
        assert "There is no task " in answer.text
        assert 'href="/-/ddd/"' in answer.text
        assert "<script>alert" not in answer.text
    hostile = httpx.get(f"{everything_address}/-/ddd/everything/T1").text
    assert "<script>alert" not in hostile
    assert "&lt;script&gt;alert(1)" in hostile


def test_a_page_of_subjects_asks_for_one(page: Page) -> None:
    page.goto("/-/ddd/everything")
    assert page.locator(".subjects a").count() == 20
    page.get_by_label("Which task?").fill(" T30 ")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/-/ddd/everything/T30")
    wait_for_charts(page)
    assert page.title() == "T30 Task number 30 · Data³"


def test_figures_show_their_row_and_what_it_is_compared_with(page: Page, everything_address: str) -> None:
    _open(page)
    (row,) = httpx.get(f"{everything_address}/metrics/everything_summary.json?subject=30&_shape=array").json()
    figures = page.locator("#figures-summary .figure")
    assert figures.count() == 3
    shown = float(figures.nth(0).locator(".value").inner_text().split()[0])
    assert shown == pytest.approx(row["lead_time_days"], abs=0.051)
    expect(figures.nth(0).locator(".comparison")).to_contain_text(
        f"than {row['cycle_time_days']:.1f} of work"
    )
    expect(figures.nth(1)).to_contain_text(re.compile(r"25\s%.*less than 50\s% a year before", re.DOTALL))
    expect(figures.nth(1).locator(".sign.good")).to_have_text("▼")
    expect(figures.nth(2).locator(".value")).to_have_text("yes")
    figures.nth(0).get_by_role("link").click()
    expect(page.get_by_role("tab", name="Rows")).to_have_attribute("aria-selected", "true")


def test_tabs_by_pointer_keyboard_address_and_back(page: Page) -> None:
    _open(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    numbers, rows = page.get_by_role("tab", name="Numbers"), page.get_by_role("tab", name="Rows")
    expect(page.locator("#tabpanel-rows")).to_be_hidden()
    rows.click()
    wait_for_charts(page)
    assert _state(page) == {"tab": "rows"}
    expect(page.locator("#tabpanel-numbers")).to_be_hidden()
    expect(page.locator("#tabpanel-rows table")).to_be_visible()
    assert not [url for url in asked if "everything_shape" in url or "everything_summary" in url]
    page.keyboard.press("ArrowRight")
    expect(numbers).to_be_focused()
    assert _state(page) == {}
    page.keyboard.press("End")
    expect(rows).to_be_focused()
    assert rows.get_attribute("tabindex") == "0"
    assert numbers.get_attribute("tabindex") == "-1"
    page.go_back()
    expect(numbers).to_have_attribute("aria-selected", "true")
    _open(page, "/-/ddd/everything/T30?tab=rows")
    expect(page.locator("#tabpanel-rows table")).to_be_visible()
    _open(page, "/-/ddd/everything/T30?tab=nonsense")
    expect(page.locator("#tabpanel-numbers")).to_be_visible()


def test_inputs_are_part_of_the_address_and_keep_their_bounds(page: Page) -> None:
    _open(page, "/-/ddd/everything/T30?tab=rows")
    lines = page.locator("#table-rows tbody tr")
    expect(lines).to_have_count(3)
    page.get_by_label("Tasks", exact=True).fill("5")
    page.get_by_label("Tasks", exact=True).press("Enter")
    expect(lines).to_have_count(5)
    assert _state(page) == {"tab": "rows", "tasks_count": "5"}
    page.get_by_label("Tasks", exact=True).fill("41")
    page.get_by_label("Tasks", exact=True).blur()
    assert page.get_by_label("Tasks", exact=True).evaluate("(field) => field.validationMessage") == (
        "Enter a whole number from 1 to 40."
    )
    assert _state(page)["tasks_count"] == "5"
    page.get_by_label("Created until").fill("2025-01-01")
    expect(page.locator("#table-rows .message")).to_have_text(
        "No task before it was created until 2025-01-01."
    )
    page.go_back()
    page.go_back()
    expect(lines).to_have_count(3)
    _open(page, "/-/ddd/everything/T30?tab=rows&tasks_count=1%20or%201")
    expect(lines).to_have_count(3)


def test_a_table_sorts_links_and_aligns(page: Page) -> None:
    _open(page, "/-/ddd/everything/T30?tab=rows&tasks_count=12")
    table = page.locator("#table-rows table")
    assert table.locator("th").all_inner_texts() == ["Task id", "Title", "Days", "Is closed", "Made", "Open"]
    assert table.locator("td.number").count() == 12
    assert table.locator("td a").first.get_attribute("href") == "/metrics/tasks?task_id=29"
    table.get_by_role("button", name="Days").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Days")
    texts = table.locator("td.number").all_inner_texts()
    assert [float(text) for text in texts if text] == sorted(float(text) for text in texts if text)
    page.locator("#table-rows th button", has_text="Days").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Days")
    assert _state(page)["sort"] == "rows.-lead_time_days"
    falling = [float(text) for text in table.locator("td.number").all_inner_texts() if text]
    assert falling == sorted(falling, reverse=True)
    page.go_back()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Days")
    assert HOSTILE in "".join(table.locator("td").all_inner_texts())
    table.get_by_role("link", name="T28", exact=True).last.click()
    page.wait_for_url("**/-/ddd/everything/T28")


def test_a_table_that_is_cut_is_sorted_by_its_query(page: Page, site_dir: Path) -> None:
    with sqlite3.connect(site_dir / "metrics.db") as file:
        known = file.execute("select lead_time_days from tasks where lead_time_days is not null order by 1")
        least, *_, most = [f"{days:,.1f}" for (days,) in known]
    file.close()
    _open(page, "/-/ddd/everything/T30?tab=ranked")
    table = page.locator("#table-ranked table")
    first = table.locator("tbody td.number").first
    expect(table.locator("tbody tr")).to_have_count(10)
    expect(page.locator("#table-ranked .limit")).to_contain_text("Only the first 10 rows")
    expect(table.get_by_role("button")).to_have_text(["Days"])
    table.get_by_role("button", name="Days").press("Enter")
    expect(first).to_have_text(least)
    expect(table.get_by_role("button", name="Days")).to_be_focused()
    table.get_by_role("button", name="Days").press("Enter")
    expect(first).to_have_text(most)
    assert _state(page)["sort"] == "ranked.-lead_time_days"
    page.go_back()
    expect(first).to_have_text(least)
    _open(page, "/-/ddd/everything/T30?tab=ranked&sort=ranked.priority_name")
    expect(table.locator("tbody a").first).to_have_text("T1")
    expect(table.locator("[aria-sort]")).to_have_count(0)


def test_lists_narrow_and_a_panel_says_when_it_cannot_be(page: Page) -> None:
    _open(page)
    expect(page.locator("#subtype option")).to_have_text(["All subtypes", "Task"])
    page.get_by_label("Subtype").select_option("default")
    expect(page.locator("#figures-summary .not-narrowed")).to_contain_text("Not narrowed by subtype")
    expect(page.locator("#chart-shape .not-narrowed")).to_be_hidden()
    assert _state(page) == {"subtype": "default"}
    page.get_by_label("Subtype").select_option("all")
    expect(page.locator("#figures-summary .not-narrowed")).to_be_hidden()
    assert _state(page) == {}
    _open(page, "/-/ddd/everything/T30?subtype=odd")
    expect(page.locator("#subtype option:checked")).to_have_text("odd (none here)")
    expect(page.locator("#chart-shape .message")).to_have_text("Nothing of All projects and odd.")


def test_a_click_on_a_mark_sets_a_filter(page: Page) -> None:
    _open(page)
    page.evaluate("history.replaceState(null, '', '?project=PHID-PROJ-team1')")
    page.reload()
    wait_for_charts(page)
    page.locator("#chart-shape svg .mark-rect path").first.click()
    assert _state(page) == {"project": "PHID-PROJ-team1"}
