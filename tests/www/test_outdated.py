"""Pages on a file that an older Data³ wrote: what needs a column that it lacks says so, the rest goes on."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from www.running import served, wait_for_charts, watched_page
from www.sample import HOSTILE_PROJECT
from www.sample_impact import LIMITS
from www.sample_task import TASK

OLDER = """
alter table data_quality rename column object_kind to kind;
alter table tasks rename column status_name to status_label;
drop table metric_age_at_column_exit;
delete from catalog_models where model_name = 'metric_age_at_column_exit';
delete from catalog_columns where model_name = 'metric_age_at_column_exit';
drop table catalog_statements;
drop table holidays;
delete from catalog_models where model_name = 'holidays';
delete from catalog_columns where model_name = 'holidays';
"""
SAID = "The published figures were written by an older Data³ and lack what this needs"
NEXT = "Run: dddcli refresh"


@pytest.fixture(scope="module")
def older_dir(site_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("older")
    shutil.copy(site_dir / "metrics.db", folder)
    with sqlite3.connect(folder / "metrics.db") as file:
        file.executescript(OLDER)
    file.close()
    return folder


@pytest.fixture(scope="module")
def older_address(older_dir: Path) -> Iterator[str]:
    with served(older_dir) as running:
        yield running


def test_every_query_that_the_file_cannot_answer_says_so_in_every_form(
    older_dir: Path, older_address: str
) -> None:
    file = sqlite3.connect(f"file:{older_dir / 'metrics.db'}?mode=ro", uri=True)
    unanswerable = set()
    with httpx.Client(base_url=older_address) as client:
        queries = client.get("/metrics.json").json()["queries"]
        for query in queries:
            given = dict.fromkeys(re.findall(r"(?<!:):(\w+)", query["sql"]), "")
            try:
                file.execute(query["sql"], given)
            except sqlite3.OperationalError as error:
                if "no such function" not in str(error):
                    unanswerable.add(query["name"])
            is_answered = query["name"] not in unanswerable
            for form in (".json",) if is_answered else ("", ".json", ".rows", ".csv"):
                answer = client.get(f"/metrics/{query['name']}{form}")
                assert (answer.status_code == 503) is not is_answered, (query["name"], form)
                if not is_answered:
                    said = answer.json()["error"] if form in {".json", ".rows"} else answer.text
                    assert SAID in said, (query["name"], form)
                    assert NEXT in said
    file.close()
    assert {"workflow_aging_work", "workflow_oldest_open", "data_quality_objects"} <= unanswerable
    assert len(unanswerable) < len(queries) / 3


@pytest.mark.parametrize(
    ("path", "lacks"),
    [
        ("/-/ddd/data-quality", "no such column"),
        (f"/-/ddd/task/T{TASK}", "no such column"),
        (f"/-/ddd/search?q=T{TASK}", "no such column"),
        ("/-/ddd/impact?at=2026-06-15&metric=closed+tasks&weeks=8", "no such table: holidays"),
    ],
)
def test_a_page_that_the_server_writes_says_so_and_leads_on(
    older_address: str, path: str, lacks: str
) -> None:
    answer = httpx.get(f"{older_address}{path}")
    assert answer.status_code == 503
    assert SAID in answer.text
    assert NEXT in answer.text
    assert lacks in answer.text
    assert 'href="/-/ddd/"' in answer.text
    assert httpx.get(f"{older_address}/-/ddd/").status_code == 200


@pytest.mark.browser
def test_of_a_dashboard_only_the_panels_concerned_say_so(older_address: str, browser: Browser) -> None:
    context = browser.new_context(base_url=older_address)
    page, _ = watched_page(context, older_address)  # the browser notes each answer 503 as a problem
    page.set_default_timeout(15_000)
    page.goto(f"/-/ddd/workflow?project={HOSTILE_PROJECT}&tab=now")
    wait_for_charts(page)
    expect(page.locator("[data-panel=aging_work] .message")).to_contain_text(SAID)
    expect(page.locator("[data-panel=aging_work] .message")).to_contain_text(NEXT)
    expect(page.locator("#chart-open_age svg .mark-symbol path").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("path", ["/-/ddd/impact", f"/-/ddd/impact/{LIMITS}"])
def test_pages_of_changes_say_so_of_a_file_from_before_there_were_any(
    site_dir: Path, tmp_path: Path, path: str
) -> None:
    shutil.copy(site_dir / "metrics.db", tmp_path)
    with sqlite3.connect(tmp_path / "metrics.db") as file:
        for table in ("process_changes", "metric_change_impact"):
            file.execute(f"drop table {table}")
            for catalog in ("catalog_models", "catalog_columns"):
                file.execute(f"delete from {catalog} where model_name = ?", [table])
    file.close()
    with served(tmp_path) as address:
        answer = httpx.get(f"{address}{path}")
    assert answer.status_code == 503
    assert SAID in answer.text
    assert NEXT in answer.text
