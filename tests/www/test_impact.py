"""What came of declared changes: the list with verdicts, one change's story, and signals nobody explained."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from www.running import served, wait_for_charts, watched_page
from www.sample import HOSTILE, build_sample
from www.sample_impact import HOSTILE_KEY, LIMITS, RETREAT, SIGNAL_WEEK, TEAM, TRAINS

ANSWER = (
    "Median cycle time went down from 12.4 to 7.4 days (−40\N{NO-BREAK SPACE}%;"
    " 95\N{NO-BREAK SPACE}% interval −6.5 to −3.1 days): better."
)


@pytest.fixture
def page(browser: Browser, public_address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=public_address, viewport={"width": 1280, "height": 900})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


@pytest.mark.browser
def test_the_list_tells_each_changes_verdict_in_words_and_leads_to_its_story(page: Page) -> None:
    page.goto("/-/ddd/impact")
    changes = page.locator("article.change")
    expect(changes).to_have_count(4)
    expect(changes.locator(".badge")).to_have_text(["better", "changed", "worse", "not measured"])
    limits = changes.filter(has_text="Limit work in progress")
    expect(limits).to_contain_text(ANSWER)
    expect(limits).to_contain_text("No evidence that anything else changed: closed tasks.")
    expect(limits).to_contain_text("Too little data: flow efficiency.")
    hostile = changes.nth(1)
    expect(hostile.locator("h3 a")).to_have_text(HOSTILE)
    expect(hostile.locator("script, img")).to_have_count(0)
    limits.get_by_role("link", name="Limit work in progress").click()
    expect(page).to_have_url(re.compile(rf"/-/ddd/impact/{LIMITS}$"))
    expect(page.locator("h1")).to_have_text("Limit work in progress")


@pytest.mark.browser
def test_a_story_begins_with_the_answer_and_its_address_is_its_state(page: Page) -> None:
    page.goto(f"/-/ddd/impact/{LIMITS}")
    wait_for_charts(page)
    expect(page.locator(".answer li").first).to_have_text(ANSWER)
    expect(page.locator("#measure")).to_have_value("median cycle time")
    expect(page.locator("#chart-weeks svg .mark-symbol.role-mark path")).to_have_count(27)
    # two rules: the day on which it began, and the day from which on it was in effect
    expect(page.locator("#chart-weeks svg .mark-rule.role-mark line")).to_have_count(2)
    expect(page.locator("#chart-behaviour svg .mark-symbol.role-mark path")).to_have_count(80)
    evidence = page.locator("[data-panel=evidence]")
    expect(evidence).to_contain_text("−5 days (−40 %), 95 % interval −6.5 to −3.1")
    expect(evidence).to_contain_text("3 others: −0.5 days; less that, −4.5 days remain")
    page.locator("#measure").select_option("closed tasks")
    expect(evidence).to_contain_text("+0.5 tasks (+10 %)")
    assert parse_qs(urlsplit(page.url).query)["measure"] == ["closed tasks"]
    page.reload()
    expect(page.locator("#measure")).to_have_value("closed tasks")
    expect(evidence).to_contain_text("+0.5 tasks (+10 %)")
    page.go_back()
    expect(evidence).to_contain_text("−5 days (−40 %)")


@pytest.mark.browser
def test_a_change_of_several_is_told_for_each_of_them(page: Page) -> None:
    page.goto(f"/-/ddd/impact/{RETREAT}")
    wait_for_charts(page)
    expect(page.locator(".answer h2.of")).to_have_text(["The whole site", "train/production"])
    page.locator("#concerned").select_option("train/production")
    expect(page.locator("#measure")).to_have_value("change fail rate")
    expect(page.locator("[data-panel=evidence]")).to_contain_text("+0.1 (share) (+100 %)")


@pytest.mark.browser
def test_a_change_without_figures_says_so(page: Page) -> None:
    page.goto(f"/-/ddd/impact/{TRAINS}")
    wait_for_charts(page)
    expect(page.locator(".answer")).to_contain_text("Nothing was measured around it yet.")
    expect(page.locator("#chart-weeks .message")).to_contain_text("No week around this change has a value")
    page.goto(f"/-/ddd/impact/{HOSTILE_KEY}")
    wait_for_charts(page)
    expect(page.locator("h1")).to_have_text(HOSTILE)
    expect(page.locator(".answer .caveats")).to_contain_text(HOSTILE)


@pytest.mark.browser
def test_any_day_is_tried_in_the_form_and_its_weeks_are_drawn(page: Page, site_dir: Path) -> None:
    day, weeks = date(2026, 6, 15), 8
    with sqlite3.connect(site_dir / "metrics.db") as file:
        known = file.execute(
            "select period_started_date, closed_tasks_count from metric_throughput where project_phid = ?"
            " and period = 'week' and subtype = 'all' and priority_name = 'all'"
            " and period_started_date >= ? and period_started_date < ?",
            [TEAM, str(day - timedelta(weeks=weeks)), str(day + timedelta(weeks=weeks))],
        ).fetchall()
    file.close()
    before = [count for week, count in known if week < str(day)]
    after = [count for week, count in known if week >= str(day)]
    page.goto("/-/ddd/impact")
    page.get_by_label("Day", exact=True).fill(str(day))
    page.get_by_label("Measure").select_option("closed tasks")
    page.get_by_label("Project or pipeline").select_option(TEAM)
    page.get_by_label("Weeks on either side").fill(str(weeks))
    page.get_by_role("button", name="Compare").click()
    said = page.locator(".answer .said")
    expect(said).to_contain_text(f"from {_rounded(mean(before))} to {_rounded(mean(after))} tasks")
    expect(page.locator(".answer")).to_contain_text("Only a sample.")
    dots = page.locator("#tried svg .mark-symbol.role-mark path")
    expect(dots).to_have_count(len(before) + len(after))
    assert parse_qs(urlsplit(page.url).query) == {
        "at": [str(day)], "metric": ["closed tasks"], "project": [TEAM], "weeks": [str(weeks)],
    }  # fmt: skip
    page.go_back()
    expect(page.locator("#tried")).to_have_count(0)


def _rounded(value: float) -> str:
    """As people read it: one digit after the point, none where it is whole."""
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"at": "yesterday"}, "is no day: write it as 2026-01-31."),
        ({"metric": "luck"}, "is nothing that can be measured here"),
        ({"project": "nobody"}, "There is no project and no pipeline"),
        ({"weeks": "500"}, "weeks cannot be compared: give 4 to 104."),
        ({"at": "1999-01-04"}, "has no weeks with the measure"),
    ],
)
def test_what_cannot_be_tried_is_said_beside_the_form(address: str, given: dict[str, str], said: str) -> None:
    asked = {"at": "2026-06-15", "metric": "closed tasks", "project": TEAM, "weeks": "8"} | given
    answer = httpx.get(f"{address}/-/ddd/impact", params=asked)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert said in html.unescape(answer.text)


def test_signals_nobody_explained_are_listed_by_week(address: str) -> None:
    text = httpx.get(f"{address}/-/ddd/impact", params={"project": TEAM}).text
    assert "Week 23 of 2026" in text  # 2026-06-01 is the Monday of that week
    assert SIGNAL_WEEK in text
    assert "Week 33 of 2026" not in text, "a declared change is near it"
    assert "Week 33 of 2026" in httpx.get(f"{address}/-/ddd/impact").text, "nobody declared one for all"


@pytest.mark.parametrize("key", ["nothing", "wip-limits'--", "WIP-LIMITS", "%3Cscript%3E", "a b"])
def test_an_unknown_change_is_not_found(address: str, key: str) -> None:
    answer = httpx.get(f"{address}/-/ddd/impact/{key}", follow_redirects=True)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_pages_without_changes_say_how_to_begin(tmp_path: Path) -> None:
    path = build_sample(tmp_path / "metrics.db", tasks_count=30)
    with sqlite3.connect(path) as file:
        for table in ("process_changes", "process_change_targets", "metric_process_behaviour"):
            file.execute(f"delete from {table}")
    file.close()
    with served(tmp_path) as address:
        text = httpx.get(f"{address}/-/ddd/impact").text
        assert "No change was declared." in text
        assert "None in the last year." in text
        assert httpx.get(f"{address}/-/ddd/impact/{LIMITS}").status_code == 404
