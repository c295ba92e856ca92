"""From an answer that is no Conduit envelope, or from none at all, to the error that it means.

What does not reach Conduit, or breaks it, comes as HTML or plain text: from PHP, from the web server or from
whatever stands in front of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import requests

from ddd.phab.errors import (
    BadRequestError,
    ConduitError,
    NotConduitError,
    RateLimitedError,
    ServerTroubleError,
    UnreachableError,
    redact,
)
from ddd.web.answers import LATER_REMEDY, connection_trouble, retry_after_seconds, shorten, words_of

_MEMORY = re.compile(r"Allowed memory size|Out of memory|Maximum execution time", re.IGNORECASE)
_URL_REMEDY = "Check CONDUIT_URL; it is the server's address with /api/ behind it"


def http_error(url: str, status: int, headers: Mapping[str, str], body: bytes, *secrets: str) -> ConduitError:
    """The error for an answer that is no Conduit envelope.

    Args:
        url: The address that was called; it never holds a token.
        status: The HTTP status.
        headers: The answer's headers, with names in any case if the mapping allows for it.
        body: The answer's body, decompressed.
        secrets: Tokens to take out of what it says.
    """
    code, info = str(status), redact(words_of(headers.get("Content-Type", ""), body), *secrets)
    said = f" ({shorten(info)})" if info else ""
    wait = retry_after_seconds(headers)
    if status == 429:
        asked = f"Wait {wait:.0f} seconds" if wait is not None else "Wait some minutes"
        return RateLimitedError(
            f"{url} refuses: too many requests",
            f"{asked}, then use fewer connections (DDD_CONNECTIONS)",
            code=code,
            info=info,
            retry_after_seconds=wait,
        )
    if status >= 500 or status == 408:
        return _server_trouble(url, status, info, body, wait)
    if status == 413:
        return BadRequestError(
            f"{url} refuses a request of this size{said}",
            "Ask for fewer objects at once",
            code=code,
            info=info,
            is_too_much=True,
        )
    if 300 <= status < 400:
        target = redact(headers.get("Location", ""), *secrets)
        return NotConduitError(f"{url} redirects to {target or 'nowhere'}", _URL_REMEDY, code=code, info=info)
    if status == 200 and not info.strip():
        return ServerTroubleError(f"{url} sent an empty answer", LATER_REMEDY, code=code)
    return NotConduitError(
        f"{url} is not a Conduit API: it answers {status} with {_kind(headers)}{said}",
        _URL_REMEDY,
        code=code,
        info=info,
    )


def _server_trouble(url: str, status: int, info: str, body: bytes, wait: float | None) -> ConduitError:
    code, said = str(status), f" ({shorten(info)})" if info else ""
    if info == "Site Not Found":
        return NotConduitError(
            f"{url}: the server does not serve this host name",
            "Write CONDUIT_URL with the name that people use in their browser",
            code=code,
            info=info,
        )
    if "Unhandled Exception" in info and "TypeError" in info:
        # PHP raises it for a parameter of another type than the method expects, so it always recurs
        return BadRequestError(
            f"{url} failed{said}", "Check the types of the parameters", code=code, info=info
        )
    if _MEMORY.search(body[:4000].decode(errors="replace")):
        return ServerTroubleError(
            f"{url} ran out of memory or time{said}",
            "Ask for fewer objects at once",
            code=code,
            info=info,
            is_transient=False,
            is_too_much=True,
        )
    return ServerTroubleError(
        f"{url} is in trouble: HTTP {status}{said}",
        LATER_REMEDY,
        code=code,
        info=info,
        is_too_much=status in {408, 504},
        retry_after_seconds=wait,
    )


def broken_answer(url: str, problem: str) -> ServerTroubleError:
    """The error for an answer that ended too early."""
    return ServerTroubleError(f"{url} sent a broken answer: {problem}", LATER_REMEDY)


def oversized_answer(url: str, limit_bytes: int) -> ServerTroubleError:
    """The error for an answer that is larger than the client allows."""
    return ServerTroubleError(
        f"{url} sent more than {limit_bytes:,} bytes in one answer",
        "Ask for fewer objects at once",
        is_transient=False,
        is_too_much=True,
    )


def connection_error(url: str, error: requests.RequestException | OSError) -> ConduitError:
    """The error for a request that got no answer, or only a part of one."""
    trouble = connection_trouble(error, "CONDUIT_URL")
    kind = UnreachableError if trouble.is_unreachable else ServerTroubleError
    return kind(
        f"{url}{trouble.what}",
        trouble.remedy,
        is_transient=trouble.is_transient,
        is_too_much=trouble.is_too_much,
    )


def _kind(headers: Mapping[str, str]) -> str:
    kind = headers.get("Content-Type", "").split(";")[0].strip()
    return {"text/html": "a web page", "application/json": "other JSON"}.get(
        kind, kind or "something unnamed"
    )
