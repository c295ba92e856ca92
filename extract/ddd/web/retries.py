"""When to send a request again, and how long to wait first."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying

from ddd.web.errors import WebError
from ddd.web.pacing import Pace

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how slowly a failed read is repeated.

    Attributes:
        attempts: Requests in all, the first one included.
        first_wait_seconds: Before the second attempt after a failure; doubles each time.
        longest_wait_seconds: Upper bound of that.
        first_ban_seconds: The same after a 429 that does not say how long: Phabricator averages over
            five minutes and counts every rejected request, so that haste prolongs the ban.
        longest_ban_seconds: Upper bound of that, and the longest Retry-After that is waited for.
        rng: Where the jitter comes from, so that clients that failed together do not return together.
    """

    attempts: int = 5
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    first_ban_seconds: float = 15.0
    longest_ban_seconds: float = 300.0
    rng: random.Random = field(default_factory=random.Random, repr=False)

    def allows(self, error: BaseException, attempt: int, *, has_answered: bool) -> bool:
        """Whether to go on after a failure.

        Args:
            error: What the attempt failed with.
            attempt: Its number, from 1.
            has_answered: Whether this server has ever answered this client. Where it has not, its
                address is more likely wrong than its network slow, and a person is waiting.
        """
        if not isinstance(error, WebError) or not error.is_transient or attempt >= self.attempts:
            return False
        if (error.retry_after_seconds or 0) > self.longest_ban_seconds:
            return False
        if error.is_too_much:
            return attempt < 2  # the same request would most likely be too slow again
        return has_answered or not error.is_unreachable

    def ban_seconds(self, error: WebError) -> float:
        """How long no thread should ask anything: as long as the server says; some time after any 429."""
        unasked = self.first_ban_seconds if error.is_rate_limited else 0.0
        asked = error.retry_after_seconds
        return min(unasked if asked is None else asked, self.longest_ban_seconds)

    def wait_seconds(self, error: BaseException | None, attempt: int) -> float:
        """How long to wait after an attempt's failure."""
        if isinstance(error, WebError) and error.retry_after_seconds is not None:
            return error.retry_after_seconds + self.rng.uniform(0.0, 1.0)
        if isinstance(error, WebError) and error.is_rate_limited:
            longest, first = self.longest_ban_seconds, self.first_ban_seconds
        else:
            longest, first = self.longest_wait_seconds, self.first_wait_seconds
        wait: float = min(longest, first * 2 ** (attempt - 1))
        return wait * self.rng.uniform(1.0, 1.5)


def ask_again(
    attempt: Callable[[], Answer],
    policy: RetryPolicy,
    pace: Pace,
    *,
    has_answered: Callable[[], bool],
    sleep: Callable[[float], None],
) -> Answer:
    """Repeat a read until it succeeds, or until the policy says that it will not.

    Args:
        attempt: Sends the request once, and takes its turn.
        policy: How often and how slowly.
        pace: Is told of bans, which are everybody's.
        has_answered: Whether the server has ever answered this client.
        sleep: What waits.

    Raises:
        WebError: What the last attempt failed with.
    """

    def goes_on(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        return error is not None and policy.allows(error, state.attempt_number, has_answered=has_answered())

    def seconds(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        found = policy.wait_seconds(error, state.attempt_number)
        if isinstance(error, WebError) and error.is_rate_limited:
            pace.ban(found)
        return found

    return Retrying(
        retry=goes_on,
        stop=lambda _: False,  # the policy counts the attempts
        wait=seconds,
        sleep=sleep,
        before_sleep=_log_retry,
        reraise=True,
    )(attempt)


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, WebError):
        _log.info("%s; trying again in %.1f s", error.what, state.upcoming_sleep)
