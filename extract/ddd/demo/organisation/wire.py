"""Text as the server writes it into JSON, in the pieces that documents are put together from."""

from __future__ import annotations

import json
from functools import lru_cache


def quoted(text: str) -> str:
    r"""A JSON string as the server writes it: ASCII only, with `/`, `<` and `>` escaped."""
    found = json.dumps(text)
    if "/" in found or "<" in found or ">" in found:
        found = found.replace("/", "\\/").replace("<", "\\u003c").replace(">", "\\u003e")
    return found


@lru_cache(maxsize=4096)
def inner(text: str) -> str:
    """A JSON string without its quotes, to be put into a longer one."""
    return quoted(text)[1:-1]


def phid_list(phids: list[str]) -> str:
    """A JSON list of PHIDs."""
    return '["' + '","'.join(phids) + '"]' if phids else "[]"


def nullable(phid: str | None) -> str:
    """A PHID, or null."""
    return f'"{phid}"' if phid else "null"
