"""Values of variables of the environment, each read as what it is meant to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ddd.errors import SettingsError

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def words(text: str) -> tuple[str, ...]:
    """The words of a list that is written with commas or spaces."""
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def number(environ: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """A whole number; the default where the variable is not set.

    Raises:
        SettingsError: It is no whole number, or too small or too great.
    """
    text = environ.get(name)
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsError(f"{name} is {text!r}", f"Give a whole number from {least} to {most}")
    return int(text)


def path(environ: Mapping[str, str], name: str) -> Path | None:
    """An absolute path; none where the variable is not set."""
    text = environ.get(name, "").strip()
    return Path(text).expanduser().resolve() if text else None


def flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Yes or no; the default where the variable is not set.

    Raises:
        SettingsError: It is neither.
    """
    text = environ.get(name, "").lower()
    if not text:
        return default
    if text not in _TRUE | _FALSE:
        raise SettingsError(f"{name} is {text!r}", "Write 1 or 0")
    return text in _TRUE


def day(environ: Mapping[str, str], name: str) -> date | None:
    """A day; none where the variable is not set.

    Raises:
        SettingsError: It is none.
    """
    text = environ.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}", "Write a day as 2026-01-31") from None
