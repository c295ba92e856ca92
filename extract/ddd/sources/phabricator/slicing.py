r"""Cuts rows out of answers that msgspec refuses whole, because one text in them holds half a character.

PHP cuts long texts between the two halves of a surrogate pair, and writes what is left as `\ud83d`.
Python's own reader takes that, and says where each row ends, so that its bytes are kept. It is slow, and
seldom needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def slice_search(answer: bytes) -> tuple[list[bytes], str | int | None]:
    """The rows of a search method's answer, and the cursor behind them.

    Raises:
        ValueError: It is not such an answer.
    """
    text = answer.decode()
    result = dict(_members(text, _member(text, 0, "result")))
    rows = [text[start:end].encode() for start, end in _items(text, result["data"])]
    cursor: Any = _DECODER.raw_decode(text, result["cursor"])[0] if "cursor" in result else None
    return rows, (cursor or {}).get("after")


def slice_history(answer: bytes) -> list[tuple[str, list[bytes]]]:
    """Task ids and their rows, of an answer of `maniphest.gettasktransactions`.

    Raises:
        ValueError: It is not such an answer.
    """
    text = answer.decode()
    histories = _members(text, _member(text, 0, "result"))
    return [
        (task_id, [text[first:end].encode() for first, end in _items(text, place)])
        for task_id, place in histories
    ]


def _member(text: str, start: int, wanted: str) -> int:
    for name, place in _members(text, start):
        if name == wanted:
            return place
    raise ValueError(f"no {wanted!r} in the answer")


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Names of a map's members, and where their values begin."""
    place = _expect(text, start, "{")
    while text[place] != "}":
        name, place = _DECODER.raw_decode(text, place)
        value = _expect(text, place, ":")
        yield name, value
        place = _next(text, _DECODER.raw_decode(text, value)[1])


def _items(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where a list's items begin and end."""
    place = _expect(text, start, "[")
    while text[place] != "]":
        end = _DECODER.raw_decode(text, place)[1]
        yield place, end
        place = _next(text, end)


def _next(text: str, place: int) -> int:
    place = _after_blanks(text, place)
    return _after_blanks(text, place + 1) if text[place] == "," else place


def _expect(text: str, place: int, sign: str) -> int:
    place = _after_blanks(text, place)
    if text[place] != sign:
        raise ValueError(f"{sign!r} expected at {place}")
    return _after_blanks(text, place + 1)


def _after_blanks(text: str, place: int) -> int:
    match = _BLANK.match(text, place)
    assert match is not None
    return match.end()
