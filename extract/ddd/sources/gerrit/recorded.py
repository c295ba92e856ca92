"""Patches of past trains from a CSV file, for a history that was collected elsewhere.

A line is one patch of one train:

    version,link,created,submitted,insertions,deletions,total_comment_count,time_in_review
    1.31.0-wmf.1,https://gerrit.example.org/r/1234,2017-09-25 21:50:59,2017-09-26 13:39:12,2,1,2,56893.0

Times are UTC. `time_in_review` in seconds may be empty: it follows from the others. Where a server is
configured as well, `version` and `link` suffice, as in a list of a new train's commits: the rest is asked.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast

from ddd.errors import SourceError
from ddd.segments import Document, Rejected
from ddd.sources.whole import Page, Reading, encoded
from ddd.web.answers import shorten

STREAM = "recorded_patches"

COLUMNS = (
    "version",
    "link",
    "created",
    "submitted",
    "insertions",
    "deletions",
    "total_comment_count",
    "time_in_review",
)

NAMED = ("version", "link")
"""What names a patch of a train."""

_PAGE_LINES = 5000


def link_of(key: str) -> str:
    """The link of a patch, from its document's key."""
    return key.partition(" ")[2]


def read_recorded(path: Path, *, has_server: bool = False) -> Reading:
    """All patches of the file; a line that cannot be read is rejected with its number.

    Args:
        path: The file.
        has_server: Whether what a line leaves empty can be asked for.

    Raises:
        SourceError: The file is not there, is no text, or has other columns.
    """
    present: list[str] = []
    pages: list[Page] = []
    newest: datetime | None = None
    for number, row in _lines(path, NAMED if has_server else COLUMNS):
        if not pages or len(pages[-1].documents) + len(pages[-1].rejected) >= _PAGE_LINES:
            pages.append(Page())
        key = f"{row['version']} {row['link']}"
        try:
            submitted_at = _checked(row, has_server=has_server)
        except ValueError as error:
            text = ",".join(str(row[column]) for column in COLUMNS)
            pages[-1].rejected.append(Rejected(STREAM, key, text, f"Line {number}: {error}"))
        else:
            document = encoded({column: row[column] for column in COLUMNS})
            pages[-1].documents.append(
                Document(key, document, int(submitted_at.timestamp()) if submitted_at else None)
            )
            newest = max(filter(None, (newest, submitted_at)), default=None)
        present.append(key)
    return Reading(present_keys=present, pages=pages, watermark_at=newest, bytes_count=path.stat().st_size)


def _lines(path: Path, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines by column, with their numbers."""
    remedy = "Set GERRIT_PATCHES_FILE to a CSV file with the columns that docs/deployments.md lists"
    try:
        with _opened(path) as file:
            reader = csv.DictReader(file)
            given = list(reader.fieldnames or [])
            missing = [column for column in COLUMNS if column not in given]
            unknown = [column for column in given if column not in COLUMNS]
            # a column that is misspelt must not pass for one that was left out
            if missing and (unknown or set(missing) & set(required)):
                instead = f", but {', '.join(unknown)}" if unknown else ""
                said = shorten(f"{path} has no column {', '.join(missing)}{instead}")
                raise SourceError(said, remedy)
            for row in reader:
                yield reader.line_num, {column: (row.get(column) or "").strip() for column in COLUMNS}
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{path} cannot be read: {reason}", remedy) from None


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _checked(row: dict[str, str], *, has_server: bool) -> datetime | None:
    """When a patch was submitted; none where the line does not say, and the server can.

    Raises:
        ValueError: A value is missing or is none of its kind.
    """
    for column in NAMED:
        if not row[column]:
            raise ValueError(f"{column} is empty")
    created_at, submitted_at = (
        None if has_server and not row[column] else _moment(row, column)
        for column in ("created", "submitted")
    )
    if created_at and submitted_at and submitted_at < created_at:
        raise ValueError(f"it was submitted ({row['submitted']}) before it was created ({row['created']})")
    for column in ("insertions", "deletions", "total_comment_count"):
        if not row[column].isdecimal() and (row[column] or not has_server):
            raise ValueError(f"{column} is {row[column]!r} and no whole number")
    return submitted_at


def _moment(row: dict[str, str], column: str) -> datetime:
    try:
        moment = datetime.fromisoformat(row[column])
    except ValueError:
        raise ValueError(f"{column} is {row[column]!r} and no time like 2026-01-31 12:00:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
