"""From the `error_code` and `error_info` of a Conduit answer to the error that they mean.

Phabricator answers nearly everything with HTTP 200 and says the failure in the envelope, where
`ERR-CONDUIT-CORE` covers everything from a bad parameter to a database failure: only its words tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ddd.phab.errors import (
    AuthenticationError,
    BadRequestError,
    ConduitError,
    CursorLostError,
    NotFoundError,
    OverheatedError,
    PermissionDeniedError,
    ServerTroubleError,
    UnknownMethodError,
    redact,
)
from ddd.web.answers import LATER_REMEDY, shorten

_AUTHENTICATION_CODES = {
    "ERR-INVALID-SESSION",
    "ERR-INVALID-AUTH",
    "ERR-INVALID-TOKEN",
    "ERR-INVALID-CERTIFICATE",
    "ERR-NO-CERTIFICATE",
    "ERR-INVALID-USER",
}
_NOT_FOUND_CODES = {
    "ERR-INVALID-OBJECT-PHID",
    "ERR-BAD-SOURCEPHIDS",
    "ERR-BAD-QUERYKEY",
    "ERR-BAD-TASK",
    "ERR-NOT-FOUND",
}


class _Meaning(NamedTuple):
    applies: Callable[[str, str], bool]  # to a code with hyphens, and the server's words
    kind: type[ConduitError]
    what: str
    remedy: str


def _says(pattern: str) -> Callable[[str, str], bool]:
    expression = re.compile(pattern)
    return lambda _code, info: expression.search(info) is not None


def _has_code(codes: set[str]) -> Callable[[str, str], bool]:
    return lambda code, _info: code in codes


# in this order: the words are more precise than the codes
_MEANINGS = (
    _Meaning(
        _has_code(_AUTHENTICATION_CODES),
        AuthenticationError,
        "The server does not accept the token",
        "Check CONDUIT_TOKEN or ~/.arcrc; Settings > Conduit API Tokens on the server makes a new one",
    ),
    _Meaning(
        _says(r"^\[?(You Shall Not Pass|Access Denied)\b"),
        PermissionDeniedError,
        "{method} is denied",
        "Use the token of an account that may do this",
    ),
    _Meaning(
        _says(r"\boverheated: examined more than\b"),
        OverheatedError,
        "{method} examined too many hidden objects",
        "Ask for explicit ids, or for pages of 100",
    ),
    _Meaning(
        _says(r"^Cursor .* does not identify a valid object"),
        CursorLostError,
        "{method} cannot go on where its last page ended",
        "Start again; a walk in the order of ids can also go on after an earlier object",
    ),
    _Meaning(
        _says(
            r"^#\d{4}: |MySQL server|MariaDB server|Lost connection|Lock wait timeout|[Dd]eadlock found"
            r"|^Unable to (connect|establish)|^Attempt to connect to"
        ),
        ServerTroubleError,
        "{method} failed in the server's database",
        LATER_REMEDY,
    ),
    _Meaning(
        _has_code(_NOT_FOUND_CODES),
        NotFoundError,
        "{method} does not know what it was asked for",
        "Check the name, id or PHID, and that the token's account may see it",
    ),
    _Meaning(
        _says(r"^Conduit API method .* does not exist"),
        UnknownMethodError,
        "This server has no method {method}",
        "conduit.query lists what it has; names are case-sensitive",
    ),
)


def envelope_error(method: str, code: str, info: str, *secrets: str) -> ConduitError:
    """The error for an envelope whose `error_code` is not null.

    Args:
        method: The method that was called.
        code: The server's `error_code`.
        info: The server's `error_info`, as sent.
        secrets: Tokens to take out of it.
    """
    info = redact(info, *secrets)
    hyphenated = code.replace("_", "-")  # older methods write ERR_BAD_TASK
    for meaning in _MEANINGS:
        if meaning.applies(hyphenated, info):
            kind, what, remedy = meaning.kind, meaning.what.format(method=method), meaning.remedy
            break
    else:
        kind, what = BadRequestError, f"{method} was refused"
        remedy = f"Check the parameters against the server's page /conduit/method/{method}/"
    return kind(f"{what}: {shorten(info)}" if info else f"{what} ({code})", remedy, code=code, info=info)
