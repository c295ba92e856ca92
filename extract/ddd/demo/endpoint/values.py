"""Reads parameters with the server's strictness: JSON values are typed, form values are guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddd.demo.endpoint.answers import ConduitFailure, core_failure


def _wrong(name: str, expected: str) -> ConduitFailure:
    return core_failure(f'Error while reading "{name}": {expected}')


def read_int(name: str, value: Any, *, is_strict: bool) -> int:
    """A whole number; in a form also its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not is_strict and isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    raise _wrong(name, "Expected integer, got something else.")


def read_epoch(name: str, value: Any, *, is_strict: bool) -> int:
    """A time in seconds since 1970, which must be later than that."""
    epoch = read_int(name, value, is_strict=is_strict)
    if epoch <= 0:
        raise _wrong(name, f"Epoch timestamp must be larger than 0, got {epoch}.")
    return epoch


def read_bool(name: str, value: Any, *, is_strict: bool) -> bool:
    """True or false; in a form also their usual spellings."""
    if isinstance(value, bool):
        return value
    if not is_strict and value in {"1", "true", "0", "false"}:
        return value in {"1", "true"}
    raise _wrong(name, "Expected boolean (true or false), got something else.")


def read_text(name: str, value: Any, *, is_strict: bool) -> str:
    """A string."""
    del is_strict  # a form has nothing but strings
    if isinstance(value, str):
        return value
    raise _wrong(name, "Expected string, got something else.")


def _read_list(name: str, value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        raise _wrong(name, "Expected a list, but value is an object.")
    if not isinstance(value, list):
        raise _wrong(name, "Expected a list, but value is not a list.")
    if not value:
        raise _wrong(name, "Expected a nonempty list, but value is an empty list.")
    return value


def read_ints(name: str, value: Any, *, is_strict: bool) -> set[int]:
    """A non-empty list of whole numbers."""
    items = _read_list(name, value)
    return {read_int(f"{name}[{index}]", item, is_strict=is_strict) for index, item in enumerate(items)}


def read_texts(name: str, value: Any, *, is_strict: bool) -> list[str]:
    """A non-empty list of strings, in its order."""
    items = _read_list(name, value)
    return [read_text(f"{name}[{index}]", item, is_strict=is_strict) for index, item in enumerate(items)]
