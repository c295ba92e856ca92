"""`WebError`: a request that failed, and what can be done about it."""

from __future__ import annotations

from ddd.errors import DataError


class WebError(DataError):
    """Base of everything that a request to a server can fail with.

    `is_transient` says whether the same request may succeed later, `is_too_much` whether a smaller one may
    succeed now, `is_rate_limited` whether the server had too many requests, `is_unreachable` whether there
    was no connection at all.

    Args:
        what: What happened and to what, one sentence without a full stop.
        remedy: What to do next, one sentence.
        code: The server's own code of the error, or the HTTP status as text where there was none.
        info: The server's own words, redacted; empty where it said nothing.
        is_transient: Whether the same request may succeed later; by default what is usual for the class.
        is_too_much: Whether a request for less may succeed.
        retry_after_seconds: How long the server asked to wait, none where it did not.
    """

    is_transient: bool = False
    is_too_much: bool = False
    is_rate_limited: bool = False
    is_unreachable: bool = False

    def __init__(
        self,
        what: str,
        remedy: str = "",
        *,
        code: str | None = None,
        info: str = "",
        is_transient: bool | None = None,
        is_too_much: bool | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(what, remedy)
        self.code = code
        self.info = info
        self.retry_after_seconds = retry_after_seconds
        if is_transient is not None:
            self.is_transient = is_transient
        if is_too_much is not None:
            self.is_too_much = is_too_much
