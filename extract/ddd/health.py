"""Whether what is served is whole and fresh, in a form for monitoring and in one for people.

Everything here is public: it comes from the published files and from the status beside them.
"""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, Literal

from ddd import __version__
from ddd.published import About
from ddd.refresh_status import STALE_AFTER_HOURS, Attempt, RefreshStatus

State = Literal["ok", "failed", "stale", "empty"]

HTTP_STATUS: dict[State, int] = {"ok": 200, "failed": 200, "stale": 503, "empty": 503}
"""A failed refresh alone is no alarm, as the next one may come through; old data are one."""


@dataclass(frozen=True)
class Health:
    """What is well and what is not.

    Attributes:
        state: `ok`; `failed` where the newest refresh did not come through, but the data are not old yet;
            `stale` where they are old; `empty` where nothing is published.
        about: Whose data are served, and of when.
        age: How old they are; none for simulated ones, whose clock is simulated, too.
        stale_after: From what age on they are old.
        failure: A refresh that did not come through, since which nothing was published whole.
        status: What the refreshes say of themselves.
    """

    state: State
    about: About | None = None
    age: timedelta | None = None
    stale_after: timedelta = timedelta(hours=STALE_AFTER_HOURS)
    failure: Attempt | None = None
    status: RefreshStatus | None = None

    @property
    def age_text(self) -> str:
        """The age in words; empty where there is none."""
        return "" if self.age is None else age_text(self.age)

    @property
    def notice(self) -> str:
        """What every page says at its top, in plain sentences; empty where all is well."""
        said = []
        if self.state == "stale" and self.age is not None:
            said.append(f"These data are {age_text(self.age)} old.")
        if self.failure:
            said.append(_failure_text(self.failure))
        elif self.state == "stale":
            said.append("No refresh has come through since.")
        if self.failure and self.about and self.state == "failed" and self.failure.outcome != "incomplete":
            said.append(f"What is shown is of {minute(self.about.as_of)}.")
        return " ".join(said)


def health_of(files: Mapping[str, About], status: RefreshStatus | None, now: datetime) -> Health:
    """Judge what is served.

    Args:
        files: What each published file says of itself, the first one for all.
        status: What the refreshes say; none where nobody wrote it.
        now: The present.
    """
    about = next(iter(files.values()), None)
    if about is None:
        return Health("empty", status=status)
    if status and status.site_name != about.site_name:
        status = None  # of a refresh that has published nothing here
    stale_after = timedelta(hours=status.stale_after_hours if status else STALE_AFTER_HOURS)
    age = None if about.is_demo else now - datetime.fromisoformat(about.as_of)
    failure = status.last_failure if status else None
    if failure and (failure.finished_at or failure.started_at) < about.exported_at:
        failure = None  # something newer has been published since
    is_old = age is not None and age > stale_after
    state: State = "stale" if is_old else "failed" if failure else "ok"
    return Health(state, about, age, stale_after, failure, status)


def as_json(health: Health, files: Mapping[str, About]) -> dict[str, Any]:
    """What `/-/ddd/health.json` answers; its fields are described in docs/operations.md."""
    about, status = health.about, health.status
    return {
        "ok": HTTP_STATUS[health.state] == 200,
        "state": health.state,
        "notice": health.notice,
        "site_name": about.site_name if about else None,
        "is_demo": about.is_demo if about else None,
        "as_of": about.as_of if about else None,
        "age_seconds": None if health.age is None else max(int(health.age.total_seconds()), 0),
        "stale_after_seconds": int(health.stale_after.total_seconds()),
        "files": {
            name: {"as_of": each.as_of, "exported_at": each.exported_at, "data3_version": each.ddd_version}
            for name, each in files.items()
        },
        "last_refresh": asdict(status.last_refresh) if status and status.last_refresh else None,
        "last_failure": asdict(status.last_failure) if status and status.last_failure else None,
        "versions": {
            "data3": __version__,
            "datasette": version("datasette"),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        },
    }


def age_text(age: timedelta) -> str:
    """A length of time in its greatest unit: `5 minutes`, `3 hours`, `12 days`."""
    seconds = max(age.total_seconds(), 0)
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length or (unit == "minute"):
            number = int(seconds // length)
            return f"{number:,} {unit}{'' if number == 1 else 's'}"
    return ""


def minute(moment: str) -> str:
    """A time of ISO 8601 in UTC for people, to the minute."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _failure_text(failure: Attempt) -> str:
    when = minute(failure.finished_at or failure.started_at)
    steps = ", ".join(failure.failed_steps)
    if failure.outcome == "incomplete":
        return f"The last refresh ({when}) did not get everything: {steps} failed."
    if failure.outcome == "interrupted":
        return f"A refresh that began {minute(failure.started_at)} was interrupted."
    return f"The last refresh failed ({when}{f', step {steps}' if steps else ''})."
