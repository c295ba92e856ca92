"""Compresses what the server sends, for browsers that can read it: a chart's rows shrink to a tenth.

It works on whole answers and on those that come in pieces, such as a CSV of a million rows.
"""

from __future__ import annotations

import asyncio
import functools
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LEVEL = 5
LEAST_BYTES = 600
"""Less than that fits into one packet anyway."""
ASIDE_BYTES = 100_000
"""More than that is compressed in a thread, so that others are answered meanwhile."""
_GZIP_WINDOW_BITS = 31

TYPES = (b"text/", b"application/json", b"application/javascript", b"image/svg+xml")


def compressed(application: Application) -> Application:
    """The application, with answers compressed where the request allows it and their type is text."""

    async def answer(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and accepts_gzip(scope["headers"]):
            await application(scope, receive, Compressor(send).send)
        else:
            await application(scope, receive, send)

    return answer


def accepts_gzip(headers: Headers) -> bool:
    """Whether a request says so, and does not give it the weight 0."""
    for name, value in headers:
        if name == b"accept-encoding":
            for part in value.lower().split(b","):
                coding, *parameters = (word.strip() for word in part.split(b";"))
                if coding in {b"gzip", b"*"}:
                    return not any(word.replace(b" ", b"") in {b"q=0", b"q=0.0"} for word in parameters)
    return False


class Compressor:
    """Passes on the events of one answer, compressed if that is worth it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: dict[str, Any] = {}
        self._gzip: Any = None

    async def send(self, event: dict[str, Any]) -> None:
        """Take the next event; the start waits until the first piece of the body tells how large it is."""
        if event["type"] == "http.response.start":
            self._start = event
        elif event["type"] == "http.response.body":
            await self._send_body(event)
        else:
            await self._send(event)

    async def _send_body(self, event: dict[str, Any]) -> None:
        body, has_more = event.get("body", b""), event.get("more_body", False)
        if self._start:
            start, self._start = self._start, {}
            if (has_more or len(body) >= LEAST_BYTES) and _is_text(start["headers"]):
                self._gzip = zlib.compressobj(LEVEL, wbits=_GZIP_WINDOW_BITS)
                start = {**start, "headers": _compressed_headers(start["headers"])}
            await self._send(start)
        if self._gzip:
            squeeze = functools.partial(self._squeeze, body, is_last=not has_more)
            body = await asyncio.to_thread(squeeze) if len(body) > ASIDE_BYTES else squeeze()
        if body or not has_more:
            await self._send({**event, "body": body})

    def _squeeze(self, body: bytes, *, is_last: bool) -> bytes:
        squeezed: bytes = self._gzip.compress(body)
        return squeezed + self._gzip.flush() if is_last else squeezed


def _is_text(headers: Headers) -> bool:
    named = {name.lower(): value.lower() for name, value in headers}
    return b"content-encoding" not in named and named.get(b"content-type", b"").startswith(TYPES)


def _compressed_headers(headers: Headers) -> Headers:
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
