"""What is read from a published file, and the chart libraries beside it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ddd.errors import DataError
from ddd.pages import first_paragraph, prose
from ddd.published import read_published
from ddd.vega import BUNDLE, VEGA_LITE_VERSION, write_vega
from www.sample import build_sample


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://phabricator.example.org/api/", "https://phabricator.example.org/T1"),
        ("https://phabricator.example.org/", "https://phabricator.example.org/T1"),
        ("https://example.org/phorge/api/", "https://example.org/phorge/T1"),
    ],
)
def test_task_pages_of_a_real_server(tmp_path: Path, url: str, page: str) -> None:
    path = build_sample(tmp_path / "metrics.db", is_demo=False)
    with sqlite3.connect(path) as file:
        file.execute("update about set site_url = ?", [url])
    file.close()
    about = read_published(path).about
    assert f"{about.task_url_prefix}1" == page
    assert about.as_of_date == "2026-11-18"


def test_simulated_tasks_have_no_page_on_a_server(site_dir: Path) -> None:
    assert read_published(site_dir / "metrics.db").about.task_url_prefix == ""


def test_catalog_is_read_as_written(site_dir: Path) -> None:
    published = read_published(site_dir / "metrics.db")
    names = [model.name for model in published.metrics]
    assert names == sorted(names)
    assert {"metric_cumulative_flow", "metric_headlines", "metric_throughput"} <= set(names)
    assert "tasks" not in names
    lead_time = published.models["metric_lead_time"]
    assert list(lead_time.columns)[:3] == ["project_phid", "subtype", "priority_name"]
    assert lead_time.columns["lead_time_p50_days"].unit == "days"
    assert published.models["tasks"].full_text_table == "tasks_fts"
    assert published.models["projects"].full_text_table == ""


def test_descriptions_become_paragraphs_and_never_tags() -> None:
    text = "One row\nper <b>task</b>.\n\n\nCounts `closed_at` & more."
    assert prose(text) == (
        "<p>One row per &lt;b&gt;task&lt;/b&gt;.</p>\n<p>Counts <code>closed_at</code> &amp; more.</p>"
    )
    assert first_paragraph(text) == "One row per &lt;b&gt;task&lt;/b&gt;."
    assert prose("") == first_paragraph("") == ""


def test_chart_libraries_are_written_once(tmp_path: Path) -> None:
    assert write_vega(tmp_path)
    first = (tmp_path / BUNDLE).read_text()
    assert f"Vega-Lite {VEGA_LITE_VERSION}" in first.splitlines()[0]
    assert not write_vega(tmp_path)
    (tmp_path / BUNDLE).write_text("// of another version\n")
    assert write_vega(tmp_path)
    assert (tmp_path / BUNDLE).read_text() == first
    assert [path.name for path in (tmp_path / BUNDLE).parent.iterdir()] == [BUNDLE.name]


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"vega\.js cannot be written"):
        write_vega(tmp_path)
