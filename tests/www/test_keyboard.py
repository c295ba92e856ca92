"""A walk with the keyboard alone: from the overview by the search to a project, a chart and a task."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from www.running import wait_for_charts, watched_page

pytestmark = pytest.mark.browser

FOCUS = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const styles = [at, at.nextElementSibling, at.closest("label, summary, .segments")].filter(Boolean);
  const isMarked = styles.map((each) => getComputedStyle(each)).some((style) =>
    (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none");
  const isSeen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { isMarked, isSeen, what: at.outerHTML.slice(0, 120), isBody: at === document.body };
}"""
STEPS = 80


@pytest.fixture
def page(public_address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=public_address, viewport={"width": 1100, "height": 800})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


def _tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus; wherever it is in between, it can be seen."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert not focus["isBody"], "the focus left the page before it came there"
        assert focus["isMarked"], f"nothing shows that the focus is at {focus['what']}"
        assert focus["isSeen"], f"the focus is out of sight at {focus['what']}"
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{STEPS} times Tab do not lead to {wanted}")


def test_a_day_is_tried_and_a_change_opened_without_a_pointer(page: Page) -> None:
    page.goto("/-/ddd/impact")
    _tab_to(page, page.get_by_label("Measure", exact=True))
    page.keyboard.type("closed")
    page.keyboard.press("Enter")  # closes the list that typing opened, or sends the form
    if "at=" not in page.url:
        _tab_to(page, page.get_by_role("button", name="Compare"))
        page.keyboard.press("Enter")
    expect(page.locator(".answer .said")).to_be_visible()
    page.goto("/-/ddd/impact")
    story = page.get_by_role("link", name="Limit work in progress")
    _tab_to(page, story)
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ddd/impact/wip-limits")
    wait_for_charts(page)
    _tab_to(page, page.get_by_label("Measure", exact=True))
    _tab_to(page, page.locator("[data-panel=weeks]").get_by_role("link", name="CSV"))


def test_from_the_overview_to_a_task_without_a_pointer(page: Page) -> None:
    page.goto("/-/ddd/")
    page.keyboard.press("/")
    page.keyboard.type("team 1")
    option = page.get_by_role("option", name="Product / Team 1").first
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ddd/workflow?project=PHID-PROJ-team1*")
    wait_for_charts(page)

    _tab_to(page, page.get_by_role("tab", name="Flow"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    now = page.get_by_role("tab", name="Now")
    expect(now).to_be_focused()
    expect(now).to_have_attribute("aria-selected", "true")
    wait_for_charts(page)

    chart = page.locator("[data-panel=aging_work]")
    table = chart.locator("summary", has_text="Table")
    _tab_to(page, table)
    page.keyboard.press("Enter")
    task = chart.locator(".rows-place a").first
    expect(task).to_be_visible()
    _tab_to(page, task)
    name = task.inner_text()
    _tab_to(page, chart.locator("summary", has_text="Definition"))
    page.keyboard.press("Enter")
    expect(chart.locator("details", has_text="One row of metric_work_item_age each.")).to_have_attribute(
        "open", ""
    )
    _tab_to(page, chart.get_by_role("link", name="Data and SQL"))
    _tab_to(page, chart.get_by_role("link", name="CSV"))
    _tab_to(page, chart.get_by_role("button", name="PNG"))

    task.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/-/ddd/task/{name}")
    expect(page.locator("h1")).to_contain_text(name)
    page.go_back()
    expect(page.get_by_role("tab", name="Now")).to_have_attribute("aria-selected", "true")
