"""When to send a request again, and how long to wait first."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from ddd.phab.errors import ConduitError, RateLimitedError, UnreachableError

_READS = re.compile(
    r"(search|info|lookup|find|ping|whoami|history|transactions|given|blame|download"
    r"|get(?!certificate)\w+|query\w*|\w+query)"
)


def is_read(method: str) -> bool:
    """Whether a method is known to change nothing, by its name.

    Anything else counts as a write, so that a method nobody thought of is never sent twice.
    """
    return _READS.fullmatch(method.rpartition(".")[2]) is not None


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
        if not isinstance(error, ConduitError) or not error.is_transient or attempt >= self.attempts:
            return False
        if (error.retry_after_seconds or 0) > self.longest_ban_seconds:
            return False
        if error.is_too_much:
            return attempt < 2  # the same request would most likely be too slow again
        return has_answered or not isinstance(error, UnreachableError)

    def ban_seconds(self, error: ConduitError) -> float:
        """How long no thread should ask anything: as long as the server says; some time after any 429."""
        unasked = self.first_ban_seconds if isinstance(error, RateLimitedError) else 0.0
        asked = error.retry_after_seconds
        return min(unasked if asked is None else asked, self.longest_ban_seconds)

    def wait_seconds(self, error: BaseException | None, attempt: int) -> float:
        """How long to wait after an attempt's failure."""
        if isinstance(error, ConduitError) and error.retry_after_seconds is not None:
            return error.retry_after_seconds + self.rng.uniform(0.0, 1.0)
        if isinstance(error, RateLimitedError):
            longest, first = self.longest_ban_seconds, self.first_ban_seconds
        else:
            longest, first = self.longest_wait_seconds, self.first_wait_seconds
        wait: float = min(longest, first * 2 ** (attempt - 1))
        return wait * self.rng.uniform(1.0, 1.5)
