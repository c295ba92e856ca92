"""What an installation decides for itself: its own settings and roles beside the ones that come along.

The folder `DDD_SETTINGS_DIR` may hold files of the names in `dbt_project/seeds`. Rows of its `settings.csv`
go before the rows of the tracked file that are for the same setting and project, and those of its
`definition_changes.csv` before those of the same metric and day; every other file takes the place of the
tracked one. dbt then reads a folder in which both are put together.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from ddd.errors import SettingsError
from ddd.settings import PROJECT_DIR

SEEDS_DIR = PROJECT_DIR / "dbt_project" / "seeds"

_MERGED = {"settings.csv", "definition_changes.csv"}


def put_together(settings_dir: Path, into: Path) -> Path:
    """Write the seeds that hold for an installation.

    Args:
        settings_dir: The installation's own files.
        into: Folder of the result; replaced whole.

    Returns:
        That folder, for `DDD_SEEDS`.

    Raises:
        SettingsError: The folder is not there, or holds a file that no seed has the name or the columns of.
    """
    if not settings_dir.is_dir():
        raise SettingsError(
            f"DDD_SETTINGS_DIR names {settings_dir}, which is no folder", "Create it, or correct the variable"
        )
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(SEEDS_DIR, into)
    for own in sorted(settings_dir.glob("*.csv")):
        tracked = SEEDS_DIR / own.name
        if not tracked.exists():
            known = ", ".join(sorted(path.name for path in SEEDS_DIR.glob("*.csv")))
            raise SettingsError(
                f"{own} is not a file of settings", f"There are {known}: see docs/settings.md"
            )
        rows, columns = _rows(own), _rows(tracked)[0]
        if not rows or rows[0] != columns:
            raise SettingsError(
                f"{own} does not begin with the line {','.join(columns)}",
                f"Take {tracked} as a model",
            )
        if own.name in _MERGED:
            rows = [columns, *_merged(_rows(tracked)[1:], rows[1:])]
        _write(into / own.name, rows)
    return into


def _merged(tracked: list[list[str]], own: list[list[str]]) -> list[list[str]]:
    """The installation's rows, after the tracked ones that they do not replace."""
    replaced = {_key(row) for row in own}
    return [row for row in tracked if _key(row) not in replaced] + own


def _key(row: list[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row[:2])


def _rows(path: Path) -> list[list[str]]:
    try:
        # spreadsheets begin their files with a byte order mark
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(
            f"{path} cannot be read ({error})", "Save it as CSV with commas, in UTF-8"
        ) from None
    for row in rows:
        if len(row) != len(rows[0]):
            raise SettingsError(
                f"{path} has a line of {len(row)} cells instead of {len(rows[0])}: {','.join(row)}",
                "Put a cell that holds a comma in quotation marks",
            )
    return rows


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)
