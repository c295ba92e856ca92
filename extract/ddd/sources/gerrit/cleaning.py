"""Takes e-mail addresses out of what Gerrit says, before anything is kept.

Accounts, authors and reviewers come with their address, and names, messages and footers may hold others. A
picture's address holds a hash of one.
"""

from __future__ import annotations

import re

import msgspec

REMOVED = "[e-mail]"

_FIELDS = frozenset({"email", "secondary_emails", "avatars"})
_FILES = "files"  # by name; a file may be called `email`
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def without_addresses(body: bytes) -> bytes:
    """A JSON document without e-mail addresses; names of files stay as they are.

    Raises:
        msgspec.DecodeError: It is no JSON.
    """
    return msgspec.json.encode(_cleaned(msgspec.json.decode(body)))


def cleaned_text(text: str) -> str:
    """A text in which other words stand for e-mail addresses."""
    return _ADDRESS.sub(REMOVED, text) if "@" in text else text


def _cleaned(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: inner if key == _FILES else _cleaned(inner)
            for key, inner in value.items()
            if key not in _FIELDS
        }
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return cleaned_text(value) if isinstance(value, str) else value
