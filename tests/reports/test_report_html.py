"""The report in one file: whole, safe, readable by everyone, and without any other host."""

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, expect

from ddd.errors import ReportError
from ddd.reports import Content, read_content, write_html
from ddd.settings import DEMO_SITE, PROJECT_DIR, Settings

from .published import HOSTILE, NAMES, write_published

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}


class Outline(HTMLParser):
    """What a file consists of; fails where a tag is not closed where it belongs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def content(folder: Path, *, has_finished_tasks: bool = True, is_demo: bool = True) -> Content:
    folder.mkdir(exist_ok=True)
    write_published(folder / "metrics.db", is_demo=is_demo, has_finished_tasks=has_finished_tasks)
    return read_content(Settings(site=DEMO_SITE, www_dir=folder))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("html")
    return write_html(folder / "report.html", content(folder / "www")).out


@pytest.fixture(scope="module")
def outline(file: Path) -> Outline:
    return Outline(file.read_text())


def test_every_sentence_and_every_project_is_in_it(tmp_path: Path, outline: Outline) -> None:
    text = " ".join(outline.text.split())
    statements = content(tmp_path / "www").statements
    left_out = {"flow"}  # a project's ordinary figures are in its table
    for one in statements:
        if one.report != "project" or one.topic not in left_out or one.importance == "unusual":
            assert " ".join(one.text.split()) in text, one
    for name in NAMES.values():
        assert name in text


def test_names_and_titles_are_text_and_never_tags(outline: Outline) -> None:
    assert " ".join(HOSTILE.split()) in " ".join(outline.text.split())
    assert outline.all("script") == outline.all("b") == outline.all("i") == []
    assert [name for _, tag in outline.tags for name in tag if name.startswith("on")] == []


def test_it_asks_nothing_of_any_host(file: Path, outline: Outline) -> None:
    addresses = {
        name: value for _, tag in outline.tags for name, value in tag.items() if name in {"href", "src"}
    }
    assert all(value and value.startswith("#") for value in addresses.values())
    text = file.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//[a-z]|url\(|@import", re.sub(r">[^<]*<", "><", text))
    (policy,) = [tag["content"] for tag in outline.all("meta") if "http-equiv" in tag]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert file.stat().st_size < 500_000


def test_headings_descend_links_lead_somewhere_and_names_are_unique(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower <= upper + 1 for upper, lower in pairwise(levels))
    ids = Counter(tag["id"] for _, tag in outline.tags if "id" in tag)
    assert set(ids.values()) == {1}
    assert {(tag["href"] or "")[1:] for tag in outline.all("a")} <= set(ids)


def test_charts_say_what_they_show_and_have_their_figures_beside_them(file: Path, outline: Outline) -> None:
    drawings = re.findall(r"<svg .*?</svg>", file.read_text(), re.DOTALL)
    assert len(drawings) > 10
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"].endswith(".")
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawing)) - {"none", "transparent"}
        assert all(re.fullmatch(r"var\(--[a-z0-9-]+\)", colour) for colour in colours), colours
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", " ".join(drawings)))
    assert used <= set(re.findall(r"--([a-z0-9-]+):", file.read_text()))
    assert len(outline.all("caption")) == len(outline.all("table")) > len(drawings)
    assert all(tag.get("scope") == "col" for tag in outline.all("th"))


def test_a_table_shows_the_published_figures(file: Path) -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", file.read_text(), re.DOTALL)
    cells = [[re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]
    assert ["closed tasks", "all", "74", "69", "+5", "tasks"] in cells
    assert ["2026-10-01", "8", "7", "1", "6", "12\N{NO-BREAK SPACE}%", "–", "–"] in cells


def test_whose_data_these_are_is_said(tmp_path: Path, outline: Outline) -> None:
    assert "Simulated data." in outline.text
    real = write_html(tmp_path / "report.html", content(tmp_path / "www", is_demo=False)).out.read_text()
    assert "Simulated data." not in real
    assert "<h1>Report on phab.example.org</h1>" in real


def test_a_new_installation_has_a_report_too(tmp_path: Path) -> None:
    written = write_html(tmp_path / "report.html", content(tmp_path / "www", has_finished_tasks=False))
    text = Outline(written.out.read_text()).text
    assert "No week of work on tasks is over yet." in text
    assert "Deployments" not in text


def test_only_a_report_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "letter.html").write_text("<p>mine</p>")
    with pytest.raises(ReportError, match="is not a report"):
        write_html(tmp_path / "letter.html", content(tmp_path / "www", has_finished_tasks=False))
    assert (tmp_path / "letter.html").read_text() == "<p>mine</p>"
    for _ in range(2):
        write_html(tmp_path / "report.html", content(tmp_path / "www", has_finished_tasks=False))
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="could not be written"):
        write_html(tmp_path / "file" / "report.html", content(tmp_path / "www", has_finished_tasks=False))


def test_a_machine_without_node_is_told_what_works_and_it_does(tmp_path: Path) -> None:
    content(tmp_path / "www")
    (tmp_path / "bin").mkdir()
    environ = {
        "PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT_DIR / "extract"),
        "DATASETTE_DIR": str(tmp_path / "www"), "DDD_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "300",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }  # fmt: skip

    def dddcli(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ddd.cli", "report", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    refused = dddcli("--out", str(tmp_path / "site"))
    assert refused.returncode == 1
    assert "Node.js, which is not installed" in refused.stderr
    assert "dddcli report --format html" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert dddcli("--format", "html", "--out", str(tmp_path / "report.html")).returncode == 0
    assert (tmp_path / "report.html").read_text().count("<svg ") > 10
    mail = dddcli("--format", "text", "--month", "2026-09")
    assert mail.stdout.startswith("Statistics of September 2026")


@pytest.mark.browser
def test_a_browser_shows_it_without_a_word_of_complaint(browser: Browser, file: Path) -> None:
    for width in (390, 1440):
        page = browser.new_page(viewport={"width": width, "height": 900})
        problems: list[str] = []
        page.on("console", lambda message, found=problems: found.append(message.text))  # type: ignore[misc]
        page.on("requestfailed", lambda request, found=problems: found.append(request.url))  # type: ignore[misc]
        page.goto(file.as_uri())
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert problems == []
        page.close()


def test_the_sample_is_what_it_says(tmp_path: Path) -> None:
    """The published files of these tests hold a hostile title, or the tests above prove nothing."""
    write_published(tmp_path / "metrics.db")
    with sqlite3.connect(tmp_path / "metrics.db") as published:
        (title,) = published.execute("select title from tasks where task_id = 7").fetchone()
    published.close()
    assert "<script>" in title
