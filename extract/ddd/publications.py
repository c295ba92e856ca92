"""Published files change all at once: each export is a folder, and one link says which counts.

    www/metrics.db -> exports/current/metrics.db      what people, reports and plain Datasette open
    www/exports/current -> 20261126T114501Z-4711      the one thing that changes
    www/exports/20261126T114501Z-4711/                an export, never written again

So no reader can see files of two exports, wherever a process is killed; and a server, which opens a file
again for each of its threads, keeps one export for as long as it runs. It locks its files (shared), and an
export is removed only when no server has it locked.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ddd.errors import BusyError

FOLDER = "exports"
CURRENT = "current"
_PARTIAL = "."
_LOCK = ".lock"


@contextmanager
def new_publication(www_dir: Path) -> Iterator[Path]:
    """A folder to write an export into; without an error, it is published at the end.

    Args:
        www_dir: The folder of the published files.

    Raises:
        BusyError: Another process publishes there.
        OSError: The folder cannot be written; what was published before still counts.
    """
    exports = www_dir / FOLDER
    exports.mkdir(parents=True, exist_ok=True)
    with _only_one(exports):
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{os.getpid()}"
        folder = exports / f"{_PARTIAL}{name}"
        folder.mkdir()
        try:
            yield folder
            _adopt(www_dir, exports, name)
            folder = folder.rename(exports / name)
            _link(www_dir, [path.name for path in folder.glob("*.db")])
            _switch(exports, name)
        except BaseException:
            if _current(exports) != folder.name:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        _unlink_missing(www_dir)
        _clean(exports)


def served_files(www_dir: Path) -> list[Path]:
    """The SQLite files of a folder, by name; those that were published are all of one export."""
    current = _current(www_dir / FOLDER)
    found = []
    for path in sorted(www_dir.glob("*.db")):
        file = www_dir / FOLDER / current / path.name if _is_link(path) else path
        if file.is_file():
            found.append(file)
    return found


def fingerprint(www_dir: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Changes whenever other files are to be served; empty where there are none."""
    try:
        stats = [(path, path.stat()) for path in served_files(www_dir)]
    except OSError:
        return ()  # they are being changed this very moment
    return tuple((str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in stats)


def hold(files: Iterable[Path]) -> list[int]:
    """Keep published files from being removed for as long as this process runs.

    Returns:
        Open file descriptors, one for each file.

    Raises:
        OSError: One is gone already.
    """
    held = []
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        with suppress(OSError):  # a file system without locks: two exports are kept anyway
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        held.append(descriptor)
    return held


def www_dir_of(file: Path) -> Path:
    """The folder of the published files that a served file belongs to."""
    in_exports = file.parent.parent
    return in_exports.parent if in_exports.name == FOLDER else file.parent


def _current(exports: Path) -> str:
    """The name of the export that counts; empty where there is none."""
    try:
        return str((exports / CURRENT).readlink())
    except OSError:
        return ""


def _target(name: str) -> str:
    return f"{FOLDER}/{CURRENT}/{name}"


def _is_link(path: Path) -> bool:
    return path.is_symlink() and str(path.readlink()) == _target(path.name)


@contextmanager
def _only_one(exports: Path) -> Iterator[None]:
    with (exports / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"Another process publishes in {exports.parent}", "Wait until it is done, then try again"
            ) from None
        yield


def _adopt(www_dir: Path, exports: Path, name: str) -> None:
    """Make an export of plain files, as an older Data³ wrote them, so that they change with all others."""
    plain = [path for path in www_dir.glob("*.db") if not path.is_symlink() and _is_ours(path)]
    if not plain or _current(exports):
        return
    folder = exports / f"{name}-before"
    folder.mkdir()
    for path in plain:
        os.link(path, folder / path.name)
    _switch(exports, folder.name)
    _link(www_dir, [path.name for path in plain])


def _is_ours(path: Path) -> bool:
    return path.name in {"metrics.db", "train.db"}


def _link(www_dir: Path, names: Iterable[str]) -> None:
    for name in names:
        path = www_dir / name
        if not _is_link(path):
            _replace_link(path, _target(name))
    _sync(www_dir)


def _switch(exports: Path, name: str) -> None:
    _sync(exports / name)
    _replace_link(exports / CURRENT, name)
    _sync(exports)


def _replace_link(path: Path, target: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(path)


def _unlink_missing(www_dir: Path) -> None:
    """An export may have fewer files than the one before."""
    for path in www_dir.glob("*.db"):
        if _is_link(path) and not path.exists():
            path.unlink()


def _clean(exports: Path) -> None:
    """Remove all but the current export, the one before, and those that a server reads."""
    current = _current(exports)
    folders = [path for path in exports.iterdir() if path.is_dir() and not path.is_symlink()]
    whole = sorted(path for path in folders if not path.name.startswith(_PARTIAL))
    before = [path for path in whole if path.name != current][-1:]
    for path in folders:
        if path.name != current and path not in before and not _is_read(path):
            shutil.rmtree(path, ignore_errors=True)
    for path in exports.glob(f".{CURRENT}.*"):
        path.unlink(missing_ok=True)


def _is_read(folder: Path) -> bool:
    for path in folder.glob("*.db"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
