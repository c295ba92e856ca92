"""`Conduit`: one server, one token, and everything that is asked of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from ddd.errors import SettingsError
from ddd.phab.diagnosis import broken_answer
from ddd.phab.phids import PHIDRef
from ddd.phab.registry import Registry
from ddd.phab.result import Result
from ddd.phab.retries import is_read
from ddd.phab.searches import Searches
from ddd.phab.transport import Transport
from ddd.settings import api_url, load_settings
from ddd.web.pacing import Pace
from ddd.web.retries import RetryPolicy, ask_again


class Conduit(Searches):
    """A client for one Phabricator or Phorge server; may be used by many threads at once.

    Args:
        url: Address of the server, with or without `/api/`. Without it the settings say which server:
            `CONDUIT_URL`, else the host of `~/.arcrc`.
        token: The Conduit token. Without it `CONDUIT_TOKEN`, where that is this server's, else the one in
            `~/.arcrc`.
        connect_timeout_seconds: How long a connection may take.
        read_timeout_seconds: How long the server may be silent.
        connections: Requests under way at once, over all threads; fewer while the server asks to slow down.
        attempts: How often a read is tried in all; a write is sent once, whatever happens.
        answer_limit_bytes: Largest answer to accept, decompressed.
        retries: The whole policy, where `attempts` is not enough.
        sleep: What waits; a test passes its own, together with the clock that it moves.
        clock: A clock that never goes back, in seconds.

    Raises:
        SettingsError: Nothing says which server or which token, or the address makes no sense.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        connect_timeout_seconds: float = 10.0,
        read_timeout_seconds: float = 120.0,
        connections: int = 4,
        attempts: int = 5,
        answer_limit_bytes: int = 1 << 29,
        retries: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        url, token = _server(url, token)
        self._transport = Transport(
            url,
            token,
            connect_timeout_seconds=connect_timeout_seconds,
            read_timeout_seconds=read_timeout_seconds,
            answer_limit_bytes=answer_limit_bytes,
        )
        self._retries = retries or RetryPolicy(attempts=attempts)
        self._sleep = sleep
        self._pace = Pace(connections, ban_seconds=self._retries.ban_seconds, sleep=sleep, clock=clock)
        self.registry = Registry()

    def __repr__(self) -> str:
        return f"Conduit({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; a later request opens a new one."""
        self._transport.close()

    @property
    def url(self) -> str:
        """Base address of the API, ending in `/api/`."""
        return self._transport.url

    @property
    def requests_count(self) -> int:
        """Requests sent so far, repeated ones included."""
        return self._transport.requests_count

    @property
    def bytes_count(self) -> int:
        """Bytes of all answers so far, decompressed."""
        return self._transport.bytes_count

    @property
    def rejections_count(self) -> int:
        """Answers so far that asked to slow down (HTTP 429 and 503)."""
        return self._transport.rejections_count

    @property
    def connections(self) -> int:
        """Requests that may be under way at once while the server is well."""
        return self._pace.connections

    @property
    def connections_now(self) -> int:
        """The same at this moment: halved by each HTTP 429 or 503, and slowly growing back."""
        return self._pace.limit

    @property
    def server_time(self) -> datetime | None:
        """The server's clock at its last answer, in UTC, to the second; none before the first answer."""
        return self._transport.server_time

    def call_bytes(self, method: str, params: Mapping[str, Any] | None = None) -> bytes:
        """Call a method and return the answer as it came.

        Args:
            method: Such as `maniphest.search`.
            params: Its parameters. Conduit is strict about types: ids are integers.

        Returns:
            The whole body, envelope included, byte for byte; `error_code` is known to be null. (Should
            it hold this client's own token, that is replaced.)

        Raises:
            ConduitError: The server or the network say no; after the retries, where they could help.
        """
        sent = _plain(params)
        if not is_read(method):
            return self._attempt(method, sent, is_write=True)
        return ask_again(
            lambda: self._attempt(method, sent),
            self._retries,
            self._pace,
            has_answered=lambda: self._transport.bytes_count > 0,
            sleep=self._sleep,
        )

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method and return its decoded `result`, as plain lists, dicts and strings.

        An empty map is an empty list here, as PHP sends it: see `ddd.phab.as_map`.

        Raises:
            ConduitError: As for `call_bytes`.
        """
        return self._result(method, self.call_bytes(method, params))

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Result[Any]:
        """Call a method and go through its answer page by page.

        Args:
            method: Such as `maniphest.search`.
            params: Its parameters, `queryKey` and `after` included.

        Returns:
            The first page, and the others when they are looked at. Every PHID in it is a `PHIDRef`.

        Raises:
            ConduitError: As for `call_bytes`; also later, when another page is fetched.
        """
        return Result(self.call, self.registry.bind, method, _plain(params))

    def ref(self, phid: str) -> PHIDRef:
        """The reference to a PHID of this server.

        Raises:
            ValueError: It is not a PHID.
        """
        return self.registry.ref(phid)

    def edit(
        self,
        method: str,
        transactions: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        object_identifier: str | None = None,
    ) -> dict[str, Any]:
        """Create or change an object; sent once, never repeated.

        Args:
            method: An `edit` method, such as `maniphest.edit`.
            transactions: `{type: value}`, or, where a type occurs twice, a list of
                `{"type": ..., "value": ...}`.
            object_identifier: What to change: an id such as `T123` or a PHID; a new object without it.

        Returns:
            The object (`id`, `phid`) and the PHIDs of the transactions that had an effect.

        Raises:
            ConduitError: The server refused. After a `ServerTroubleError` nobody knows whether it did it:
                look before trying again.
        """
        listed = (
            [{"type": kind, "value": value} for kind, value in transactions.items()]
            if isinstance(transactions, Mapping)
            else [dict(one) for one in transactions]
        )
        params: dict[str, Any] = {"transactions": listed}
        if object_identifier is not None:
            params["objectIdentifier"] = object_identifier
        answer = self._attempt(method, params, is_write=True)
        result: dict[str, Any] = self.registry.bind(self._result(method, answer))
        return result

    def _result(self, method: str, answer: bytes) -> Any:
        try:
            return json.loads(answer)["result"]
        except ValueError:
            problem = "it is not JSON"
        raise broken_answer(self.url + method, problem)

    def _attempt(self, method: str, params: Mapping[str, Any], *, is_write: bool = False) -> bytes:
        with self._pace.turn():
            return self._transport.send(method, params, is_write=is_write)


def _plain(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Parameters as the server wants them.

    It takes a page size as text only by accident, and attaches whatever is named in `attachments`, even
    where the value is false.
    """
    plain = dict(params or {})
    limit, attachments = plain.get("limit"), plain.get("attachments")
    if isinstance(limit, str) and limit.strip().isdecimal():
        plain["limit"] = int(limit)
    if isinstance(attachments, Mapping):
        plain["attachments"] = {name: True for name, wanted in attachments.items() if wanted}
    return plain


def _server(url: str | None, token: str | None) -> tuple[str, str]:
    if url is not None and token is not None:
        return api_url(url), token
    if url is None:
        site = load_settings().site
        if site.is_demo:
            raise SettingsError(
                "No server is configured",
                "Set CONDUIT_URL and CONDUIT_TOKEN, or let arcanist store a token in ~/.arcrc",
            )
        return site.url, token or site.token
    try:
        site = load_settings().site
        if site.url == api_url(url):
            return site.url, site.token
    except SettingsError:
        pass  # it is about another server than the one asked for
    # only ~/.arcrc: the token of the environment belongs to another server
    site = load_settings({"CONDUIT_URL": url}).site
    return site.url, site.token
