"""Holds a site for one command and writes down what it does: history, log, and status for the public."""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from ddd import __version__, logs
from ddd.access import require_space, site_lock
from ddd.errors import DataError, WarehouseError
from ddd.history import History, Step, stamp
from ddd.refresh_status import Outcome, StatusFile
from ddd.settings import Settings

LEAST_BYTES = 100_000_000
"""Without so much room nothing is begun; steps that need more look for themselves."""

_OF_FILES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
_FULL = ("No space left", "Disk quota", "Could not write", "File too large")


@dataclass
class Journal:
    """One command on a site, step by step.

    Attributes:
        settings: Which site.
        seconds: How long each step took.
        failed_steps: Names of the steps that failed.
    """

    settings: Settings
    seconds: dict[str, float] = field(default_factory=dict)
    failed_steps: list[str] = field(default_factory=list)
    _run_id: int | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Do a step; what is put into the dictionary is written down as its facts."""
        facts: dict[str, Any] = {}
        began = datetime.now(UTC)
        clock = time.monotonic()
        logs.event("step started", step=name)
        self._write(lambda history, run_id: history.begin_step(run_id, name, began))
        outcome: Outcome = "failed"
        message: str | None = None
        try:
            yield facts
            outcome = "complete"
        except BaseException as error:
            told = _about_files(error, name, self.settings)
            outcome, message = _outcome_of(error), str(told or error) or type(error).__name__
            self.failed_steps.append(name)
            if told:
                raise told from None
            raise
        finally:
            self.seconds[name] = time.monotonic() - clock
            ended = Step(name, stamp(began), stamp(datetime.now(UTC)), outcome, message, facts)
            said = facts | ({"message": message} if message else {})
            if outcome == "complete":
                logs.event("step finished", step=name, seconds=round(self.seconds[name], 3), **said)
            else:
                logs.event(f"step {outcome}", level=logging.ERROR, step=name, **said)
            self._write(lambda history, run_id: history.end_step(run_id, ended))

    def begin(self, command: str) -> None:
        """Write down that the command runs."""
        logs.hide(self.settings.site.token, self.settings.gerrit.token)
        try:
            history = History(self.settings.runs_path)
            self._run_id = history.begin(command, self.settings.site.name, datetime.now(UTC))
        except (sqlite3.Error, OSError, WarehouseError) as error:
            _say_unwritten(error)
        logs.run_id.set(self._run_id)
        logs.event("run started", command=command, site=self.settings.site.name, data3_version=__version__)

    def end(self, outcome: Outcome, message: str | None) -> None:
        """Write down how it ended."""
        self._write(lambda history, run_id: history.end(run_id, outcome, message, datetime.now(UTC)))
        level = logging.INFO if outcome == "complete" else logging.ERROR
        failed = {"failed_steps": self.failed_steps} if self.failed_steps else {}
        logs.event("run finished", level=level, outcome=outcome, **failed)
        logs.run_id.set(None)

    def _write(self, what: Callable[[History, int], None]) -> None:
        if self._run_id is None:
            return
        try:
            what(History(self.settings.runs_path), self._run_id)
        except (sqlite3.Error, OSError) as error:
            _say_unwritten(error)


@contextmanager
def recorded(settings: Settings, command: str, *, is_refresh: bool = False) -> Iterator[Journal]:
    """Hold the site for a command, and write down what it does.

    Where the history cannot be written, on a full disk say, the command goes on without.

    Args:
        settings: Which site.
        command: Its name, such as `refresh`.
        is_refresh: Whether pages and monitoring are told how it went.

    Raises:
        WarehouseError: Another process works on this site.
    """
    status = StatusFile(settings.www_dir, settings.site.name, settings.stale_hours) if is_refresh else None
    with site_lock(settings):
        journal = Journal(settings)
        journal.begin(command)
        if status:
            status.begin(datetime.now(UTC))
        outcome: Outcome = "failed"
        message: str | None = None
        try:
            require_space(settings.site_dir, LEAST_BYTES)
            yield journal
            outcome = "incomplete" if journal.failed_steps else "complete"
        except BaseException as error:
            outcome, message = _outcome_of(error), str(error) or type(error).__name__
            raise
        finally:
            journal.end(outcome, message)
            if status:
                status.end(outcome, tuple(journal.failed_steps), datetime.now(UTC))


def _about_files(error: BaseException, step: str, settings: Settings) -> WarehouseError | None:
    """What to say where a disk is full, or a folder must not be written, in the middle of a step."""
    if isinstance(error, DataError) or not isinstance(error, (OSError, duckdb.Error)):
        return None
    said = str(error).splitlines()[0]
    if getattr(error, "errno", None) not in _OF_FILES and not any(word in said for word in _FULL):
        return None
    return WarehouseError(
        f"The step {step} could not write in {settings.site_dir}: {said}",
        "Make room on that disk and check the folder's permissions, then run again: what is there is kept",
    )


def _outcome_of(error: BaseException) -> Outcome:
    return "failed" if isinstance(error, Exception) else "interrupted"


def _say_unwritten(error: Exception) -> None:
    logs.event("history not written", level=logging.WARNING, message=str(error))
