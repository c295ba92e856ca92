"""One HTTP request to Conduit and the check of its answer; no retries, nothing of what the answer means."""

from __future__ import annotations

import json
import re
import threading
import weakref
from collections.abc import Mapping
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from ddd import __version__
from ddd.phab.diagnosis import (
    broken_answer,
    connection_error,
    http_error,
    oversized_answer,
)
from ddd.phab.envelope import envelope_error
from ddd.phab.errors import BadRequestError, ConduitError
from ddd.web.answers import http_date

_METHOD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+")
_CHUNK_BYTES = (
    1 << 16
)  # larger ones cost more: each is a piece of memory that the system gives and takes back
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class _Envelope(msgspec.Struct):
    error_code: str | int | None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error_info: str | None = None


_SUCCESS_BEGINS, _SUCCESS_ENDS = b'{"result":', b',"error_code":null,"error_info":null}'

_ENVELOPE = msgspec.json.Decoder(_Envelope)


class Transport:
    """Sends requests to one server; each thread has its own session, which keeps its connection.

    The token is sent in the body only, never follows a redirect, and is in no text of this class.

    Args:
        url: Base address of the API, ending in `/api/`.
        token: The Conduit token.
        connect_timeout_seconds: How long a connection may take.
        read_timeout_seconds: How long the server may be silent.
        answer_limit_bytes: Largest answer to accept, decompressed.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        connect_timeout_seconds: float,
        read_timeout_seconds: float,
        answer_limit_bytes: int,
    ) -> None:
        self.url = url
        self.requests_count = 0
        self.bytes_count = 0
        self.rejections_count = 0
        self.server_time: datetime | None = None
        self._token = token
        self._timeout = (connect_timeout_seconds, read_timeout_seconds)
        self._answer_limit_bytes = answer_limit_bytes
        self._lock = threading.Lock()
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    def send(self, method: str, params: Mapping[str, Any] | None, *, is_write: bool = False) -> bytes:
        """Send one request.

        Args:
            method: The Conduit method.
            params: Its parameters.
            is_write: Send it over a connection of its own: one that was kept may be closing, and then
                nobody knows whether the request arrived.

        Returns:
            The answer's body: an envelope whose `error_code` is null.

        Raises:
            ConduitError: Whatever the server or the network say instead.
        """
        if not _METHOD.fullmatch(method):
            raise BadRequestError(
                f"{method[:80]!r} is no Conduit method", "Name one such as maniphest.search"
            )
        session = self._new_session() if is_write else self._session()
        try:
            answer = self._exchange(session, method, self._form(params))
        finally:
            if is_write:
                session.close()
        if isinstance(answer, ConduitError):
            # raised here, outside of any handler, so that no exception with the request's body hangs on it
            raise answer
        return answer

    def close(self) -> None:
        """Close the connections of all threads; a later request opens a new one."""
        for session in list(self._sessions):
            session.close()

    def _form(self, params: Mapping[str, Any] | None) -> dict[str, str]:
        plain = {**(params or {}), "__conduit__": {"token": self._token}}
        return {"params": json.dumps(plain, allow_nan=False), "output": "json"}

    def _exchange(self, session: requests.Session, method: str, form: dict[str, str]) -> bytes | ConduitError:
        url = self.url + method
        with self._lock:
            self.requests_count += 1
        try:
            with session.post(
                url, data=form, timeout=self._timeout, stream=True, allow_redirects=False
            ) as response:
                status, headers = response.status_code, response.headers
                body = self._read(response)
        except (requests.RequestException, OSError) as error:
            return connection_error(url, error)
        if body is None:
            return oversized_answer(url, self._answer_limit_bytes)
        with self._lock:
            self.bytes_count += len(body)
            self.server_time = http_date(headers.get("Date", "")) or self.server_time
            self.rejections_count += status in {429, 503}
        if status == 200 and body.startswith(_SUCCESS_BEGINS) and body.endswith(_SUCCESS_ENDS):
            # the server's own form of a success: quotes within a text are escaped, so that no cut-off answer
            # ends so; reading the whole of it is left to whoever needs what it says
            return self._without_token(body)
        return self._checked(method, status, headers, body)

    def _read(self, response: requests.Response) -> bytes | None:
        chunks, size = [], 0
        for chunk in response.iter_content(_CHUNK_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._answer_limit_bytes:
                return None
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _checked(
        self, method: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> bytes | ConduitError:
        url = self.url + method
        is_json = headers.get("Content-Type", "").split(";")[0].strip().lower() == "application/json"
        if status in {429, 503} or not is_json:
            return http_error(url, status, headers, body, self._token)
        try:
            envelope = _envelope(body)
        except msgspec.ValidationError:
            return http_error(url, status, headers, body, self._token)
        except ValueError:
            if status != 200:
                return http_error(url, status, headers, body, self._token)
            return broken_answer(url, "it is not whole JSON")
        if envelope.error_code is not None:
            return envelope_error(method, str(envelope.error_code), envelope.error_info or "", self._token)
        return self._without_token(body)

    def _without_token(self, body: bytes) -> bytes:
        # somebody may have written this very token into a task
        secret = self._token.encode()
        return body.replace(secret, b"[redacted]") if secret and secret in body else body

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
            self._sessions.add(session)
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.headers.update({"User-Agent": f"ddd/{__version__}", "Accept-Encoding": "gzip"})
        # every answer sets a cookie for an anonymous session, which is of no use
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if urlsplit(self.url).hostname in _LOOPBACK:
            session.trust_env = False  # no proxy leads to this machine itself
        return session


def _envelope(body: bytes) -> _Envelope:
    try:
        return _ENVELOPE.decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # msgspec refuses a lone surrogate, which is no reason to refuse a page
        loose = json.loads(body)
        if not isinstance(loose, dict) or "error_code" not in loose:
            raise msgspec.ValidationError("no envelope") from None
        return _Envelope(error_code=loose["error_code"], error_info=loose.get("error_info"))
