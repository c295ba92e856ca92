"""PHIDs and task numbers in Datasette's own tables and in SQL."""

from __future__ import annotations

import html
import sqlite3
from pathlib import Path
from typing import Any

import httpx

from www.sample import HOSTILE, HOSTILE_PROJECT
from www.sample_task import OWNER, TASK


def _rows(address: str, sql: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{address}/metrics.json", params={"sql": sql, "_shape": "array"})
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_sql_knows_phids(address: str, site_dir: Path) -> None:
    with sqlite3.connect(site_dir / "metrics.db") as file:
        sql = "select task_phid, title from tasks where task_id = ?"
        task, title = file.execute(sql, [TASK]).fetchone()
    file.close()
    (row,) = _rows(
        address,
        f"select is_phid('{task}') as a, is_phid('T1') as b, is_phid(null) as c, phidtype('{task}') as d,"
        f" phidtype(7) as e, phid_lookup('{task}') as f, phid_lookup('{OWNER}') as g,"
        f" phid_lookup('PHID-PCOL-two') as h, phid_lookup('PHID-USER-unknown') as i, phid_lookup('x') as j",
    )
    found = tuple(row.values())
    assert found == (1, 0, 0, "TASK", None, f"T{TASK} {title}", HOSTILE, "Done", None, None)


def test_tables_show_names_and_lead_to_pages(public_address: str) -> None:
    page = httpx.get(f"{public_address}/metrics/task_projects?task_id={TASK}").text
    assert f'<a href="/-/ddd/task/T{TASK}">T{TASK}</a>' in page
    assert f'<a href="/-/ddd/search?q={HOSTILE_PROJECT}">' in page
    assert f"{HOSTILE_PROJECT}</small>" in page
    events = httpx.get(f"{public_address}/metrics/task_events?task_id={TASK}").text
    assert html.escape(HOSTILE, quote=False).split("&")[1] in events
    assert "<script>alert" not in events
    answer = httpx.get(f"{public_address}/metrics/task_projects.json?task_id={TASK}&_shape=array").json()
    assert answer[0]["project_phid"] == HOSTILE_PROJECT, "data stay as they are"


def test_a_facet_of_phids_shows_names(public_address: str) -> None:
    path = "/metrics/task_projects.json?_facet_phid=project_phid&_facet_phid=column_phid"
    facets = httpx.get(public_address + path).json()["facet_results"]
    (column,) = facets["column_phid"]["results"]
    assert (column["label"], column["value"], column["count"]) == ("Done", "PHID-PCOL-two", 1)
    assert "_facet_phid=column_phid" not in facets["column_phid"]["toggle_url"]
    page = httpx.get(public_address + path.replace(".json", "")).text
    assert "Done</a>" in page
    assert "<script>alert" not in page
