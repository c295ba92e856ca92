"""Who may open which file: one refresh a site, one writer a DuckDB file, and room on the disk."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ddd.errors import BusyError, WarehouseError
from ddd.settings import Settings


@contextmanager
def site_lock(settings: Settings) -> Iterator[None]:
    """Hold the site's folder for one run; a second run is told who holds it.

    Raises:
        BusyError: Another process works on this site.
        WarehouseError: The folder cannot be written.
    """
    path = settings.site_dir / "refresh.lock"
    try:
        settings.site_dir.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+")
    except OSError as error:
        raise WarehouseError(
            f"{settings.site_dir} cannot be written ({error.strerror})",
            "Check DDD_DATA_DIR and its permissions",
        ) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "an unknown process"
            raise BusyError(
                f"{settings.site_dir} is being refreshed by {holder}", "Wait until it is done, then try again"
            ) from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        handle.flush()
        yield


def lock_holder(settings: Settings) -> str | None:
    """Which process works on the site now, as it says itself; none where nobody does."""
    try:
        with (settings.site_dir / "refresh.lock").open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return handle.read().strip() or "an unknown process"
    except OSError:
        pass  # nobody has ever locked it
    return None


def connect(path: Path, *, read_only: bool = False, wait_seconds: float = 20.0) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, waiting a while for another process to leave it.

    Raises:
        WarehouseError: Another process keeps it open, it is damaged or of a newer DuckDB, or unreadable.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            text = str(error)
            if "lock" in text and time.monotonic() < deadline:
                time.sleep(0.5)
                continue
            if "lock" in text:
                match = re.search(r"PID (\d+)", text)
                holder = f"process {match[1]}" if match else "another process"
                raise WarehouseError(
                    f"{path} is open in {holder}", "Close that program (a DuckDB shell?), then try again"
                ) from None
            raise WarehouseError(
                f"{path} cannot be opened: {text.splitlines()[0]}",
                "Check the file's permissions and the free disk space; a file of another DuckDB version or a "
                "damaged one can be moved away, the next run fetches everything again",
            ) from None


def create_database(path: Path, file_format: str) -> None:
    """Make an empty DuckDB file of a format, where there is no file yet.

    Args:
        path: The file.
        file_format: The oldest version of DuckDB that can read it, such as `v1.2.0`.

    Raises:
        WarehouseError: The folder cannot be written.
    """
    if path.exists():
        return
    # made aside, so that it is whole or absent
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"attach {quoted_path(beside)} as fresh (storage_version '{file_format}')")
            connection.execute("detach fresh")
        beside.replace(path)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(
            f"{path} cannot be created: {str(error).splitlines()[0]}",
            "Check the folder's permissions and the free disk space",
        ) from None


def quoted_path(path: Path) -> str:
    """A path as a text of SQL, where DuckDB takes no parameter."""
    return "'" + str(path).replace("'", "''") + "'"


def require_space(folder: Path, needed_bytes: int, setting: str | None = "DDD_DATA_DIR") -> None:
    """Refuse to start work for which the disk has too little room.

    Args:
        folder: Where there has to be room.
        needed_bytes: How much.
        setting: What names the folder; none where it cannot be another one.

    Raises:
        WarehouseError: Less than `needed_bytes` are free.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise WarehouseError(
            f"{folder} has {free / 1e6:,.0f} MB free, {needed_bytes / 1e6:,.0f} MB are needed",
            f"Make room on that disk, or choose another with {setting}"
            if setting
            else "Make room on that disk",
        )
