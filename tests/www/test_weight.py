"""How much a first visit of each page downloads, as a browser counts it, and how answers are compressed."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from ddd.compressing import LEAST_BYTES, accepts_gzip, compressed
from www.running import wait_for_charts

LIMIT_BYTES = 1_000_000
PAGES = ["/-/ddd/", "/-/ddd/workflow?tab=time", "/-/ddd/task/T1", "/metrics/tasks"]
OTHERS = [
    *("/-/ddd/all-metrics", "/-/ddd/data-quality", "/-/ddd/statistics", "/-/ddd/train/1.46.0-wmf.54"),
    *(f"/-/ddd/workflow?tab={tab}" for tab in ("flow", "now", "forecast", "board", "burnup", "report")),
    *(f"/-/ddd/deployments?tab={tab}" for tab in ("trains", "patches", "dora")),
    *("/", "/metrics"),
]


@pytest.mark.browser
@pytest.mark.parametrize("path", [*PAGES, *(pytest.param(path, marks=pytest.mark.slow) for path in OTHERS)])
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
    if len(plain.content) >= LEAST_BYTES:
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"]
        assert answer.num_bytes_downloaded < len(plain.content) / 1.5
    head = httpx.head(trains_address + path, headers={"accept-encoding": "gzip"})
    assert head.status_code == plain.status_code


@pytest.mark.parametrize(
    ("value", "is_accepted"),
    [
        (b"gzip, deflate, br", True),
        (b"br;q=1.0, GZIP; q=0.8", True),
        (b"*", True),
        (b"gzip;q=0", False),
        (b"gzip; q = 0.0, *", False),
        (b"br", False),
        (b"identity", False),
    ],
)
def test_who_can_read_gzip(value: bytes, is_accepted: bool) -> None:
    assert accepts_gzip([(b"host", b"x"), (b"accept-encoding", value)]) is is_accepted
    assert not accepts_gzip([(b"host", b"x")])


@pytest.mark.parametrize("piece_bytes", [1, 1000, 300_000])
def test_pieces_are_compressed_into_one_body(piece_bytes: int) -> None:
    body = Path(__file__).read_bytes() * 100
    pieces = [body[at : at + piece_bytes] for at in range(0, min(len(body), piece_bytes * 400), piece_bytes)]
    headers = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Content-Length", b"5")]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for place, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": place < len(pieces) - 1})

    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", b"gzip")]}
    with ThreadPoolExecutor(1) as pool:  # the browser's loop may be running in this one
        pool.submit(asyncio.run, compressed(application)(scope, None, send)).result()
    assert [name for name, _ in sent[0]["headers"]] == [b"Content-Type", b"content-encoding", b"vary"]
    assert gzip.decompress(b"".join(event["body"] for event in sent[1:])) == b"".join(pieces)
    assert [event["more_body"] for event in sent[1:]][-1] is False
