"""The file of past trains' patches: what is read, and what is wrong with a file or a line of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ddd.errors import SourceError
from ddd.settings import Settings, Site
from ddd.source_settings import GerritSettings
from ddd.sources import Extracted, chosen_sources

HEADER = "version,link,created,submitted,insertions,deletions,total_comment_count,time_in_review"
LINES = (
    "1.40.0-wmf.1,https://gerrit.example.org/r/1,2026-01-01 10:00:00,2026-01-02 10:00:00,3,1,2,86400.0",
    '1.40.0-wmf.1,"https://gerrit.example.org/r/2,n,z",2026-01-01 11:00:00,2026-01-03 11:00:00,0,9,0,',
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        Site("deployments", "", ""),
        data_dir=tmp_path / "data",
        lock_wait_seconds=0,
        gerrit=GerritSettings(patches_file=tmp_path / "patches.csv"),
    )


def write(settings: Settings, *lines: str) -> None:
    assert settings.gerrit.patches_file
    settings.gerrit.patches_file.write_text("\n".join((HEADER, *lines)) + "\n")


def extract(settings: Settings) -> Extracted:
    return chosen_sources(settings)["gerrit"].extract(settings)


def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_each_line_is_a_document_as_it_was_written(settings: Settings) -> None:
    write(settings, *LINES)
    done = extract(settings)
    assert (done.mode, done.changed_count) == ("full", 2)
    rows = query(settings, "select document from raw.gerrit_recorded_patches order by key")
    first, second = (json.loads(text) for (text,) in rows)
    assert list(first) == HEADER.split(",")
    assert first["created"] == "2026-01-01 10:00:00"
    assert (second["link"], second["time_in_review"]) == ("https://gerrit.example.org/r/2,n,z", "")


def test_a_file_that_is_the_same_changes_nothing(settings: Settings) -> None:
    write(settings, *LINES)
    extract(settings)
    assert (extract(settings).mode, extract(settings).changed_count) == ("incremental", 0)
    write(settings, LINES[0].replace(",3,1,2,", ",4,1,2,"))
    done = extract(settings)
    assert (done.changed_count, done.gone_count) == (1, 1)
    write(settings, *LINES)
    assert extract(settings).again_count == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "1.40.0-wmf.1,https://x/9,yesterday,2026-01-02 10:00:00,3,1,2,",
            "created is 'yesterday' and no time",
        ),
        ("1.40.0-wmf.1,https://x/9,2026-01-01 10:00:00,,3,1,2,", "submitted is '' and no time"),
        ("1.40.0-wmf.1,https://x/9,2026-01-01 10:00:00,2026-01-02 10:00:00,-3,1,2,", "insertions is '-3'"),
        ("1.40.0-wmf.1,https://x/9,2026-01-03 10:00:00,2026-01-02 10:00:00,3,1,2,", "before it was created"),
        (",https://x/9,2026-01-01 10:00:00,2026-01-02 10:00:00,3,1,2,", "version is empty"),
        ("1.40.0-wmf.1,https://x/9", "created is '' and no time"),
    ],
)
def test_a_bad_line_is_quarantined_and_the_others_read(settings: Settings, line: str, reason: str) -> None:
    write(settings, LINES[0], line, LINES[1])
    done = extract(settings)
    assert done.changed_count == 2
    ((said,),) = query(settings, "select reason from raw.quarantine where resolved_at is null")
    assert said.startswith("Line 3: ")
    assert reason in said
    assert any("1 document of gerrit cannot be read" in warning for warning in done.warnings)
    write(settings, *LINES)
    extract(settings)
    assert query(settings, "select * from raw.quarantine where resolved_at is null") == []


def test_a_compressed_file_is_read_as_well(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "patches.csv.gz"
    path.write_bytes(gzip.compress("\n".join((HEADER, *LINES)).encode()))
    object.__setattr__(settings.gerrit, "patches_file", path)
    assert extract(settings).changed_count == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        (b"", "has no column version"),
        (b"version,link\n", "has no column created, submitted"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"<!DOCTYPE html>\n<html></html>", "has no column version"),
    ],
)
def test_a_wrong_file_is_one_clear_line(settings: Settings, content: bytes | None, message: str) -> None:
    assert settings.gerrit.patches_file
    if content is not None:
        settings.gerrit.patches_file.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        extract(settings)
    assert "\n" not in str(caught.value)
    assert "GERRIT_PATCHES_FILE" in caught.value.remedy
