"""The pages of deployments and of one train: what is drawn is what was queried, and every way leads back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ddd.settings import PROJECT_DIR
from www.running import served, wait_for_charts, watched_page
from www.sample import HOSTILE
from www.sample_pages import TRAIN as FOUND_TRAIN
from www.sample_trains import TRAINS_COUNT, build_trains_sample, version_of

pytestmark = pytest.mark.browser
TRAIN = version_of(54)
"""It was rolled back, had three blockers and a conductor whose name breaks pages."""


@pytest.fixture
def page(trains_address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=trains_address, viewport={"width": 1100, "height": 900})
    page, problems = watched_page(context, trains_address)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert problems == []


def _open(page: Page, path: str) -> None:
    page.goto(path)
    wait_for_charts(page)


def _state(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def _rows(page: Page, panel: str) -> list[dict[str, object]]:
    """What the panel's own link to its data gives."""
    link = page.locator(f"[data-panel={panel}] [data-link=query]").get_attribute("href")
    assert link
    path, _, query = link.partition("?")
    address = page.url.split("/-/")[0]
    found: list[dict[str, object]] = httpx.get(f"{address}{path}.json?{query}&_shape=array").json()
    return found


def _choose(page: Page, panel: str, label: str, becomes: str) -> None:
    """Click what is called so, and wait until the panel shows it."""
    page.get_by_text(label, exact=True).click()
    link = page.locator(f"[data-panel={panel}] [data-link=query]")
    expect(link).to_have_attribute("href", re.compile(becomes))
    wait_for_charts(page)


def _marks(page: Page, panel: str, kind: str = "") -> int:
    return page.locator(f"[data-panel={panel}] svg .mark-{kind or 'rect'} path").count()


def test_each_train_is_a_mark_and_each_mark_leads_to_its_train(page: Page) -> None:
    _open(page, "/-/ddd/deployments")
    rows = _rows(page, "trains_over_time")
    assert len(rows) == 53  # a train a week
    points = page.locator("[data-panel=trains_over_time] svg .mark-symbol.role-mark path")
    assert points.count() == len(rows)
    expect(page.locator("#figures-trains_summary .figure")).to_have_count(7)
    (summary,) = _rows(page, "trains_summary")
    expect(page.locator("#figures-trains_summary .figure").nth(1)).to_contain_text(
        str(summary["trains_count"])
    )
    points.last.click()
    page.wait_for_url(f"**/-/ddd/train/{rows[-1]['version']}")
    page.go_back()
    wait_for_charts(page)
    assert page.title().startswith("Deployments")


def test_findings_lead_to_their_train_and_pipeline(page: Page) -> None:
    page.goto("/-/ddd/data-quality")
    train = page.locator("details.entry", has_text="Train without release task").locator("tbody a")
    expect(train).to_have_attribute("href", f"/-/ddd/train/{FOUND_TRAIN}")
    page.locator("details.entry", has_text="Unknown changes").locator("summary").click()
    page.locator("details.entry", has_text="Unknown changes").locator("tbody a").click()
    wait_for_charts(page)
    assert _state(page) == {"tab": "dora", "pipeline": HOSTILE, "environment": "a&b"}


def test_filters_change_what_is_drawn_and_back_works(page: Page) -> None:
    _open(page, "/-/ddd/deployments")
    expect(page.locator("#pipeline")).to_be_hidden()  # no chart of this tab is of one pipeline
    months = _rows(page, "train_delay")
    _choose(page, "train_delay", "Week", "period=week")
    weeks = _rows(page, "train_delay")
    assert {row["group_name"] for row in months} == {"group0", "group1", "group2"}
    assert len(months) < len(weeks) / 3
    _choose(page, "train_list", "3 months", "date_start=2026-08-18")
    assert len(_rows(page, "train_list")) == page.locator("#table-train_list tbody tr").count() == 14
    page.go_back()
    assert _state(page) == {"period": "week"}
    expect(page.locator("#table-train_list tbody tr")).to_have_count(53)
    _choose(page, "train_list", "All", "date_start=2025-0")
    expect(page.locator("#table-train_list tbody tr")).to_have_count(TRAINS_COUNT)


def test_blockers_are_stacked_by_the_group_in_which_they_were_found(page: Page) -> None:
    _open(page, "/-/ddd/deployments")
    rows = [row for row in _rows(page, "train_blockers") if row["blockers_count"]]
    bars = page.locator("[data-panel=train_blockers] svg .mark-rect.role-mark path")
    heights = bars.evaluate_all("all => all.map((bar) => bar.getBBox().height)")
    assert len([height for height in heights if height > 1]) == len(rows)
    colours = set(bars.evaluate_all("all => all.map((bar) => bar.getAttribute('fill'))"))
    assert len(colours) >= 3
    table = page.locator("#table-newest_blockers tbody tr")
    assert table.count() == len(_rows(page, "newest_blockers"))
    expect(table.first.get_by_role("link").first).to_have_attribute(
        "href", re.compile(r"^/-/ddd/train/1\.46\.0-wmf\.\d+$")
    )


