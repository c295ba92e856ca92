"""Changes from a Gerrit server that speaks as its documentation says, and from servers that are unwell."""

from __future__ import annotations

import base64
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
from ddd.sources import Extracted, chosen_sources
from ddd.web.retries import RetryPolicy
from emulated_gerrit import EmulatedGerrit


@pytest.fixture
def gerrit() -> EmulatedGerrit:
    return EmulatedGerrit()


@pytest.fixture
def url(gerrit: EmulatedGerrit) -> Iterator[str]:
    with gerrit.serve() as address:
        yield address


@pytest.fixture(autouse=True)
def at_once(no_waiting: None) -> None:
    """Try again at once."""


@pytest.fixture
def settings(tmp_path: Path, url: str) -> Settings:
    return Settings(
        Site("deployments", "", ""),
        data_dir=tmp_path / "data",
        lock_wait_seconds=0,
        gerrit=GerritSettings(url=url),
    )


def extract(settings: Settings) -> Extracted:
    return chosen_sources(settings)["gerrit"].extract(settings)


def landed(settings: Settings) -> dict[str, dict[str, Any]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        rows = connection.execute(
            "select key, document from raw.gerrit_changes order by batch, rowid"
        ).fetchall()
    return {key: json.loads(text) for key, text in rows}


def test_all_pages_are_read(gerrit: EmulatedGerrit, settings: Settings) -> None:
    for number in range(1, 9):
        gerrit.add(number, f"2026-01-0{number} 10:00:00")
    done = extract(settings)
    assert (done.requests_count, done.changed_count) == (3, 8)
    assert sorted(landed(settings)) == [str(number) for number in range(1, 9)]
    path, query, authorization = gerrit.asked[0]
    assert (path, query["q"], authorization) == ("/r/changes/", ["branch:^wmf/.*"], "")
    assert {"CURRENT_REVISION", "CURRENT_COMMIT", "MESSAGES"} <= set(query["o"])


def test_only_what_was_updated_since_is_asked_for(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, "2026-01-01 10:00:00")
    gerrit.add(2, "2026-01-02 10:00:00")
    extract(settings)
    gerrit.add(2, "2999-01-01 10:00:00")
    gerrit.asked.clear()
    done = extract(settings)
    assert (done.mode, done.requests_count, done.changed_count, done.gone_count) == ("incremental", 1, 1, 0)
    assert 'after:"' in gerrit.asked[0][1]["q"][0]
    assert landed(settings)["2"]["updated"].startswith("2999")


def test_an_account_signs_in(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, "2026-01-01 10:00:00")
    own = GerritSettings(url=settings.gerrit.url, user="ada", token="secret")
    extract(replace(settings, gerrit=own))
    path, _, authorization = gerrit.asked[0]
    assert path == "/r/a/changes/"
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == "ada:secret"


def test_a_server_that_is_unwell_is_asked_again(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, "2026-01-01 10:00:00")
    gerrit.troubles = [(503, "text/plain", b"restarting"), (429, "text/plain", b"slow down")]
    done = extract(settings)
    assert (done.requests_count, done.changed_count) == (3, 1)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ((200, "text/html", b"<title>Sign in</title>"), "is no Gerrit server: it answered 'Sign in'"),
        ((401, "text/plain", b"Unauthorized"), "does not let this account read changes"),
        ((404, "text/plain", b"Not found"), "answered HTTP 404: Not found"),
        ((429, "text/plain", b"slow down"), "had too many requests"),
    ],
)
def test_trouble_is_one_clear_line_and_loses_nothing(
    gerrit: EmulatedGerrit, settings: Settings, trouble: tuple[int, str, bytes], message: str
) -> None:
    for number in range(1, 5):
        gerrit.add(number, f"2026-01-0{number} 10:00:00")
    first_page = gerrit.answer("q=branch:^wmf/.*&S=0")
    gerrit.troubles = [first_page, *[trouble] * RetryPolicy().attempts]
    with pytest.raises(DataError, match=message) as caught:
        extract(settings)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    gerrit.troubles.clear()
    done = extract(settings)
    assert len(landed(settings)) == 4
    assert done.changed_count == 1, "the first page was kept"


def test_nobody_there_is_one_clear_line(settings: Settings) -> None:
    nowhere = GerritSettings(url="http://127.0.0.1:9/r/")
    with pytest.raises(DataError, match="cannot be reached"):
        extract(replace(settings, gerrit=nowhere))


def test_no_address_of_a_person_is_kept(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, "2026-01-01 10:00:00")
    gerrit.add(2, "2026-01-01 10:00:00")["_number"] = None
    extract(settings)
    (change,) = landed(settings).values()
    (revision,) = change["revisions"].values()
    assert list(revision["files"]) == ["icons/logo@2x.png", "email"]
    assert change["owner"] == {"_account_id": 7, "name": "Ada"}
    assert "Change-Id: I" in revision["commit"]["message"]
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        kept = connection.execute(
            "select document from raw.gerrit_changes union all select document from raw.quarantine"
        ).fetchall()
    assert len(kept) == 2
    assert not [text for (text,) in kept if "ada@" in text or "a@b" in text]


def test_a_change_without_a_number_is_quarantined(gerrit: EmulatedGerrit, settings: Settings) -> None:
    gerrit.add(1, "2026-01-01 10:00:00")
    gerrit.held.changes.append({"branch": "wmf/1.40.0-wmf.1", "updated": "2026-01-02 10:00:00.000000000"})
    gerrit.held.changes[-1]["_number"] = None
    done = extract(settings)
    assert done.changed_count == 1
    assert any("1 document of gerrit cannot be read" in warning for warning in done.warnings)
