"""`DataCache`: what PHIDs are called, kept in a table between runs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from ddd.access import connect
from ddd.errors import WarehouseError
from ddd.phab.objects import Handle

MAX_AGE = timedelta(days=7)
"""After that a name is asked for again: projects and columns are renamed now and then."""

MISSING_MAX_AGE = timedelta(days=1)
"""The same for a PHID that the server did not know: it may have become visible."""

_CHUNK_SIZE = 500
_CREATE = """
create table if not exists phobjects (
    site_url varchar not null,
    phid varchar not null,
    type varchar not null,
    type_name varchar not null,
    name varchar not null,
    full_name varchar not null,
    url varchar not null,
    status varchar not null,
    is_missing boolean not null,
    fetched_at timestamp not null,
    primary key (site_url, phid)
)
"""
_KNOWN = "phid, type, type_name, name, full_name, url, status, is_missing, fetched_at"
_COLUMNS = f"site_url, {_KNOWN}"

Database = duckdb.DuckDBPyConnection | sqlite3.Connection


class DataCache:
    """Names, URLs and states of objects in the table `phobjects` of a DuckDB or SQLite database.

    One database can serve several servers: their objects are kept apart by `site_url`. It holds what the
    token that asked was allowed to see.

    Args:
        db: An open connection, whose transactions stay its owner's, or the path of a file: SQLite where
            it is one already or is to be called `.db` or `.sqlite`, else DuckDB.
        max_age_days: How long a name is good.
        missing_max_age_days: How long a PHID counts as unknown before it is asked for again.

    Raises:
        WarehouseError: The database cannot be opened or written.
    """

    def __init__(
        self,
        db: Database | str | Path,
        *,
        max_age_days: float = MAX_AGE.days,
        missing_max_age_days: float = MISSING_MAX_AGE.days,
    ) -> None:
        self.max_age = timedelta(days=max_age_days)
        self.missing_max_age = timedelta(days=missing_max_age_days)
        self._lock = threading.Lock()
        self._owned = isinstance(db, str | Path)
        self._name = str(db) if isinstance(db, str | Path) else "the database"
        self._connection = _open(Path(db)) if isinstance(db, str | Path) else db
        self._write(lambda: self._connection.execute(_CREATE))

    def __repr__(self) -> str:
        return f"DataCache({self._name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, where this cache opened it."""
        if self._owned:
            self._connection.close()

    def get(self, site_url: str, phids: Sequence[str]) -> dict[str, tuple[Handle | None, datetime]]:
        """What is known and not too old, with the time it was asked for; none as handle where it is missing.

        Raises:
            WarehouseError: The database cannot be read.
        """
        found: dict[str, tuple[Handle | None, datetime]] = {}
        now = datetime.now(UTC)
        for chunk in _chunks(list(phids)):
            marks = ", ".join("?" * len(chunk))
            query = f"select {_KNOWN} from phobjects where site_url = ? and phid in ({marks})"
            for *names, is_missing, fetched in self._read(query, [site_url, *map(str, chunk)]):
                fetched_at = fetched if isinstance(fetched, datetime) else datetime.fromisoformat(fetched)
                fetched_at = fetched_at.replace(tzinfo=UTC)
                if now - fetched_at <= (self.missing_max_age if is_missing else self.max_age):
                    found[names[0]] = (None if is_missing else Handle(*names), fetched_at)
        return found

    def put(self, site_url: str, handles: Mapping[str, Handle | None], fetched_at: datetime) -> None:
        """Keep what a server said of some PHIDs; none as handle where it did not know one.

        Raises:
            WarehouseError: The database cannot be written.
        """
        at = fetched_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        rows = [(site_url, *_said(phid, handle), handle is None, at) for phid, handle in handles.items()]
        if rows:
            self._write(lambda: self._insert(rows))

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        insert = f"insert or replace into phobjects ({_COLUMNS})"
        if isinstance(self._connection, sqlite3.Connection):
            self._connection.executemany(f"{insert} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            return
        # DuckDB takes two milliseconds for each row that comes as parameters
        table = pa.Table.from_arrays([pa.array(column) for column in zip(*rows, strict=True)], _names())
        self._connection.register("fetched_phobjects", table)
        try:
            self._connection.execute(
                f"{insert} select * replace (cast(fetched_at as timestamp) as fetched_at)"
                " from fetched_phobjects"
            )
        finally:
            self._connection.unregister("fetched_phobjects")

    def _read(self, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                rows: list[tuple[Any, ...]] = self._connection.execute(query, values).fetchall()
            except (duckdb.Error, sqlite3.Error) as error:
                raise self._trouble("read", error) from None
            return rows

    def _write(self, action: Callable[[], object]) -> None:
        """Do something in a transaction of its own, or in the one that the owner has begun."""
        connection = self._connection
        with self._lock:
            begins = isinstance(connection, sqlite3.Connection) and not connection.in_transaction
            try:
                with connection if begins else nullcontext():
                    action()
            except (duckdb.Error, sqlite3.Error) as error:
                raise self._trouble("written", error) from None

    def _trouble(self, verb: str, error: Exception) -> WarehouseError:
        return WarehouseError(
            f"The names of objects cannot be {verb} in {self._name}: {str(error).splitlines()[0]}",
            "Check that the file may be written and that no other program has it open",
        )


def _open(path: Path) -> Database:
    try:
        with path.open("rb") as file:
            is_sqlite = file.read(15) == b"SQLite format 3"
    except OSError:
        is_sqlite = path.suffix in {".db", ".sqlite", ".sqlite3"}
    if not is_sqlite:
        return connect(path)
    try:
        return sqlite3.connect(path, check_same_thread=False)
    except sqlite3.Error as error:
        raise WarehouseError(
            f"{path} cannot be opened ({error})", "Check its folder and permissions"
        ) from None


def _names() -> list[str]:
    return _COLUMNS.split(", ")


def _said(phid: str, handle: Handle | None) -> tuple[str, ...]:
    if handle is None:
        return (str(phid), phid[5:9], "", "", "", "", "")
    return (
        str(phid),
        handle.type,
        handle.type_name,
        handle.name,
        handle.full_name,
        handle.url,
        handle.status,
    )


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _CHUNK_SIZE):
        yield items[start : start + _CHUNK_SIZE]
