"""One thing that was looked at, and whether it is well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ddd.errors import DataError


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        area: What it belongs to: `settings`, `server`, `warehouse`, `published`, `versions`.
        subject: What was looked at.
        state: How it is.
        text: What was found.
        remedy: What to do about it; empty where nothing is to be done.
    """

    area: str
    subject: str
    state: State
    text: str
    remedy: str = ""


def ok(area: str, subject: str, text: str) -> Finding:
    """A thing that is well."""
    return Finding(area, subject, State.OK, text)


def warning(area: str, subject: str, text: str, remedy: str) -> Finding:
    """A thing that works, but not as it should."""
    return Finding(area, subject, State.WARNING, text, remedy)


def problem(area: str, subject: str, text: str, remedy: str) -> Finding:
    """A thing that keeps the figures from being right or new."""
    return Finding(area, subject, State.PROBLEM, text, remedy)


def failed(area: str, subject: str, error: DataError) -> Finding:
    """A thing that could not be looked at."""
    return problem(area, subject, error.what, error.remedy)


def age_text(moment: datetime, now: datetime | None = None) -> str:
    """How long ago something was, in one unit: `3 hours ago`."""
    passed = (now or datetime.now(UTC)) - moment.astimezone(UTC)
    for unit, size in (
        ("days", timedelta(days=1)),
        ("hours", timedelta(hours=1)),
        ("minutes", timedelta(minutes=1)),
    ):
        if passed >= 2 * size:
            return f"{passed // size:,} {unit} ago"
    return "just now"


def size_text(size: float) -> str:
    """A number of bytes for people."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