def test_patches_and_the_coefficients(page: Page) -> None:
    _open(page, "/-/ddd/deployments?tab=patches")
    rows = _rows(page, "train_patches")
    assert _marks(page, "train_patches", "rect.role-mark") == len(rows)
    coefficients = page.locator("#table-size_correlations tbody tr")
    assert coefficients.count() == 10  # nothing is known of authors in the third size
    expect(coefficients.first).to_contain_text("any trouble")
    assert "-0" not in [cell.strip() for cell in coefficients.locator("td.number").all_inner_texts()]
    assert page.locator("[data-panel=size_against_trouble] svg .mark-symbol.role-mark path").count() == 60


def test_escaped_bugs_lead_to_their_train_task_and_patch(page: Page) -> None:
    _open(page, "/-/ddd/deployments?tab=patches")
    bars = _marks(page, "escaped_bugs", "rect.role-mark")
    assert bars == len(_rows(page, "escaped_bugs"))
    found = page.locator("#table-escaped_bug_list tbody tr")
    assert found.count() == len(_rows(page, "escaped_bug_list")) > 10
    safe = found.filter(has=page.locator("a[href^='https://gerrit.example.org/r/c/core/+/']")).first
    addresses = [str(link.get_attribute("href")) for link in safe.get_by_role("link").all()]
    assert re.fullmatch(r"/-/ddd/train/1\.46\.0-wmf\.\d+", addresses[0])
    assert re.fullmatch(r"/-/ddd/task/T\d+", addresses[1])
    expect(page.locator("#table-escaped_bug_list a[href^=javascript]")).to_have_count(0)


def test_the_five_are_of_one_pipeline_and_environment(page: Page) -> None:
    _open(page, "/-/ddd/deployments?tab=dora")
    expect(page.locator("#pipeline")).to_be_visible()
    chosen = page.locator("#pipeline option").all_inner_texts()
    assert sorted(chosen) == sorted(["wiki-service", HOSTILE])
    page.get_by_label("Pipeline").select_option(HOSTILE)
    expect(page.locator("#environment option:checked")).to_have_text("staging & <b>")
    expect(page.locator("[data-panel=deployment_frequency] [data-link=query]")).to_have_attribute(
        "href", re.compile("pipeline=%3Cscript")
    )
    wait_for_charts(page)
    rows = _rows(page, "deployment_frequency")
    assert rows
    assert _marks(page, "deployment_frequency", "rect.role-mark") >= len(rows)
    failed = page.locator("#table-failed_deployments tbody tr")
    assert failed.count() == len(_rows(page, "failed_deployments"))
    expect(failed.first).to_contain_text(HOSTILE.split(" {{")[0])
    _choose(page, "deployment_frequency", "Week", "period=week")
    assert _state(page) == {"tab": "dora", "pipeline": HOSTILE, "period": "week"}
    page.go_back()
    page.go_back()
    wait_for_charts(page)
    assert _state(page) == {"tab": "dora"}


def test_the_story_of_a_train(page: Page) -> None:
    _open(page, f"/-/ddd/train/{TRAIN}")
    expect(page.locator("h1")).to_have_text(f"Train {TRAIN}")
    rows = _rows(page, "what_ran_where")
    deployments = [row for row in rows if row["kind"] == "deployment"]
    assert len(deployments) == 4  # three groups, and once back
    drawn = page.locator("[data-panel=what_ran_where] svg .mark-symbol.role-mark path")
    assert drawn.count() == len(deployments)
    own = {row["group_name"] for row in rows if row["kind"] == "span" and row["ran_version"] == TRAIN}
    assert own == {"testwikis", "group0", "group1", "group2"}
    blockers = page.locator("[data-panel=what_blocked_it] svg .mark-text.role-mark text")
    assert [text.split()[0] for text in blockers.all_text_contents()] == ["T10", "T11", "T12"]
    log = page.locator("#table-train_log tbody tr")
    events = [row["event"] for row in _rows(page, "train_log")]
    assert events.count("Promoted") == 3
    assert events.count("Blocker added") == 3
    assert events.count("Blocker resolved") == 2
    assert events.count("Rolled back") == events.count("Backport merged") == 1
    assert log.count() == len(events)
    times = log.locator("td:first-child").all_inner_texts()
    assert times == sorted(times)
    expect(page.locator("#table-train_log")).to_contain_text("<script>alert(1)</script>")


