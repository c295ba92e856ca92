"""How much a first visit of each page downloads, as a browser counts it, and how answers are compressed."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser

from www.running import wait_for_charts

LIMIT_BYTES = 1_000_000
COMPRESSED_FROM_BYTES = 500
PAGES = ["/-/ddd/", "/-/ddd/workflow?tab=time", "/-/ddd/task/T1", "/metrics/tasks"]
OTHERS = [
    *("/-/ddd/all-metrics", "/-/ddd/data-quality", "/-/ddd/statistics", "/-/ddd/train/1.46.0-wmf.54"),
    *("/-/ddd/impact?at=2026-06-15&metric=closed%20tasks&weeks=8", "/-/ddd/impact/wip-limits"),
    *(f"/-/ddd/workflow?tab={tab}" for tab in ("flow", "now", "forecast", "board", "burnup", "report")),
    *(f"/-/ddd/deployments?tab={tab}" for tab in ("trains", "patches", "dora")),
    *("/", "/metrics"),
]


@pytest.mark.browser
@pytest.mark.parametrize("path", [*PAGES, *(pytest.param(path, marks=pytest.mark.proof) for path in OTHERS)])
def test_a_first_visit_is_under_a_megabyte(browser: Browser, trains_address: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(trains_address + path)
    if page.locator(".drawing").count():
        wait_for_charts(page)
    page.wait_for_load_state("networkidle")
    loaded: dict[str, int] = page.evaluate(
        "() => Object.fromEntries([...performance.getEntriesByType('navigation'),"
        " ...performance.getEntriesByType('resource')].map((each) => [each.name, each.transferSize]))"
    )
    context.close()
    assert all(loaded.values()), "nothing comes out of the browser's memory at a first visit"
    assert sum(loaded.values()) < LIMIT_BYTES, sorted(loaded.items(), key=lambda one: -one[1])[:5]


@pytest.mark.parametrize(
    "path",
    [
        "/-/ddd/workflow", "/-/ddd/workflow.json", "/static/vendor/vega.js", "/static/ddd/ddd.css",
        "/metrics/tasks.csv?_size=max&_stream=on", "/metrics/workflow_boards.json?_shape=array",
        "/-/ddd/nothing",
    ],
)  # fmt: skip
def test_an_answer_is_the_same_compressed_and_not(trains_address: str, path: str) -> None:
    plain = httpx.get(trains_address + path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    answer = httpx.get(trains_address + path, headers={"accept-encoding": "gzip"})
    assert answer.status_code == plain.status_code
    assert answer.content == plain.content
    if len(plain.content) >= COMPRESSED_FROM_BYTES:
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert answer.num_bytes_downloaded < len(plain.content) / 1.5
    head = httpx.head(trains_address + path, headers={"accept-encoding": "gzip"})
    assert head.status_code == plain.status_code
