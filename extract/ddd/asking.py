"""Any Conduit method, asked once: parameters from a person, the answer as the server sent it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec

from ddd.errors import RequestError
from ddd.phab import Conduit
from ddd.phab.errors import ConduitError, CursorLostError, PermissionDeniedError
from ddd.phab.retries import is_read

_FALLBACKS_COUNT = 10
"""Earlier rows that are tried as cursor when the last one of a page has vanished, as `Result` does."""


class _Envelope(msgspec.Struct):
    result: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True)
class Answer:
    """One answer; where it is a page of rows, also in parts. All JSON is as the server sent it.

    Attributes:
        result: The whole result.
        rows: The rows of a page; none where the answer is no page.
        others: The result's other parts by name, such as `cursor`.
    """

    result: bytes
    rows: list[bytes] | None = None
    others: dict[str, bytes] = field(default_factory=dict)

    def cursor(self, way: str) -> str | None:
        """Where the following page starts; none after the last one."""
        cursor = json.loads(self.others.get("cursor", b"null"))
        following = cursor.get(way) if isinstance(cursor, dict) else None
        return None if following is None else str(following)


def read_params(text: str) -> dict[str, Any]:
    """Parameters of a method from what a person wrote.

    Raises:
        RequestError: It is not a JSON object.
    """
    remedy = """Write an object in single quotes, such as '{"constraints": {"ids": [1]}}'"""
    try:
        params = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RequestError(f"The parameters are not JSON: {error.msg} at {place}", remedy) from None
    except ValueError as error:
        raise RequestError(f"The parameters are not JSON: {error}", remedy) from None
    except RecursionError:
        raise RequestError("The parameters are nested too deeply", remedy) from None
    if not isinstance(params, dict):
        raise RequestError("The parameters are JSON, but not an object", remedy)
    return params


def require_read(method: str, *, may_write: bool) -> None:
    """Check that a method only reads, or that writing is meant.

    Raises:
        RequestError: Its name is not one of a method that only reads.
    """
    if not may_write and not is_read(method):
        raise RequestError(
            f"{method} may change something on the server",
            "Add --write if that is meant; it is then sent once and never repeated",
        )


def ask(
    phab: Conduit, method: str, params: Mapping[str, Any], *, every_page: bool = False
) -> Iterator[Answer]:
    """Call a method and, where wanted, ask for its further pages until there are none.

    Pages follow the method's own cursor, forwards, or backwards where the parameters have `before` only.
    A method without pages gives one answer.

    Raises:
        ConduitError: The server or the network say no.
    """
    way = "before" if params.get("before") and not params.get("after") else "after"
    sent, used = dict(params), set[str]()
    answer = _split(phab.call_bytes(method, sent))
    yield answer
    while every_page:
        cursor = answer.cursor(way)
        if cursor is None:
            return
        if cursor in used:
            raise ConduitError(
                f"{method} goes in circles: it comes back to the cursor {cursor}",
                'Ask in the order of ids, with "order": "oldest"',
            )
        used.add(cursor)
        answer = _following(phab, method, sent, way, [cursor, *_earlier_rows(answer, way)])
        yield answer


def _following(phab: Conduit, method: str, sent: dict[str, Any], way: str, cursors: list[str]) -> Answer:
    """The page after the first cursor whose object is still there."""
    for position, cursor in enumerate(cursors):
        sent[way] = cursor
        try:
            return _split(phab.call_bytes(method, sent))
        except (CursorLostError, PermissionDeniedError):
            if position == len(cursors) - 1:
                raise
    raise AssertionError("there is always a cursor")


def _earlier_rows(answer: Answer, way: str) -> list[str]:
    ids = [
        str(row["id"]) for row in map(json.loads, answer.rows or []) if isinstance(row, dict) and "id" in row
    ]
    if way == "after":
        ids.reverse()
    return ids[1 : _FALLBACKS_COUNT + 1] if ids and ids[0] == answer.cursor(way) else []


def _split(body: bytes) -> Answer:
    try:
        result = bytes(_ENVELOPE.decode(body).result)
        if not result.lstrip().startswith(b"{"):
            return Answer(result)
        parts = {name: bytes(part) for name, part in _PARTS.decode(result).items()}
        data = parts.get("data")
        if data is None or "cursor" not in parts or not data.startswith(b"["):
            return Answer(result)
        rows = [bytes(row) for row in _ROWS.decode(data)]
    except msgspec.DecodeError:
        return _split_loosely(body)
    del parts["data"]
    return Answer(result, rows, parts)


def _split_loosely(body: bytes) -> Answer:
    """The same for an answer with half a character in it, which msgspec refuses."""
    result = json.loads(body)["result"]
    whole = json.dumps(result).encode()
    if not isinstance(result, dict) or not isinstance(result.get("data"), list) or "cursor" not in result:
        return Answer(whole)
    rows = [json.dumps(row).encode() for row in result.pop("data")]
    return Answer(whole, rows, {name: json.dumps(part).encode() for name, part in result.items()})


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is a number in JavaScript only")
