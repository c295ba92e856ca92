"""What commands did to a site, and how it went: `runs.db`, beside the warehouse.

It is SQLite and not a table of the warehouse: a DuckDB file that somebody has open can be written by nobody
else, so that just the runs that fail for that reason could not be written down; and it can be read while a
refresh runs.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ddd import __version__
from ddd.errors import WarehouseError

LAYOUT_VERSION = 1
KEPT = timedelta(days=400)
"""Older runs are forgotten: a year, and the same month of the year before."""

_TABLES = f"""
create table if not exists runs (
    run_id integer primary key autoincrement, command text not null, site_name text not null,
    data3_version text not null, process_id integer not null,
    started_at text not null, finished_at text, outcome text not null, message text
);
create table if not exists steps (
    run_id integer not null references runs (run_id), step text not null,
    started_at text not null, finished_at text, outcome text not null, message text, facts text not null
);
create index if not exists steps__run_id on steps (run_id);
pragma user_version = {LAYOUT_VERSION};
"""


@dataclass(frozen=True)
class Step:
    """One step of a run; times are ISO 8601 in UTC.

    Attributes:
        facts: What it brought, such as `documents_changed_count`.
    """

    step: str
    started_at: str
    finished_at: str | None
    outcome: str
    message: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class PastRun:
    """One command on a site, with its steps.

    Attributes:
        outcome: `running`, `complete`, `incomplete` (a source failed), `failed`, or `interrupted`.
        message: What went wrong; may name private things.
    """

    run_id: int
    command: str
    data3_version: str
    started_at: str
    finished_at: str | None
    outcome: str
    message: str | None
    steps: list[Step] = field(default_factory=list)


class History:
    """The file, for writing and reading. Writers hold the site's lock."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made with the first run.

        Args:
            path: `runs.db` of a site.
        """
        self.path = path

    def begin(self, command: str, site_name: str, now: datetime) -> int:
        """Write down that a command runs, and that those were interrupted which never said their end."""
        with self._open() as file:
            file.executescript(_TABLES)
            file.execute("update runs set outcome = 'interrupted' where outcome = 'running'")
            file.execute("update steps set outcome = 'interrupted' where outcome = 'running'")
            last_kept = stamp(now - KEPT)
            file.execute(
                "delete from steps where run_id in (select run_id from runs where started_at < ?)",
                [last_kept],
            )
            file.execute("delete from runs where started_at < ?", [last_kept])
            cursor = file.execute(
                "insert into runs (command, site_name, data3_version, process_id, started_at, outcome)"
                " values (?, ?, ?, ?, ?, 'running')",
                [command, site_name, __version__, os.getpid(), stamp(now)],
            )
            return int(cursor.lastrowid or 0)

    def begin_step(self, run_id: int, step: str, now: datetime) -> None:
        """Write down that a step runs."""
        with self._open() as file:
            file.execute(
                "insert into steps (run_id, step, started_at, outcome, facts)"
                " values (?, ?, ?, 'running', '{}')",
                [run_id, step, stamp(now)],
            )

    def end_step(self, run_id: int, ended: Step) -> None:
        """Write down how a step ended."""
        with self._open() as file:
            file.execute(
                "update steps set finished_at = ?, outcome = ?, message = ?, facts = ?"
                " where run_id = ? and step = ? and outcome = 'running'",
                [
                    *(ended.finished_at, ended.outcome, ended.message),
                    *(json.dumps(ended.facts, default=str), run_id, ended.step),
                ],
            )

    def end(self, run_id: int, outcome: str, message: str | None, now: datetime) -> None:
        """Write down how the run ended."""
        with self._open() as file:
            file.execute(
                "update runs set finished_at = ?, outcome = ?, message = ? where run_id = ?",
                [stamp(now), outcome, message, run_id],
            )

    def newest(self, count: int) -> list[PastRun]:
        """The newest runs, newest first; none where nothing ever ran.

        Raises:
            WarehouseError: The file cannot be read, or was written by a newer Data³.
        """
        if not self.path.exists():
            return []
        try:
            with self._open() as file:
                rows = file.execute("select * from runs order by run_id desc limit ?", [count]).fetchall()
                return [_run(file, row) for row in rows]
        except sqlite3.Error as error:
            raise WarehouseError(
                f"{self.path} cannot be read ({error})",
                "Move it away: it is written anew, and holds only the past",
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        file = sqlite3.connect(self.path, timeout=10)
        try:
            file.row_factory = sqlite3.Row
            version = file.execute("pragma user_version").fetchone()[0]
            if version > LAYOUT_VERSION:
                raise WarehouseError(
                    f"{self.path} has layout {version}, this Data³ knows {LAYOUT_VERSION}",
                    "Use the newer Data³ that wrote it, or move the file away",
                )
            with file:
                yield file
        finally:
            file.close()


def stamp(moment: datetime) -> str:
    """A time as the file has it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _run(file: sqlite3.Connection, row: sqlite3.Row) -> PastRun:
    steps = file.execute("select * from steps where run_id = ? order by rowid", [row["run_id"]]).fetchall()
    return PastRun(
        run_id=row["run_id"], command=row["command"], data3_version=row["data3_version"],
        started_at=row["started_at"], finished_at=row["finished_at"], outcome=row["outcome"],
        message=row["message"],
        steps=[
            Step(
                step["step"], step["started_at"], step["finished_at"], step["outcome"], step["message"],
                json.loads(step["facts"]),
            )
            for step in steps
        ],
    )  # fmt: skip
