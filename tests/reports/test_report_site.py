"""The real site, built by Node and opened in a browser from a folder of a plain web server."""

import json
import os
import shutil
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
from ddd.reports.build import install
from ddd.reports.content import REPORTS_DIR
from ddd.reports.sources import write_sources
from ddd.reports.tables import read_tables
from ddd.settings import DEMO_SITE, Settings
from www.running import find_chromium, watched_page

from .published import DOCS, NAMES, QUIET, write_published
from .published import PAGES as PROJECT_PAGES

pytestmark = [
    pytest.mark.reports, pytest.mark.proof, pytest.mark.browser, pytest.mark.timeout(1800),
    pytest.mark.skipif(not shutil.which("npm"), reason="Node.js with npm is not installed"),
    pytest.mark.skipif(not find_chromium(), reason="Chromium is not installed"),
]  # fmt: skip

BASE_PATH = "/team/report"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that its base class gives it)
        """Say nothing: a failed request shows in the browser."""


TOY = """---
title: Slow work
---

```sql said
select topic, importance, text from words.statements where report = 'weekly' order by sequence
```

<Statements rows={said} topic="aging" />
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ReportResult:
    """The site of a checkout that has one page more."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "www").mkdir()
    write_published(folder / "www" / "metrics.db")
    install(REPORTS_DIR)
    reports = folder / "reports"
    shutil.copytree(REPORTS_DIR, reports, ignore=shutil.ignore_patterns("node_modules", "build", ".evidence"))
    linked = partial(shutil.copytree, copy_function=os.link, symlinks=True)
    linked(REPORTS_DIR / "node_modules", reports / "node_modules")
    (reports / "pages" / "slow-work.md").write_text(TOY)
    settings = Settings(site=DEMO_SITE, www_dir=folder / "www")
    return build(settings, folder / "served" / "team" / "report", base_path=BASE_PATH, reports_dir=reports)


@pytest.fixture(scope="module")
def address(built: ReportResult) -> Iterator[str]:
    served = built.out.parents[1]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def open_page(page: Page, address: str, path: str = "", charts: int | None = None) -> None:
    page.goto(f"{address}{BASE_PATH}/{path}")
    if charts is not None:
        expect(page.locator("main canvas")).to_have_count(charts, timeout=60_000)
    expect(page.locator("main h1")).to_be_visible(timeout=60_000)


def choose_project(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name=name, exact=True).click()


def expect_answer(page: Page, *parts: str) -> None:
    for part in parts:
        expect(page.locator("main p.text-lg")).to_contain_text(part, timeout=60_000)


PAGES = {
    "": (3, "In the week of 16 to 22 November 2026, 6 tasks were closed and 9 created."),
    "projects/search/": (
        2,
        "Cycle time of Search / Backend rose from 7.0 to 9.2 days (P85), above its usual range",
    ),
    "projects/project-2/": (2, "Of 4 tasks of Docs <b>bold</b> finished in October 2026, half took 3.1 days"),
    "deployments/": (2, "In the fourth quarter of 2026 so far, 7 of 8 trains had trouble"),
    "statistics/": (4, "In October 2026, 78 tasks were created and 74 closed; 16 people worked on tasks."),
    "data-quality/": (0, "The data have no errors, no warnings and 7 notes."),
    "slow-work/": (0, "2 tasks are in progress, 1 of them for longer than the expected 9.2 days."),
}
"""Charts and what is said on each page; the last one is the file that a report costs."""


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_and_draws_its_figures_without_the_engine(
    browser: Browser, address: str, path: str
) -> None:
    charts, answer = PAGES[path]
    with browser.new_context(
        timezone_id="America/Los_Angeles", viewport={"width": 1440, "height": 6000}
    ) as context:
        page, problems = watched_page(context, address)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        open_page(page, address, path, charts)
        expect(page.get_by_text(answer)).to_be_visible()
        expect(page.get_by_role("note")).to_contain_text("Simulated data.")
        assert "Data of 23 November 2026 at 00:05 UTC." in page.locator("main").inner_text()
        assert not [url for url in asked if "duckdb" in url or url.endswith(".parquet")]
        assert problems == []


