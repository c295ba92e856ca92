"""Pages on paper: charts as wide as a column of A4, in light colours, whatever the window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from www.running import wait_for_charts, watched_page
from www.sample import HOSTILE_PROJECT

pytestmark = pytest.mark.browser

A4_INNER_PIXELS = round((210 - 2 * 12) / 25.4 * 96)
_FILLS_ITS_CARD = (
    "one => Math.abs(one.querySelector('svg')?.getBoundingClientRect().width - one.clientWidth) <= 2"
)


def _on_paper(page: Page) -> None:
    """What a browser does when somebody prints, but for the paper."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.set_viewport_size({"width": A4_INNER_PIXELS, "height": 1000})
    page.emulate_media(media="print")


@pytest.mark.parametrize("path", [f"/-/ddd/workflow?project={HOSTILE_PROJECT}", "/-/ddd/impact/wip-limits"])
def test_charts_fill_their_column_on_paper_and_go_back_after_it(
    browser: Browser, public_address: str, path: str
) -> None:
    context = browser.new_context(
        base_url=public_address, viewport={"width": 1440, "height": 900}, color_scheme="dark"
    )
    page, problems = watched_page(context, public_address)
    page.goto(path)
    wait_for_charts(page)
    charts = page.locator(".chart .drawing:has(svg)")
    words = charts.first.locator("svg .role-axis-label text").first
    dark = words.get_attribute("fill")
    pdf = page.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox\s*\[0 0 59[4-6]", pdf), "A4"
    _on_paper(page)
    for chart in charts.all():
        drawn = chart.locator("svg").first
        expect(drawn).to_have_attribute("viewBox", re.compile(r"^0 0 6[0-9]{2} "))
        page.wait_for_function(_FILLS_ITS_CARD, arg=chart.element_handle())
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".chart .links").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_INNER_PIXELS
    assert words.get_attribute("fill") != dark
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(words).to_have_attribute("fill", str(dark))
    context.close()
    assert problems == []
