"""PHP has one type for lists and maps, and sends an empty map as an empty list."""

from __future__ import annotations

from typing import Any

MAP_KEYS = frozenset({"attachments", "boards", "custom", "fields", "fromColumnPHIDs", "meta"})
"""Names that hold a map wherever Conduit uses them, and `[]` where that is empty."""


def as_map(value: Any) -> dict[str, Any]:
    """A map as Conduit sends it: `[]` is the empty one, and so is null.

    Raises:
        TypeError: It is neither a map nor empty.
    """
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return {}
    raise TypeError(f"Expected a map, got {type(value).__name__}")
