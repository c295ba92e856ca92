"""From an answer that is no Conduit envelope, or from none at all, to the error that it means.

What does not reach Conduit, or breaks it, comes as HTML or plain text: from PHP, from the web server or from
whatever stands in front of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3

from ddd.phab.envelope import LATER_REMEDY, one_line, shorten
from ddd.phab.errors import (
    BadRequestError,
    ConduitError,
    NotConduitError,
    RateLimitedError,
    ServerTroubleError,
    UnreachableError,
    redact,
)

_MEMORY = re.compile(r"Allowed memory size|Out of memory|Maximum execution time", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_URL_REMEDY = "Check CONDUIT_URL; it is the server's address with /api/ behind it"
_ADDRESS_REMEDY = "Check CONDUIT_URL and your network"


def http_error(url: str, status: int, headers: Mapping[str, str], body: bytes, *secrets: str) -> ConduitError:
    """The error for an answer that is no Conduit envelope.

    Args:
        url: The address that was called; it never holds a token.
        status: The HTTP status.
        headers: The answer's headers, with names in any case if the mapping allows for it.
        body: The answer's body, decompressed.
        secrets: Tokens to take out of what it says.
    """
    code, info = str(status), redact(_words(headers.get("Content-Type", ""), body), *secrets)
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
    causes = _causes(error)
    unreachable = _unreachable(url, error, causes)
    if unreachable:
        return unreachable
    if any(isinstance(one, (TimeoutError, urllib3.exceptions.ReadTimeoutError)) for one in causes):
        return ServerTroubleError(
            f"{url} did not answer in time",
            "Ask for fewer objects at once, or try again later",
            is_too_much=True,
        )
    if isinstance(
        error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    ):
        return broken_answer(url, "it ended too early")
    return ServerTroubleError(f"{url} broke the connection", LATER_REMEDY)


_UNREACHABLE: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        requests.exceptions.ProxyError,
        "the proxy does not answer",
        "Check HTTPS_PROXY and NO_PROXY",
    ),
    (requests.exceptions.ConnectTimeout, "no connection in time", "Check the address and your network"),
    (urllib3.exceptions.NameResolutionError, "unknown host", _ADDRESS_REMEDY),
    (ConnectionRefusedError, "connection refused", _ADDRESS_REMEDY),
    (urllib3.exceptions.NewConnectionError, "no way to its network", _ADDRESS_REMEDY),
)


def _unreachable(url: str, error: BaseException, causes: Sequence[BaseException]) -> UnreachableError | None:
    """The error where there was no connection at all; none where there was one."""
    if isinstance(error, requests.exceptions.SSLError):
        return UnreachableError(
            f"{url}: the server's certificate is not trusted",
            "Set REQUESTS_CA_BUNDLE to the file with your organisation's certificates",
            is_transient=False,
        )
    for kind, reason, remedy in _UNREACHABLE:
        if any(isinstance(one, kind) for one in causes):
            return UnreachableError(f"{url} cannot be reached: {reason}", remedy)
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """An exception with everything that it wraps: requests nests urllib3's, which nest the system's."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and not any(one is known for known in found):
            found.append(one)
            waiting += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]
    return found


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """How long the server asks to wait: a number of seconds or a date; none where it says nothing usable."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    at, now = http_date(text), http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max((at - now).total_seconds(), 0.0) if at else None


def http_date(text: str) -> datetime | None:
    """A date from an HTTP header in UTC; none where it is missing or not a date."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _words(content_type: str, body: bytes) -> str:
    """What an answer that is not JSON says: the title of a page, or the first lines of a text."""
    text = body[:4000].decode(errors="replace")
    title = _TITLE.search(text)
    if title:
        return one_line(title[1].replace("&quot;", '"').replace("&amp;", "&"))
    if "html" in content_type:
        return "a page without a title" if text.strip() else ""
    return one_line(text)[:500]


def _kind(headers: Mapping[str, str]) -> str:
    kind = headers.get("Content-Type", "").split(";")[0].strip()
    return {"text/html": "a web page", "application/json": "other JSON"}.get(
        kind, kind or "something unnamed"
    )
