"""All 57,252 recorded links of patches, asked for at a Gerrit that has a change behind each of them."""

from __future__ import annotations

import csv
import gzip
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pytest

from ddd.demo.gerrit import Changes
from ddd.demo.gerrit.server import answer
from ddd.settings import Settings, Site
from ddd.source_settings import GerritSettings
from ddd.sources import Extracted, chosen_sources
from ddd.transform import build
from emulated_gerrit import EmulatedGerrit
from recorded import SHARED_DIR
from servers import Answer

PATCHES = SHARED_DIR / "deployments" / "patches_recorded.csv.gz"
LOST = 100
"""So many links, evenly among the others, lead nowhere."""

pytestmark = pytest.mark.proof


class FullGerrit(EmulatedGerrit):
    """Holds a change for each link, found by the beginning of its commit."""

    def __init__(self, links: list[str]) -> None:
        super().__init__()
        self.by_abbreviation = {commit_of(link): change(number, link) for number, link in enumerate(links)}

    def answer(self, query: str) -> Answer:
        words = parse_qs(query)["q"][0].split()
        named = [word.removeprefix("commit:") for word in words if word.startswith("commit:")]
        held = [self.by_abbreviation[one] for one in named if one in self.by_abbreviation]
        return answer(Changes(held), query)


def commit_of(link: str) -> str:
    """The abbreviated commit that a link names."""
    return link.rsplit("/", 1)[1].removesuffix(",n,z")


def change(number: int, link: str) -> dict[str, Any]:
    """A change of which no two have the same number, and that says which link it is of."""
    commit = commit_of(link).ljust(40, "f")
    return {
        "_number": 100_000 + number,
        "project": f"mediawiki/{number % 200}",
        "branch": "master",
        "change_id": f"I{number:040x}",
        "subject": "Fix",
        "status": "MERGED",
        "created": "2020-01-01 10:00:00.000000000",
        "submitted": "2020-01-02 10:00:00.000000000",
        "updated": "2020-01-02 10:00:00.000000000",
        "owner": {"_account_id": number % 500, "name": f"Owner {number % 500}"},
        "current_revision": commit,
        "revisions": {commit: {"commit": {"message": "Fix\n"}}},
    }


def extracted(settings: Settings) -> tuple[Extracted, float]:
    began = time.monotonic()
    return chosen_sources(settings)["gerrit"].extract(settings), time.monotonic() - began


def test_every_recorded_link_gets_owner_and_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not PATCHES.exists():
        pytest.skip(f"no recorded patches: {PATCHES} is absent")
    with gzip.open(PATCHES, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    links = list(dict.fromkeys(row["link"] for row in rows))
    lost = set(links[:: len(links) // LOST][:LOST])
    gerrit = FullGerrit([link for link in links if link not in lost])
    with gerrit.serve() as url:
        settings = Settings(
            Site("deployments", "", ""),
            data_dir=tmp_path,
            www_dir=tmp_path,
            lock_wait_seconds=0,
            memory_limit="2GB",
            gerrit=GerritSettings(url=url, patches_file=PATCHES),
        )
        done, seconds = extracted(settings)
        first_queries = len(gerrit.asked)
        again, seconds_again = extracted(settings)
    # a hundred links a request, and one request for backports
    assert done.requests_count == first_queries == -(-len(links) // 100) + 1
    assert again.requests_count == len(gerrit.asked) - first_queries == 1
    assert any(f"{LOST} of {len(links):,} links of patches lead to no change" in one for one in done.warnings)
    build(settings)
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as warehouse:
        found = warehouse.execute("select link, owner_name, project from patches").fetchall()
        findings = warehouse.execute("select detail from data_quality where finding = 'patches not found'")
        told = findings.fetchall()
    assert len(found) == len(rows) == 57_252
    wrong = []
    for link, *described in found:
        behind = gerrit.by_abbreviation.get(commit_of(link))
        expected = [behind["owner"]["name"], behind["project"]] if behind else [None, None]
        if described != expected:
            wrong.append((link, described))
    assert wrong == []
    lost_count = sum(row["link"] in lost for row in rows)
    assert [f"for the links of {lost_count} of 57252 patches" in detail for (detail,) in told] == [True]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(rows):,} patches: {done.requests_count} requests in {seconds:.0f} s, "
            f"{done.bytes_count / 1e6:.0f} MB; again {again.requests_count} in {seconds_again:.0f} s\n"
        )
