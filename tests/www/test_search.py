"""The search of every page: by number, PHID and words, with the keyboard, and without scripts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from www.running import watched_page
from www.sample import HOSTILE, HOSTILE_PROJECT
from www.sample_task import TASK
from www.sample_trains import version_of


def _redirect(address: str, text: str) -> str:
    answer = httpx.get(f"{address}/-/ddd/search", params={"q": text})
    return answer.headers.get("location", "") if answer.status_code == 302 else ""


def _hits(address: str, text: str) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = httpx.get(f"{address}/-/ddd/search.json", params={"q": text}).json()
    return hits


@pytest.mark.parametrize(
    "text", ["T30", " t30 ", "https://phabricator.example.org/T30", "https://phabricator.example.org/T30#5"]
)
def test_a_task_that_is_named_is_opened(public_address: str, text: str) -> None:
    assert _redirect(public_address, text) == "/-/ddd/task/T30"


def test_a_phid_leads_to_what_it_names(trains_address: str, trains_dir: Path) -> None:
    with sqlite3.connect(trains_dir / "metrics.db") as file:
        (phid,) = file.execute("select task_phid from tasks where task_id = ?", [TASK]).fetchone()
    file.close()
    assert _redirect(trains_address, phid) == f"/-/ddd/task/T{TASK}"
    assert _redirect(trains_address, HOSTILE_PROJECT) == f"/-/ddd/workflow?project={HOSTILE_PROJECT}"
    board = f"/-/ddd/workflow?project={HOSTILE_PROJECT}&tab=board"
    assert _redirect(trains_address, "PHID-PCOL-two") == board
    person = "/metrics/users?user_phid=PHID-USER-hostile"
    assert _redirect(trains_address, "PHID-USER-hostile") == person
    assert httpx.get(trains_address + person).status_code == 200
    assert _redirect(trains_address, "PHID-TASK-unknown") == ""


def test_words_find_tasks_in_any_order_the_last_as_a_beginning(address: str, site_dir: Path) -> None:
    with sqlite3.connect(site_dir / "metrics.db") as file:
        titles = dict(file.execute("select task_id, title from tasks"))
    file.close()
    expected = {f"T{key} {title}" for key, title in titles.items() if title.startswith("Task number 30")}
    found = {hit["name"] for hit in _hits(address, "number 30") if hit["kind"] == "task"}
    assert "T30 Task number 30" in found
    assert found <= {f"T{key} {title}" for key, title in titles.items()}
    assert expected & found
    assert {hit["name"] for hit in _hits(address, "30 numb") if hit["kind"] == "task"} >= {
        "T30 Task number 30"
    }
    assert _hits(address, "30")[0]["name"] == "T30 Task number 30"
    assert not [hit for hit in _hits(address, "number zebra") if hit["kind"] == "task"]


def test_everything_with_a_page_is_found(trains_address: str) -> None:
    kinds = {
        "hostile": None,
        "Done": "column",
        "cycle time": "metric",
        "forecast": "page",
        version_of(54): "train",
    }
    for text, kind in kinds.items():
        hits = _hits(trains_address, text)
        assert kind is None or kind in {hit["kind"] for hit in hits}, text
        for hit in hits:
            assert httpx.get(trains_address + hit["url"]).status_code == 200, hit
    page = httpx.get(f"{trains_address}/-/ddd/search", params={"q": version_of(54)}).text
    assert f'href="/-/ddd/train/{version_of(54)}"' in page


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '" "',
        "*",
        "NEAR(",
        "a OR",
        "title:x",
        "^",
        "\x00",
        "a\x00b",
        "'",
        "-",
        "🙂",
        "x" * 5000,
        "a " * 500,
    ],
)
def test_odd_texts_find_little_and_break_nothing(address: str, text: str) -> None:
    assert isinstance(_hits(address, text), list)
    assert httpx.get(f"{address}/-/ddd/search", params={"q": text}).status_code == 200


def test_what_is_missing_is_said(address: str, trains_address: str) -> None:
    simulated = httpx.get(f"{address}/-/ddd/search?q=T99999999").text
    assert "There is no task T99999999 in these data" in simulated
    assert "phabricator.example.org" not in simulated
    assert (
        'href="https://phabricator.example.org/T99999999"'
        in httpx.get(f"{trains_address}/-/ddd/search?q=T99999999").text
    )
    assert "What can be found" in httpx.get(f"{address}/-/ddd/search").text
    assert "Nothing fits" in httpx.get(f"{address}/-/ddd/search?q=zebra").text


@pytest.fixture
def page(browser: Browser, public_address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=public_address, viewport={"width": 1100, "height": 900})
    page, problems = watched_page(context, public_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


@pytest.mark.browser
def test_keyboard_alone_finds_a_task_from_a_page_of_datasette(page: Page) -> None:
    page.goto("/metrics")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search tasks")
    expect(field).to_be_focused()
    page.keyboard.type("number 30")
    options = page.get_by_role("option")
    expect(options.filter(has_text="T30 Task number 30")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_value("number 30")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ddd/task/T*")


@pytest.mark.browser
def test_enter_shows_all_that_fits_and_hostile_names_are_text(page: Page) -> None:
    page.goto("/-/ddd/")
    field = page.get_by_role("combobox", name="Search tasks")
    field.fill("alert")
    expect(page.get_by_role("option").filter(has_text=HOSTILE).first).to_be_visible()
    field.press("Enter")
    page.wait_for_url("**/-/ddd/search?q=alert")
    expect(page.locator(".hits li").filter(has_text=HOSTILE).first).to_be_visible()


@pytest.mark.browser
def test_the_search_needs_no_script(browser: Browser, public_address: str) -> None:
    context = browser.new_context(base_url=public_address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/-/ddd/data-quality")
    page.get_by_role("combobox", name="Search tasks").fill("T30")
    page.get_by_role("combobox", name="Search tasks").press("Enter")
    expect(page.locator("h1")).to_have_text("T30 Task number 30")
    context.close()
