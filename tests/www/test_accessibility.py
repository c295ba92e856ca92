"""Every kind of page before axe-core, light and dark, with everything unfolded."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from www.running import wait_for_charts, watched_page
from www.sample import HOSTILE_PROJECT
from www.sample_impact import LIMITS
from www.sample_task import TASK
from www.sample_trains import version_of

OWN_PAGES = [
    "/-/ddd/",
    "/-/ddd/all-metrics",
    "/-/ddd/data-quality",
    "/-/ddd/search?q=number",
    "/-/ddd/search?q=T99999999",
    "/-/ddd/impact?at=2026-06-15&metric=closed%20tasks&weeks=8",
    f"/-/ddd/impact/{LIMITS}",
    "/-/ddd/statistics",
    "/-/ddd/task",
    f"/-/ddd/task/T{TASK}",
    f"/-/ddd/workflow?project={HOSTILE_PROJECT}",
]
PAGES_OF_DATASETTE = ["/", "/metrics", "/metrics/tasks?_size=5&status=open", "/metrics/overview_figures"]
PAGES_WITH_DEPLOYMENTS = [
    "/-/ddd/",
    "/-/ddd/deployments",
    "/-/ddd/deployments?tab=patches",
    "/-/ddd/deployments?tab=dora",
    "/-/ddd/train",
    f"/-/ddd/train/{version_of(54)}",
]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.proof)])
@pytest.mark.parametrize("path", [*OWN_PAGES, *PAGES_OF_DATASETTE])
def test_axe_finds_nothing(browser: Browser, address: str, path: str, scheme: Any) -> None:
    """Our own pages keep its advice on good practice too, Datasette's keep WCAG 2.1 AA."""
    _require_nothing_found(browser, address, path, scheme)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.proof)])
@pytest.mark.parametrize("path", PAGES_WITH_DEPLOYMENTS)
def test_axe_finds_nothing_on_deployments(
    browser: Browser, trains_address: str, path: str, scheme: Any
) -> None:
    _require_nothing_found(browser, trains_address, path, scheme)


def _require_nothing_found(browser: Browser, address: str, path: str, scheme: Any) -> None:
    context = browser.new_context(base_url=address, color_scheme=scheme)
    page, problems = watched_page(context, address)
    page.goto(path)
    if page.locator(".drawing").count():
        wait_for_charts(page)
    page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    found = Axe().run(page, options=WCAG if path in PAGES_OF_DATASETTE else None).response["violations"]
    context.close()
    told = [f"{each['id']}: {each['help']}\n    {each['nodes'][0]['html'][:200]}" for each in found]
    assert not told, "\n".join(told)
    assert problems == []