def test_links_of_a_train(page: Page) -> None:
    _open(page, f"/-/ddd/train/{TRAIN}")
    on_server = page.locator("#table-train_log").get_by_role("link", name="T11").last
    expect(on_server).to_have_attribute("href", "https://phabricator.example.org/T11")
    expect(page.locator(".dashboard-head")).to_contain_text("T55 on phabricator.example.org")
    patches = page.locator("#table-train_patch_list tbody tr")
    assert patches.count() == 4
    expect(patches.first).to_contain_text("yes")  # the backport comes first
    addresses = patches.get_by_role("link").evaluate_all("all => all.map((link) => link.href)")
    assert len(addresses) == 3
    assert all(address.startswith("https://gerrit.example.org/") for address in addresses)
    expect(page.locator("#table-train_patch_list")).to_contain_text("javascript:alert(9)")  # as text
    page.locator("[rel=prev]").click()
    page.wait_for_url(f"**/train/{version_of(53)}")
    page.locator("[rel=next]").click()
    page.wait_for_url(f"**/train/{TRAIN}")
    wait_for_charts(page)
    page.locator("#table-train_neighbours").get_by_role("link", name=version_of(52), exact=True).click()
    page.wait_for_url(f"**/train/{version_of(52)}")


@pytest.mark.proof
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["deployments", "deployments?tab=patches", "deployments?tab=dora", f"train/{TRAIN}"]
)
def test_axe_finds_nothing(browser: Browser, trains_address: str, path: str, scheme: Any) -> None:
    context = browser.new_context(base_url=trains_address, color_scheme=scheme)
    page, problems = watched_page(context, trains_address)
    _open(page, f"/-/ddd/{path}")
    page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    found = Axe().run(page).response["violations"]
    context.close()
    assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found] == []
    assert problems == []


@pytest.mark.parametrize("width", [390, 1920])
@pytest.mark.parametrize("path", ["deployments", f"train/{TRAIN}"])
def test_nothing_is_wider_than_the_window(
    browser: Browser, trains_address: str, path: str, width: int
) -> None:
    context = browser.new_context(base_url=trains_address, viewport={"width": width, "height": 900})
    page, problems = watched_page(context, trains_address)
    _open(page, f"/-/ddd/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert problems == []


def test_a_quiet_train_says_so(page: Page) -> None:
    _open(page, f"/-/ddd/train/{version_of(1)}")
    expect(page.locator("[data-panel=what_blocked_it] .message")).to_contain_text("Nothing is known")
    expect(page.locator(".lead")).to_contain_text("was never rolled back")


def test_unknown_trains_are_not_there_and_lead_back(trains_address: str) -> None:
    assert httpx.get(f"{trains_address}/-/ddd/train/php-{TRAIN}").status_code == 200
    for unknown in ("1.99.0-wmf.1", "all", "%3Cscript%3E", "1.46.0-wmf.1'--", "1.46.0-wmf.99999"):
        answer = httpx.get(f"{trains_address}/-/ddd/train/{unknown}", follow_redirects=True)
        assert answer.status_code == 404
        assert 'href="/-/ddd/"' in answer.text
        assert "<script>" not in answer.text
    asked = httpx.get(f"{trains_address}/-/ddd/train").text
    assert f'href="/-/ddd/train/{version_of(TRAINS_COUNT - 1)}"' in asked


def test_without_a_train_there_is_a_way_to_the_five(
    tmp_path: Path, browser: Browser, trains_dir: Path
) -> None:
    build_trains_sample(tmp_path / "train.db", with_trains=False)
    shutil.copy(trains_dir / "metrics.db", tmp_path)
    with served(tmp_path) as address:
        context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
        page, problems = watched_page(context, address)
        _open(page, "/-/ddd/deployments")
        message = page.locator("[data-panel=trains_over_time] .message")
        expect(message).to_contain_text("No train is known here. Set MEDIAWIKI_CONFIG_REPO")
        message.get_by_role("button", name="Show DORA's five").click()
        wait_for_charts(page)
        expect(page.locator("#figures-dora_summary .figure")).to_have_count(6)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        context.close()
    assert problems == []


def _tokens(scheme: str) -> dict[str, tuple[float, float, float]]:
    css = (PROJECT_DIR / "www" / "static" / "ddd" / "ddd.css").read_text()
    names = "none|test|0|1|2"
    found = re.findall(rf"--group-({names}): #([0-9a-f]{{6}})", css)
    assert len(found) == 10
    half = found[:5] if scheme == "light" else found[5:]

    def linear(text: str) -> float:
        share = int(text, 16) / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    return {name: (linear(code[:2]), linear(code[2:4]), linear(code[4:])) for name, code in half}


# Machado, Oliveira and Fernandes 2009, severity 1: what people see who lack one kind of cone.
SEEN = {
    "deuteranope": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanope": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "tritanope": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "everybody": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN)
def test_groups_are_told_apart_by_everybody(scheme: str, eyes: str) -> None:
    """At least 11 units of CIE L*a*b* (1976) between any two groups; about 2 are just noticeable."""
    seen = {
        name: _lab(*(sum(w * c for w, c in zip(row, rgb, strict=True)) for row in SEEN[eyes]))
        for name, rgb in _tokens(scheme).items()
    }
    names = sorted(seen)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
            assert distance > 11, f"{one} and {other}: {distance:.1f}"


def _lab(red: float, green: float, blue: float) -> tuple[float, float, float]:
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089

    def f(part: float) -> float:
        return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116

    return 116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))
