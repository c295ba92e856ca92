"""Changes that the links of trains' patches name: asked for in few requests, once, and again while open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ddd.errors import DataError
from ddd.settings import Settings, Site
from ddd.source_settings import GerritSettings
from ddd.sources import WHAT_IS_NEW, Extracted, Wanted, chosen_sources
from ddd.sources.gerrit import lookups
from ddd.sources.gerrit.client import PAGE_CHANGES
from ddd.sources.gerrit.links import query_term
from ddd.sources.gerrit.lookups import batches
from ddd.web.retries import RetryPolicy
from emulated_gerrit import EmulatedGerrit

CHANGE_ID = "I3dd478900000000000000000000000000000abcd"
COMMIT = "3dd47890aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
DAY = "2026-01-01 10:00:00"


@pytest.fixture
def gerrit() -> EmulatedGerrit:
    return EmulatedGerrit()


@pytest.fixture
def settings(gerrit: EmulatedGerrit, tmp_path: Path, no_waiting: None) -> Iterator[Settings]:
    with gerrit.serve() as url:
        yield Settings(
            Site("deployments", "", ""),
            data_dir=tmp_path / "data",
            lock_wait_seconds=0,
            gerrit=GerritSettings(url=url, patches_file=tmp_path / "patches.csv"),
        )


def name(settings: Settings, *links: str) -> None:
    """Write the file: a train and its links, nothing else."""
    assert settings.gerrit.patches_file
    lines = [f'1.40.0-wmf.1,"{link}"' for link in links]
    settings.gerrit.patches_file.write_text("\n".join(["version,link", *lines]) + "\n")


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW) -> Extracted:
    return chosen_sources(settings)["gerrit"].extract(settings, wanted)


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def led_to(settings: Settings) -> dict[str, list[int]]:
    found = rows(settings, "select key, max_by(document, batch) from raw.gerrit_lookups group by key")
    return {link: json.loads(document)["change_numbers"] for link, document in found}


def asked_links(gerrit: EmulatedGerrit) -> list[str]:
    """Queries by links since the last call."""
    queries = [query for query in gerrit.queries() if not query.startswith("branch:")]
    gerrit.asked.clear()
    return queries


@pytest.mark.parametrize(
    ("link", "term"),
    [
        ("https://gerrit.example.org/r/#/q/3dd47890,n,z", "commit:3dd47890"),
        ("https://gerrit.example.org/r/#/q/12345678,n,z", "commit:12345678"),
        ("https://gerrit.example.org/r/#/c/1234/2", "change:1234"),
        ("https://gerrit.example.org/r/c/mediawiki/core/+/123456789/2", "change:123456789"),
        ("https://gerrit.example.org/r/c/mediawiki/extensions/A/+/1234/", "change:1234"),
        ("https://gerrit.example.org/r/1234", "change:1234"),
        (f"https://gerrit.example.org/r/q/{CHANGE_ID}", f"change:{CHANGE_ID}"),
        ("https://gerrit.example.org/r/plugins/gitiles/a/+/3dd47890abc", "commit:3dd47890abc"),
        (COMMIT, f"commit:{COMMIT}"),
        ("1234", "change:1234"),
        (f"mediawiki%2Fcore~master~{CHANGE_ID}", f"change:mediawiki/core~master~{CHANGE_ID}"),
        ("https://gerrit.example.org/r/q/topic:abc", ""),
        ("https://phabricator.example.org/T1234", ""),
        ("see below", ""),
    ],
)
def test_what_a_link_names(link: str, term: str) -> None:
    assert query_term(link) == term


def test_queries_fit_into_an_address() -> None:
    terms = [f"commit:{number:08x}" for number in range(250)]
    assert [len(batch) for batch in batches(terms)] == [100, 100, 50]
    long = [f"change:mediawiki%2Fextensions%2FSomething~master~I{number:040x}" for number in range(250)]
    found = list(batches(long))
    assert [term for batch in found for term in batch] == long
    assert max(len("%20OR%20".join(batch)) for batch in found) < lookups.BATCH_CHARACTERS


def test_all_kinds_of_links_lead_to_their_changes(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, DAY, branch="master", commit=COMMIT)
    gerrit.add(2, DAY, branch="master", change_id=CHANGE_ID)
    gerrit.add(3, DAY, branch="REL1_40", change_id=CHANGE_ID)
    gerrit.add(4, DAY, branch="master")
    gerrit.add(5, DAY, branch="master")
    links = ["https://x.example/r/#/q/3dd47890,n,z", CHANGE_ID, f"mediawiki/core~REL1_40~{CHANGE_ID}", "4"]
    name(settings, *links)
    done = extract(settings)
    assert led_to(settings) == dict(zip(links, [[1], [2, 3], [3], [4]], strict=True))
    assert (
        asked_links(gerrit)
        == [f"commit:3dd47890 OR change:{CHANGE_ID} OR change:mediawiki/core~REL1_40~{CHANGE_ID} OR change:4"]
        * 2
    ), "four changes are two pages of this server's"
    assert {key for (key,) in rows(settings, "select key from raw.gerrit_changes")} == set("1234")
    assert done.warnings == []


def test_what_is_known_is_not_asked_for_again(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, DAY, branch="master")
    gerrit.add(2, DAY, branch="master", status="NEW")
    name(settings, "1", "2", "404", "no link")
    (warning,) = extract(settings).warnings
    assert "2 of 4 links" in warning
    assert asked_links(gerrit) == ["change:1 OR change:2 OR change:404"]
    gerrit.add(2, "2026-01-02 10:00:00", branch="master")
    gerrit.add(3, DAY, branch="master")
    name(settings, "1", "2", "404", "no link", "3")
    done = extract(settings)
    assert asked_links(gerrit) == ["change:2 OR change:3"]
    assert done.warnings == []
    extract(settings)
    assert asked_links(gerrit) == []
    gerrit.add(404, DAY, branch="master")
    extract(settings, Wanted(sweep=True))
    assert asked_links(gerrit) == ["change:404"]
    assert led_to(settings) == {"1": [1], "2": [2], "3": [3], "404": [404], "no link": []}
    extract(settings, Wanted(full=True))
    assert asked_links(gerrit) == ["change:1 OR change:2 OR change:404 OR change:3"] * 2


def test_what_was_fetched_before_a_failure_is_not_asked_for_again(
    gerrit: EmulatedGerrit, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "BATCH_TERMS", 2)
    for number in range(1, 6):
        gerrit.add(number, DAY, branch="master")
    name(settings, *"12345")
    answers = [gerrit.answer(f"q={query}") for query in ("branch:^wmf/.*", "change:1 OR change:2")]
    gerrit.troubles = [*answers, *[(429, "text/plain", b"slow down")] * RetryPolicy().attempts]
    with pytest.raises(DataError, match="had too many requests"):
        extract(settings)
    assert rows(settings, "select count(*) from raw.gerrit_recorded_patches") == [(5,)], "the file is landed"
    asked_links(gerrit)
    extract(settings)
    assert asked_links(gerrit) == ["change:3 OR change:4", "change:5"]
    assert led_to(settings) == {str(number): [number] for number in range(1, 6)}


def test_a_query_that_is_refused_is_halved(gerrit: EmulatedGerrit, settings: Settings) -> None:
    for number in range(1, 5):
        gerrit.add(number, DAY, branch="master")
    name(settings, *"1234")
    branches = gerrit.answer("q=branch:^wmf/.*")
    gerrit.troubles = [branches, (414, "text/plain", b"URI too long"), (400, "text/plain", b"too many terms")]
    extract(settings)
    assert led_to(settings) == {str(number): [number] for number in range(1, 5)}


def test_a_server_that_refuses_everything_is_one_clear_line(
    gerrit: EmulatedGerrit, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    name(settings, *map(str, range(1, 100)))
    branches = gerrit.answer("q=branch:^wmf/.*")
    gerrit.troubles = [branches, *[(400, "text/plain", b"disabled")] * 300]
    with pytest.raises(DataError, match="refused a query"):
        extract(settings)
    assert len(gerrit.asked) < 2 * PAGE_CHANGES


def test_a_server_that_is_away_keeps_nobody_from_the_file(settings: Settings) -> None:
    name(settings, "1", "2")
    nowhere = replace(settings, gerrit=replace(settings.gerrit, url="http://127.0.0.1:9/r/"))
    with pytest.raises(DataError, match="cannot be reached"):
        extract(nowhere)
    assert rows(settings, "select count(*) from raw.gerrit_recorded_patches") == [(2,)]


def test_a_file_that_is_away_keeps_nobody_from_the_server(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, DAY)
    with pytest.raises(DataError, match="No such file"):
        extract(settings)
    assert rows(settings, "select key from raw.gerrit_changes") == [("1",)]


def test_with_a_server_a_misspelt_column_is_still_told(settings: Settings) -> None:
    assert settings.gerrit.patches_file
    settings.gerrit.patches_file.write_text("version,link,creatd\n1.40.0-wmf.1,1,2026-01-01 10:00:00\n")
    with pytest.raises(DataError, match=r"has no column created, .*, but creatd"):
        extract(settings)
