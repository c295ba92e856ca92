"""How the last refreshes went: a small file beside the published ones, for pages and for monitoring.

It holds times, outcomes and names of steps, nothing else: whoever may read the published files may read it.
What went wrong is in the log and in the history (`ddd.history`).
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["running", "complete", "incomplete", "failed", "interrupted"]
"""`incomplete`: a source failed, and what the others brought was published."""

FILE_NAME = "refresh_status.json"
STALE_AFTER_HOURS = 48
"""A refresh is meant to run every day: after two days something is wrong."""

_STAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Attempt:
    """One refresh, as the public may know it; times are ISO 8601 in UTC.

    Attributes:
        finished_at: When it ended; none while it runs, and where nobody knows.
        failed_steps: Names of the steps that failed, such as `build`.
    """

    started_at: str
    outcome: Outcome
    finished_at: str | None = None
    failed_steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefreshStatus:
    """What the file holds.

    Attributes:
        site_name: Whose refreshes these are.
        last_refresh: The newest, which may still run.
        last_failure: The newest that did not come through whole.
        stale_after_hours: Data that are older are to be called old.
    """

    site_name: str
    last_refresh: Attempt | None = None
    last_failure: Attempt | None = None
    stale_after_hours: int = STALE_AFTER_HOURS


def read_status(www_dir: Path) -> RefreshStatus | None:
    """The status beside the published files; none where there is no such file or it cannot be read."""
    try:
        found = json.loads((www_dir / FILE_NAME).read_text(encoding="utf-8"))
        return RefreshStatus(
            site_name=str(found["site_name"]),
            last_refresh=_attempt(found.get("last_refresh")),
            last_failure=_attempt(found.get("last_failure")),
            stale_after_hours=int(found["stale_after_hours"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _attempt(found: dict[str, Any] | None) -> Attempt | None:
    if not found:
        return None
    return Attempt(
        started_at=_valid(found["started_at"]),
        outcome=found["outcome"],
        finished_at=_valid(found["finished_at"]) if found.get("finished_at") else None,
        failed_steps=tuple(map(str, found.get("failed_steps", ()))),
    )


def _valid(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(UTC).strftime(_STAMP)


@dataclass
class StatusFile:
    """Writes the status of a refresh as it goes; where that is impossible, the refresh goes on without.

    Attributes:
        www_dir: The folder of the published files.
        site_name: Whose refresh it is.
        stale_after_hours: See `RefreshStatus`.
    """

    www_dir: Path
    site_name: str
    stale_after_hours: int = STALE_AFTER_HOURS
    _status: RefreshStatus = field(init=False)

    def begin(self, now: datetime) -> None:
        """Say that a refresh runs. Call it with the site's lock held: whatever ran before was killed."""
        before = read_status(self.www_dir)
        if before is None or before.site_name != self.site_name:
            before = RefreshStatus(self.site_name)
        last_failure = before.last_failure
        if before.last_refresh and before.last_refresh.outcome == "running":
            last_failure = replace(before.last_refresh, outcome="interrupted")
        attempt = Attempt(now.strftime(_STAMP), "running")
        self._status = RefreshStatus(self.site_name, attempt, last_failure, self.stale_after_hours)
        self._write()

    def end(self, outcome: Outcome, failed_steps: tuple[str, ...], now: datetime) -> None:
        """Say how it ended."""
        attempt = self._status.last_refresh
        if attempt is None:
            return
        attempt = replace(
            attempt, outcome=outcome, finished_at=now.strftime(_STAMP), failed_steps=failed_steps
        )
        failure = self._status.last_failure if outcome == "complete" else attempt
        self._status = replace(self._status, last_refresh=attempt, last_failure=failure)
        self._write()

    def _write(self) -> None:
        path = self.www_dir / FILE_NAME
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        text = json.dumps(asdict(self._status), indent=2) + "\n"
        # nobody's figures depend on it: on a full disk the old status stays, and the log has the failure
        with contextlib.suppress(OSError):
            try:
                self.www_dir.mkdir(parents=True, exist_ok=True)
                beside.write_text(text, encoding="utf-8")
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
