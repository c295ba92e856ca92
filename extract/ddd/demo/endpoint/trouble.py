"""Trouble on purpose: what a server or the network between does when it is not well.

Source of statuses, content types and texts: FACTS.md §1, table of answers that are not 200 or not JSON.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


@dataclass
class Trouble:
    """What happens to the next calls.

    Attributes:
        status: HTTP status of the answer; 0 leaves the answer as it is.
        content_type: Content type of the answer.
        body: The answer.
        delay_seconds: How long to wait before answering.
        is_truncated: Announce the whole answer, send half of it and hang up.
        is_dropped: Hang up without an answer.
        times: How many calls it happens to.
        after_calls: How many calls are spared first.
        method: The method that it happens to; any where it is empty.
    """

    status: int = 0
    content_type: str = "text/html"
    body: bytes = b""
    delay_seconds: float = 0.0
    is_truncated: bool = False
    is_dropped: bool = False
    times: int = 1
    after_calls: int = 0
    method: str = ""


def rate_limited(times: int = 1) -> Trouble:
    """429 in plain text, without a Retry-After header."""
    body = b'TOO MANY REQUESTS\nYou ("127.0.0.1") are issuing too many requests too quickly.\n'
    return Trouble(429, "text/plain; charset=utf-8", body, times=times)


def broken(times: int = 1) -> Trouble:
    """500, as when the server cannot reach its database."""
    body = b"<!DOCTYPE html>\n<html><head><title>Setup Error</title></head><body></body></html>"
    return Trouble(500, "text/html; charset=UTF-8", body, times=times)


def out_of_memory(times: int = 1) -> Trouble:
    """500 in plain text, as when too many transactions were asked for at once."""
    body = b">>> UNRECOVERABLE FATAL ERROR <<<\n\nAllowed memory size of 1073741824 bytes exhausted"
    return Trouble(500, "text/plain; charset=utf-8", body, times=times)


def unavailable(times: int = 1) -> Trouble:
    """503 from the web server in front, as during maintenance."""
    body = b"<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head></html>\r\n"
    return Trouble(503, body=body, times=times)


def truncated(times: int = 1) -> Trouble:
    """The connection breaks in the middle of an answer."""
    return Trouble(is_truncated=True, times=times)


def dropped(times: int = 1) -> Trouble:
    """The connection breaks before any answer."""
    return Trouble(is_dropped=True, times=times)


def slow(seconds: float, times: int = 1) -> Trouble:
    """An answer that takes its time."""
    return Trouble(delay_seconds=seconds, times=times)


class Troubles:
    """Trouble that was planned and has not happened yet."""

    def __init__(self) -> None:
        self._planned: list[Trouble] = []
        self._lock = threading.Lock()

    def plan(self, trouble: Trouble) -> None:
        """Let it happen to the calls that come; kinds planned earlier happen first."""
        with self._lock:
            self._planned.append(trouble)

    def clear(self) -> None:
        """Forget what has not happened yet."""
        with self._lock:
            self._planned.clear()

    def next_for(self, method: str) -> Trouble | None:
        """The trouble of this call, after its delay; none where all is well."""
        with self._lock:
            found = next((one for one in self._planned if one.method in {"", method}), None)
            if found is None:
                return None
            if found.after_calls > 0:
                found.after_calls -= 1
                return None
            found.times -= 1
            if found.times <= 0:
                self._planned.remove(found)
        if found.delay_seconds:
            time.sleep(found.delay_seconds)
        return found
