"""What the published file `train.db` says of single trains and of what blocked them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddd.errors import DataError, RequestError
from ddd.published import read_published

Row = dict[str, Any]

_VERSION = re.compile(r"(?:php-)?(\d+\.\d+\.\d+-wmf\.\d+)")
BLOCKER_COLUMNS = (
    *("version", "blocker_task_id", "blocker_title", "blocked_at", "blocked_by", "group_name"),
    *("unblocked_at", "unblocked_by", "unblocked_how", "reopened_count", "blocker_status"),
    *("task_id", "blocker_task_phid"),
)
_TABLES = ("trains", "train_blockers")
_BLOCKERS = f"select {', '.join(BLOCKER_COLUMNS)} from train_blockers"


@dataclass(frozen=True)
class Train:
    """One train.

    Attributes:
        facts: Its row of `trains`.
        has_trouble: Whether it was rolled back, or a blocker was raised after group 0.
        deployments: Its rows of `train_deployments`, in order.
        blockers: Its rows of `train_blockers`.
        patches_count: Patches that left with it; none where they are not known.
        backports_count: Those that were brought to it later.
    """

    facts: Row
    has_trouble: bool
    deployments: list[Row]
    blockers: list[Row]
    patches_count: int | None
    backports_count: int | None


def read_blockers(path: Path, versions: Iterable[str]) -> list[Row]:
    """What blocked these trains, oldest train first; of all trains where none is named, or `all`.

    Args:
        path: The published file.
        versions: Such as `1.37.0-wmf.4`, also with `php-` before it.

    Raises:
        DataError: There is no published file, or it holds no trains.
        RequestError: A version is none, or no train of it is known.
    """
    wanted = [] if "all" in versions else [version_of(text) for text in versions]
    with _opened(path, "train_blockers") as published:
        known = _known_versions(published)
        where = f" where version in ({', '.join('?' * len(wanted))})" if wanted else ""
        rows = _query(published, f"{_BLOCKERS}{where} order by version_sort_key, blocked_at", wanted)
    for version in wanted:
        if version not in known:
            raise RequestError(f"No train {version} is known", _newest(known))
    return rows


def read_train(path: Path, version: str) -> Train:
    """One train with all that is published of it.

    Raises:
        DataError: There is no published file, or it holds no trains.
        RequestError: It is no version, or no train of it is known.
    """
    version = version_of(version)
    with _opened(path, "trains") as published:
        of_it = [version]
        found = _query(published, "select * from trains where version = ?", of_it)
        if not found:
            raise RequestError(f"No train {version} is known", _newest(_known_versions(published)))
        where = "where period = 'train' and version = ?"
        judged = _query(published, f"select * from metric_train_trouble {where}", of_it)
        patches = []
        if _query(published, "select 1 from sqlite_master where name = 'metric_train_patches'"):
            patches = _query(published, f"select * from metric_train_patches {where}", of_it)
        return Train(
            facts=found[0],
            has_trouble=any(row["troubled_trains_count"] for row in judged),
            deployments=_query(
                published, "select * from train_deployments where version = ? order by deployed_at", of_it
            ),
            blockers=_query(published, f"{_BLOCKERS} where version = ? order by blocked_at", of_it),
            patches_count=patches[0]["patches_count"] if patches else None,
            backports_count=patches[0]["backports_count"] if patches else None,
        )


def version_of(text: str) -> str:
    """A version as the tables have it.

    Raises:
        RequestError: It is none.
    """
    found = _VERSION.fullmatch(text.strip())
    if not found:
        raise RequestError(f"{text!r} is no version of a train", "Write it as 1.37.0-wmf.4, or `all`")
    return found[1]


def _opened(path: Path, table: str) -> sqlite3.Connection:
    if table not in read_published(path).models:
        raise DataError(f"{path} has no table {table}", "Run `make refresh` with this version of Data³")
    published = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)
    published.row_factory = sqlite3.Row
    return published


def _query(published: sqlite3.Connection, sql: str, values: list[str] | None = None) -> list[Row]:
    return [dict(row) for row in published.execute(sql, values or [])]


def _known_versions(published: sqlite3.Connection) -> list[str]:
    """All that started or were blocked, oldest first."""
    tables = " union ".join(f"select version, version_sort_key from {name}" for name in _TABLES)
    return [row["version"] for row in _query(published, f"{tables} order by version_sort_key")]


def _newest(versions: Sequence[str]) -> str:
    if not versions:
        return "No train is known at all: set MEDIAWIKI_CONFIG_REPO, then run `dddcli refresh`"
    return f"The newest that are: {', '.join(versions[-3:])}"
