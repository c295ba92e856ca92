"""The real site, built by Node and opened in a browser from a folder of a plain web server."""

import json
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ddd.reports import ReportResult, build
from ddd.reports.build import REPORTS_DIR
from ddd.reports.sources import write_sources
from ddd.settings import DEMO_SITE, Settings
from www.running import chromium, find_chromium, watched_page

from .published import DOCS, NAMES, QUIET, write_published

pytestmark = [
    pytest.mark.reports, pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800),
    pytest.mark.skipif(not shutil.which("npm"), reason="Node.js with npm is not installed"),
    pytest.mark.skipif(not find_chromium(), reason="Chromium is not installed"),
]  # fmt: skip

BASE_PATH = "/team/report"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that its base class gives it)
        """Say nothing: a failed request shows in the browser."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ReportResult:
    folder = tmp_path_factory.mktemp("report")
    (folder / "www").mkdir()
    write_published(folder / "www" / "metrics.db")
    settings = Settings(site=DEMO_SITE, www_dir=folder / "www")
    return build(settings, folder / "served" / "team" / "report", base_path=BASE_PATH)


@pytest.fixture(scope="module")
def address(built: ReportResult) -> Iterator[str]:
    served = built.out.parents[1]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def open_report(page: Page, address: str) -> None:
    page.goto(f"{address}{BASE_PATH}/")
    expect(page.locator("main canvas")).to_have_count(2, timeout=60_000)


def choose_project(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name=name, exact=True).click()


def answer(page: Page) -> str:
    return " ".join(page.locator("main p.text-lg").inner_text().split())


def expect_answer(page: Page, *parts: str) -> None:
    for part in parts:
        expect(page.locator("main p.text-lg")).to_contain_text(part, timeout=60_000)


def test_the_first_page_says_and_draws_the_figures(browser: Browser, address: str) -> None:
    with browser.new_context(timezone_id="America/Los_Angeles") as context:
        page, problems = watched_page(context, address)
        open_report(page, address)
        expect(page.get_by_role("note")).to_contain_text("Simulated data.")
        assert "Data of 23 November 2026 at 00:05 UTC." in page.locator("main").inner_text()
        assert answer(page) == (
            "In the last four complete weeks (26 October to 22 November 2026) 19 tasks were closed, "
            "58 % more than in the four weeks before (12). Of the 13 tasks finished in October 2026, "
            "half took 3.1 days or less from start to close, and 85 % took 11 days or less."
        )
        for name in NAMES.values():
            expect(page.get_by_role("cell", name=name, exact=True)).to_be_visible()
        expect(page.get_by_text("85 % took no longer.")).to_be_visible()
        assert problems == []


def test_a_chosen_project_changes_words_and_charts(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page, problems = watched_page(context, address)
        open_report(page, address)
        choose_project(page, NAMES[DOCS])
        expect_answer(page, "7 tasks were closed, 75 % more", "Of the 4 tasks finished in October 2026")
        choose_project(page, NAMES[QUIET])
        expect_answer(
            page,
            "no tasks were closed, as in the four weeks before",
            "No task was both started and closed in a complete month",
        )
        expect(page.get_by_text("No task was finished in a complete month of this range.")).to_be_visible()
        assert problems == []


def test_without_javascript_the_page_can_be_read(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page, problems = watched_page(context, address)
        page.goto(f"{address}{BASE_PATH}/")
        assert "19 tasks were closed, 58 % more than in the four weeks before (12)" in answer(page)
        expect(page.get_by_role("note")).to_contain_text("Simulated data.")
        row = page.get_by_role("row").filter(has_text="Search / Backend")
        assert row.inner_text().split("\t")[1:] == ["64", "Oct 2026", "9", "3.1", "11", "15.5"]
        assert problems == []


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page, _ = watched_page(context, address)
        open_report(page, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_a_visitor_downloads_is_what_the_wrapper_says(
    browser: Browser, address: str, built: ReportResult
) -> None:
    with browser.new_context() as context:
        page, _ = watched_page(context, address)
        sizes: dict[str, int] = {}
        context.on(
            "response",
            lambda answer: sizes.update({answer.url: int(answer.headers.get("content-length", 0))}),
        )
        open_report(page, address)
        choose_project(page, NAMES[DOCS])  # answered by the query engine, so that all of it has arrived
        expect_answer(page, "7 tasks were closed")
        assert built.visit_bytes == pytest.approx(sum(sizes.values()), rel=0.05)
        assert not any("mvp" in url for url in sizes)


ENGINE = """
import { initDB, query, setParquetURLs } from '@evidence-dev/universal-sql/client-duckdb';
await initDB();
await setParquetURLs(JSON.parse(process.argv[1]));
const tables = query("select table_name from information_schema.tables where table_schema = 'metrics'");
const counts = tables.map(({ table_name }) =>
    [table_name, Number(query(`select count(*) as rows from metrics.${table_name}`)[0].rows)]);
console.log(JSON.stringify(Object.fromEntries(counts)));
"""


@pytest.mark.usefixtures("built")
def test_the_engine_reads_every_table_also_those_without_rows(tmp_path: Path) -> None:
    metrics = write_published(tmp_path / "metrics.db", has_finished_tasks=False)
    with sqlite3.connect(metrics) as file:
        file.execute("update catalog_columns set unit = null")
    file.close()
    written = write_sources(metrics, REPORTS_DIR / "sources", tmp_path / "data")
    files = {"metrics": [str(path) for path in (tmp_path / "data").rglob("*.parquet")]}
    answer = subprocess.run(
        ["node", "--input-type=module", "--eval", ENGINE, json.dumps(files)],
        cwd=REPORTS_DIR, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    counts = json.loads(answer.stdout)
    assert {f"metrics.{name}": count for name, count in counts.items()} == written.rows_counts
    assert counts["cycle_time"] == 0


def test_the_site_names_no_other_host(built: ReportResult) -> None:
    for path in built.out.rglob("*.html"):
        text = path.read_text()
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
