"""Declared changes on charts of time: those that concern what is shown, on their days, nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from www.running import wait_for_charts, watched_page
from www.sample import HOSTILE
from www.sample_impact import HOSTILE_DATE, LIMITS_DATE, RETREAT_DATE, RETREAT_ENDED, TEAM

pytestmark = pytest.mark.browser

HEADS = "svg .mark-symbol.role-mark path[transform]"


@pytest.fixture
def page(browser: Browser, public_address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=public_address, viewport={"width": 1280, "height": 900})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


def _open(page: Page, query: str) -> None:
    page.goto(f"/-/ddd/workflow?{query}")
    wait_for_charts(page)


def _said(page: Page, chart: str) -> str:
    label = page.locator(f"#chart-{chart} .drawing").get_attribute("aria-label") or ""
    return label.partition(" Declared changes: ")[2]


def test_a_projects_charts_mark_its_changes_with_their_titles(page: Page) -> None:
    _open(page, f"project={TEAM}")
    told = f"{HOSTILE_DATE} {HOSTILE}; {LIMITS_DATE} Limit work in progress."
    for chart in ("throughput", "net_flow", "wip", "open_tasks", "cumulative_flow"):
        assert _said(page, chart) == told
    heads = page.locator(f"#chart-throughput {HEADS}")
    expect(heads).to_have_count(2)
    heads.first.hover()
    tooltip = page.locator("#vg-tooltip-element.visible")
    expect(tooltip).to_contain_text(HOSTILE)
    expect(tooltip).to_contain_text(HOSTILE_DATE)
    expect(tooltip.locator("img, script, b")).to_have_count(0)


def test_marks_stand_on_their_day_in_every_kind_of_chart(page: Page) -> None:
    _open(page, f"project={TEAM}&tab=time&date_start=2026-08-01&date_end=2026-08-31")
    for chart in ("cycle_time", "lead_time", "finished_tasks"):
        assert _said(page, chart) == f"{LIMITS_DATE} Limit work in progress."
    box = page.locator(
        "#chart-finished_tasks svg .root.mark-group.role-frame > g > path.background"
    ).bounding_box()
    rule = page.locator(
        "#chart-finished_tasks svg .mark-rule.role-mark line[stroke-dasharray]"
    ).first.bounding_box()
    assert box
    assert rule
    # the days of August are 31 parts of the width; the change was on the third
    assert (rule["x"] - box["x"]) / box["width"] == pytest.approx(2 / 31, abs=0.02)


def test_what_concerns_all_is_marked_everywhere_and_what_was_taken_back_twice(page: Page) -> None:
    _open(page, "date_start=2025-10-01")
    told = f"{RETREAT_DATE} No meetings; {RETREAT_ENDED} Ended: No meetings."
    assert _said(page, "throughput") == told
    _open(page, f"project={TEAM}&date_start=2025-10-01")
    assert _said(page, "throughput").startswith(told.removesuffix("."))
    _open(page, "project=PHID-PROJ-team2")
    assert _said(page, "throughput") == ""
    expect(page.locator(f"#chart-throughput {HEADS}")).to_have_count(0)


def test_a_mark_can_be_seen_in_light_and_dark(page: Page) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        _open(page, f"project={TEAM}")
        rule = page.locator("#chart-throughput svg .mark-rule.role-mark line[stroke-dasharray]").first
        expect(rule).to_be_attached()
        colours.add(rule.get_attribute("stroke"))
    assert len(colours) == 2