@pytest.mark.parametrize("path", PAGES)
def test_without_javascript_every_page_can_be_read(browser: Browser, address: str, path: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page, problems = watched_page(context, address)
        page.goto(f"{address}{BASE_PATH}/{path}")
        expect(page.get_by_text(PAGES[path][1])).to_be_visible()
        assert problems == []


def test_a_title_is_text_and_every_page_is_in_the_menu(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page, problems = watched_page(context, address)
        open_page(page, address)
        expect(page.get_by_text('T7 “<script>alert(1)</script> & "quoted" in two lines”')).to_be_visible()
        for name in ("Projects", "Deployments", "Statistics of the month", "Data quality", "Slow work"):
            expect(page.locator("aside").get_by_role("link", name=name)).to_be_visible()
        assert problems == []


def test_projects_can_be_chosen(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page, problems = watched_page(context, address)
        open_page(page, address, "projects/", 2)
        expect_answer(
            page,
            "In the last four complete weeks (26 October to 22 November 2026) 19 tasks were closed, 58 %",
            "Of the 13 tasks finished in October 2026",
        )
        for phid, name in NAMES.items():
            link = page.get_by_role("link", name=name, exact=True)
            expect(link).to_have_attribute("href", f"{BASE_PATH}/projects/{PROJECT_PAGES[phid]}/")
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


def test_without_javascript_the_table_of_projects_can_be_read(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page, problems = watched_page(context, address)
        page.goto(f"{address}{BASE_PATH}/projects/")
        row = page.get_by_role("row").filter(has_text="Search / Backend")
        assert row.inner_text().split("\t")[1:] == ["64", "Oct 2026", "9", "3.14", "10.96", "15.5"]
        assert problems == []


def test_the_mail_is_beside_its_page(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page, _ = watched_page(context, address)
        open_page(page, address, "statistics/")
        link = page.get_by_role("link", name="statistics-2026-10.txt")
        answer = context.request.get(f"{address}{link.get_attribute('href')}")
        assert answer.text().startswith("Statistics of October 2026 for a simulated organisation")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page, _ = watched_page(context, address)
        for path in PAGES:
            page.goto(f"{address}{BASE_PATH}/{path}")
            expect(page.locator("main h1")).to_be_visible(timeout=60_000)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_a_visitor_downloads_is_what_the_wrapper_says(
    browser: Browser, address: str, built: ReportResult
) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 6000}) as context:
        page, _ = watched_page(context, address)
        sizes: dict[str, int] = {}
        context.on(
            "response",
            lambda answer: sizes.update({answer.url: int(answer.headers.get("content-length", 0))}),
        )
        open_page(page, address, "", 3)
        assert built.visit_bytes == pytest.approx(sum(sizes.values()), rel=0.1)
        before = set(sizes)
        open_page(page, address, "projects/", 2)
        choose_project(page, NAMES[DOCS])  # answered by the query engine, so that all of it has arrived
        expect_answer(page, "7 tasks were closed")
        engine = [
            size
            for url, size in sizes.items()
            if url not in before and ("duckdb" in url or ".parquet" in url)
        ]
        assert built.engine_bytes == pytest.approx(sum(engine), rel=0.05)
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
    write_published(tmp_path / "metrics.db", has_finished_tasks=False)
    tables = read_tables(tmp_path, REPORTS_DIR / "sources")
    write_sources(tables, tmp_path / "data")
    files = {"metrics": [str(path) for path in (tmp_path / "data" / "metrics").rglob("*.parquet")]}
    answer = subprocess.run(
        ["node", "--input-type=module", "--eval", ENGINE, json.dumps(files)],
        cwd=REPORTS_DIR, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    counts = json.loads(answer.stdout)
    assert {f"metrics.{name}": count for name, count in counts.items()} == {
        name: len(table.rows) for name, table in tables.items() if name.startswith("metrics.")
    }
    assert counts["cycle_time"] == 0


def test_the_site_names_no_other_host(built: ReportResult) -> None:
    for path in built.out.rglob("*.html"):
        text = path.read_text()
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
