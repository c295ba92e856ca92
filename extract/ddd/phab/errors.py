"""What can go wrong with Conduit, by what a caller can do about it.

`is_transient` says whether the same request may succeed later, `is_too_much` whether a smaller one may
succeed now. No text of these errors holds a token: the server echoes the one it was given, so whatever
it says is redacted first.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from ddd.web.errors import WebError

_TOKEN_LIKE = re.compile(r"\b(api|cli|clr)-\w{4,}")
_REDACTED = "[redacted]"


class ConduitError(WebError):
    """Base of everything that a Conduit call can fail with; `code` is the server's `error_code`, if any."""


class AuthenticationError(ConduitError):
    """There is no token, or the server does not accept it."""


class PermissionDeniedError(ConduitError):
    """The token is good, but its account may not see or change this object."""


class NotFoundError(ConduitError):
    """The object that was named does not exist, or is hidden from this account."""


class CursorLostError(NotFoundError):
    """The object that a page should start after was destroyed or hidden meanwhile."""


class BadRequestError(ConduitError):
    """The server does not understand the request; repeating it is useless."""


class UnknownMethodError(BadRequestError):
    """This server has no such method; methods differ between versions, and names are case-sensitive."""


class OverheatedError(ConduitError):
    """The server gave up looking for enough objects that this account may see.

    It stops after examining ten times the page size; ask for a narrower range, such as explicit ids.
    """


class RateLimitedError(ConduitError):
    """Too many requests (HTTP 429); every further one prolongs the ban."""

    is_transient = True
    is_rate_limited = True


class ServerTroubleError(ConduitError):
    """The server failed: HTTP 500 and above, its database, a broken connection, a late or cut answer."""

    is_transient = True


class UnreachableError(ServerTroubleError):
    """No connection: unknown host, refused, no network, or an untrusted certificate."""

    is_unreachable = True


class NotConduitError(ConduitError):
    """Something answered that is not Conduit: a login page, a redirect, a proxy, another program."""


def redact(text: str, *secrets: str) -> str:
    """Take tokens out of a text: the given ones, and whatever looks like one of Phabricator's.

    Args:
        text: Any text, such as what a server said.
        secrets: Exact strings to hide, also where they are percent-encoded.
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, _REDACTED).replace(quote(secret, safe=""), _REDACTED)
    return _TOKEN_LIKE.sub(rf"\1-{_REDACTED}", text)
