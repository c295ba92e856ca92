"""What an answer that is not the expected one says, and why there was none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3

LATER_REMEDY = "Try again later; if it lasts, ask the server's administrator"

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ConnectionTrouble:
    """Why a request got no whole answer.

    Attributes:
        what: The rest of a sentence that begins with the address, its punctuation included.
        remedy: What to do next, one sentence.
        is_unreachable: Whether there was no connection at all.
        is_transient: Whether the same request may succeed later.
        is_too_much: Whether a request for less may succeed.
    """

    what: str
    remedy: str
    is_unreachable: bool = False
    is_transient: bool = True
    is_too_much: bool = False


_NO_CONNECTION: tuple[tuple[type[BaseException], str, str], ...] = (
    (requests.exceptions.ProxyError, "the proxy does not answer", "Check HTTPS_PROXY and NO_PROXY"),
    (requests.exceptions.ConnectTimeout, "no connection in time", "Check the address and your network"),
    (urllib3.exceptions.NameResolutionError, "unknown host", ""),
    (ConnectionRefusedError, "connection refused", ""),
    (urllib3.exceptions.NewConnectionError, "no way to its network", ""),
)


def connection_trouble(error: requests.RequestException | OSError, setting: str) -> ConnectionTrouble:
    """Why a request got no answer, or only a part of one.

    Args:
        error: What was raised.
        setting: The setting that holds the server's address.
    """
    if isinstance(error, requests.exceptions.SSLError):
        return ConnectionTrouble(
            ": the server's certificate is not trusted",
            "Set REQUESTS_CA_BUNDLE to the file with your organisation's certificates",
            is_unreachable=True,
            is_transient=False,
        )
    causes = _causes(error)
    for kind, reason, remedy in _NO_CONNECTION:
        if any(isinstance(one, kind) for one in causes):
            return ConnectionTrouble(
                f" cannot be reached: {reason}",
                remedy or f"Check {setting} and your network",
                is_unreachable=True,
            )
    if any(isinstance(one, (TimeoutError, urllib3.exceptions.ReadTimeoutError)) for one in causes):
        return ConnectionTrouble(
            " did not answer in time", "Ask for fewer objects at once, or try again later", is_too_much=True
        )
    if isinstance(
        error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    ):
        return ConnectionTrouble(" sent a broken answer: it ended too early", LATER_REMEDY)
    return ConnectionTrouble(" broke the connection", LATER_REMEDY)


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


def words_of(content_type: str, body: bytes) -> str:
    """What an answer that is not JSON says: the title of a page, or the first lines of a text."""
    text = body[:4000].decode(errors="replace")
    title = _TITLE.search(text)
    if title:
        return one_line(title[1].replace("&quot;", '"').replace("&amp;", "&"))
    if "html" in content_type:
        return "a page without a title" if text.strip() else ""
    return one_line(text)[:500]


def one_line(text: str) -> str:
    """A text without line breaks."""
    return " ".join(text.split())


def shorten(text: str) -> str:
    """A text as part of a sentence: one line, without its full stop, at most 300 characters."""
    text = one_line(text).rstrip(".")
    return text if len(text) <= 300 else f"{text[:299]}…"
