"""What a link, or whatever else names a change, is called in a query of Gerrit's.

https://gerrit-review.googlesource.com/Documentation/user-search.html describes `change:` and `commit:`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_LONGEST_NUMBER = 7
"""A longer row of digits is a commit, where it does not stand where only a number may."""

_TRIPLET = re.compile(r"[\w./-]+~(?:[\w./-]+~I[0-9a-f]{40}|\d{1,10})")
_NUMBER_OF_A_PAGE = re.compile(r"(?:^c/|/c/|/\+/)(?:.+/\+/)?(\d{1,10})(?:/\d+)?/?$")
_LAST_WORD = re.compile(r"(?:^|/)(?:commit:|change:)?(\w+)/?$")
_CHANGE_ID = re.compile(r"I[0-9a-f]{40}")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def query_term(link: str) -> str:
    """The query that finds what a link names: `commit:3dd47890`, `change:1234`, `change:I3dd47890…`.

    Understood are pages of a change (`/c/1234`, `/c/a/project/+/1234/2`, `/1234`), of a search (`/q/…`, with
    the old `#/` and `,n,z` as well), and bare numbers, commits, Change-Ids and `project~branch~Change-Id`.

    Returns:
        The term; empty where the link names no change.
    """
    address = unquote(link.strip()).rpartition("://")[2].rpartition("#/")[2].removesuffix(",n,z")
    if _TRIPLET.fullmatch(address):
        return f"change:{address}"
    if number := _NUMBER_OF_A_PAGE.search(address):
        return f"change:{int(number[1])}"
    found = _LAST_WORD.search(address)
    word = found[1] if found else ""
    if _CHANGE_ID.fullmatch(word) or (word.isdecimal() and len(word) <= _LONGEST_NUMBER):
        return f"change:{word}"
    return f"commit:{word}" if _COMMIT.fullmatch(word) else ""
