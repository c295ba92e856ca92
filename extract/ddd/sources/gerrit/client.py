"""Asks a Gerrit server for changes, politely.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html#list-changes says what is asked;
every answer begins with a line that keeps browsers from running it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import requests

from ddd.settings import Settings
from ddd.web.answers import LATER_REMEDY, connection_trouble, retry_after_seconds, shorten, words_of
from ddd.web.errors import WebError
from ddd.web.pacing import Pace
from ddd.web.retries import RetryPolicy, ask_again

PAGE_CHANGES = 100
OPTIONS = ("CURRENT_REVISION", "CURRENT_COMMIT", "CURRENT_FILES", "DETAILED_ACCOUNTS", "MESSAGES")

_PREFIX = b")]}'"
_SECONDS = (20, 120)
_REFUSED = {400, 413, 414, 431}


class _More(msgspec.Struct):
    more_changes: bool = msgspec.field(default=False, name="_more_changes")


class Gerrit:
    """A Gerrit server.

    Args:
        settings: Its address, and an account where anonymous readers see too little.
        policy: How often and how slowly a failed request is repeated.

    Attributes:
        requests_count: Requests sent.
        bytes_count: Bytes of the answers.
    """

    def __init__(self, settings: Settings, policy: RetryPolicy | None = None) -> None:
        self.url = settings.gerrit.url
        self.requests_count = 0
        self.bytes_count = 0
        self._policy = policy or RetryPolicy()
        self._session = requests.Session()
        self._session.headers["Accept"] = "application/json"
        self._has_answered = False
        if settings.gerrit.token:
            self._session.auth = (settings.gerrit.user, settings.gerrit.token)
        # whoever signs in asks other addresses
        self._changes_url = f"{self.url}{'a/' if settings.gerrit.token else ''}changes/"
        self._pace = Pace(1, ban_seconds=self._policy.ban_seconds, sleep=time.sleep, clock=time.monotonic)

    def changes(self, query: str) -> Iterator[list[msgspec.Raw]]:
        """All changes that a query finds, newest update first, page by page.

        A change that is updated meanwhile moves to the front: others may come twice, but none is missed.

        Raises:
            WebError: The server cannot be reached, refuses, or answers something else.
        """
        start = 0
        while True:
            page = self._page(query, start)
            yield page
            if not page or not msgspec.json.decode(page[-1], type=_More).more_changes:
                return
            start += len(page)

    def _page(self, query: str, start: int) -> list[msgspec.Raw]:
        def attempt() -> list[msgspec.Raw]:
            with self._pace.turn():
                return self._ask(query, start)

        return ask_again(
            attempt, self._policy, self._pace, has_answered=lambda: self._has_answered, sleep=time.sleep
        )

    def _ask(self, query: str, start: int) -> list[msgspec.Raw]:
        parameters = {"q": query, "n": str(PAGE_CHANGES), "S": str(start), "o": list(OPTIONS)}
        self.requests_count += 1
        try:
            answer = self._session.get(
                self._changes_url, params=parameters, timeout=_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            trouble = connection_trouble(error, "GERRIT_URL")
            raise _ConnectionError(
                f"{self.url}{trouble.what}",
                trouble.remedy,
                is_transient=trouble.is_transient,
                is_too_much=trouble.is_too_much,
            ) from None
        self._has_answered = True
        self.bytes_count += len(answer.content)
        if answer.status_code != requests.codes.ok:
            raise self._refusal(answer)
        return self._split(answer)

    def _refusal(self, answer: requests.Response) -> WebError:
        code = str(answer.status_code)
        said = shorten(words_of(answer.headers.get("Content-Type", ""), answer.content))
        says = f": {said}" if said else ""
        if answer.status_code == requests.codes.too_many_requests:
            return _RateLimitError(
                f"{self.url} had too many requests (HTTP 429)",
                LATER_REMEDY,
                code=code,
                retry_after_seconds=retry_after_seconds(answer.headers),
            )
        if answer.status_code in {401, 403}:
            return WebError(
                f"{self.url} does not let this account read changes (HTTP {code}{says})",
                "Check GERRIT_USER and GERRIT_TOKEN, an HTTP password of Gerrit's settings",
                code=code,
            )
        if answer.status_code in _REFUSED:
            return QueryRefusedError(
                f"{self.url} refused a query (HTTP {code}{says})",
                "If it lasts, ask the server's administrator how long a query may be",
                code=code,
            )
        is_transient = answer.status_code in {502, 503, 504}
        return WebError(
            f"{self.url} answered HTTP {code}{says}",
            LATER_REMEDY if is_transient else "Check GERRIT_URL: it ends where /changes/ begins",
            code=code,
            is_transient=is_transient,
            retry_after_seconds=retry_after_seconds(answer.headers),
        )

    def _split(self, answer: requests.Response) -> list[msgspec.Raw]:
        body = answer.content
        try:
            return msgspec.json.decode(body.removeprefix(_PREFIX), type=list[msgspec.Raw])
        except msgspec.DecodeError:
            said = shorten(words_of(answer.headers.get("Content-Type", ""), body)) or "nothing"
            raise WebError(
                f"{self.url} is no Gerrit server: it answered {said!r} instead of changes",
                "Check GERRIT_URL: it ends where /changes/ begins, as in https://gerrit.example.org/r/",
            ) from None


class QueryRefusedError(WebError):
    """The server does not answer this query: it is too long, or makes no sense to it."""

    is_too_much = True


class _RateLimitError(WebError):
    is_transient = True
    is_rate_limited = True


class _ConnectionError(WebError):
    is_unreachable = True
