"""What the endpoint answers with: Conduit's JSON as PHP writes it, and the ways to fail."""

from __future__ import annotations

import json
from typing import Any


def php_json(value: Any) -> bytes:
    r"""JSON as a Conduit server writes it: ASCII only, with `/`, `<` and `>` escaped.

    Source: FACTS.md §1; none of the three occurs in JSON outside of strings.
    """
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("/", "\\/").replace("<", "\\u003c").replace(">", "\\u003e").encode()


def result(body: bytes) -> bytes:
    """The envelope of a success around the JSON text of its result."""
    return b'{"result":' + body + b',"error_code":null,"error_info":null}'


def failure(code: str, info: str) -> bytes:
    """The envelope of a failure; it is sent with HTTP status 200 as well."""
    return php_json({"result": None, "error_code": code, "error_info": info})


class ConduitFailure(Exception):  # noqa: N818 - an answer, not a defect
    """A call that Conduit refuses, with its code and its words."""

    def __init__(self, code: str, info: str) -> None:
        self.code = code
        self.info = info
        super().__init__(f"{code}: {info}")


class ServerCrash(Exception):  # noqa: N818 - an answer, not a defect
    """A call on which the server's PHP dies: HTTP 500 and a page instead of JSON."""


class OutOfMemory(Exception):  # noqa: N818 - an answer, not a defect
    """A call that is too much for the server's PHP: HTTP 500 and a text instead of JSON."""


def core_failure(info: str) -> ConduitFailure:
    """Everything that has no code of its own: bad orders and cursors, wrong types, policies."""
    return ConduitFailure("ERR-CONDUIT-CORE", info)


RESTRICTED = (
    "[You Shall Not Pass: Restricted Maniphest Task] (Can View) You do not have permission to view this "
    "object. // Administrators can take this action. The assignee of a task can always view and edit it."
)
"""What the server says where a call names a task that the account may not see."""

LOGIN_PAGE = (
    b'<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8" />'
    b"<title>Authentication Failure</title></head><body><p>You must log in to continue.</p></body></html>"
)
"""Answer to a path that is not a method, with status 200: the usual sign of a wrong address."""

CRASH_PAGE = (
    b'<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8" />'
    b"<title>Unhandled Exception (&quot;TypeError&quot;)</title></head><body></body></html>"
)
