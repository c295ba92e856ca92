"""Reads a Conduit request: the JSON of `params`, or flat form fields with PHP's brackets."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ddd.demo.endpoint.answers import ConduitFailure, core_failure

_RESERVED = {"output", "host", "__form__"}
_KEY = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True)
class Request:
    """A call as it was sent.

    Attributes:
        params: The method's parameters.
        token: The Conduit token, empty where none was sent.
        is_strict: Whether the parameters came as JSON.
    """

    params: dict[str, Any]
    token: str
    is_strict: bool


def read_request(method: str, body: bytes, content_type: str, content_encoding: str) -> Request:
    """Read a request's body, or its query string.

    Raises:
        ConduitFailure: The server would not understand it.
    """
    if content_type.startswith("application/json"):
        raise core_failure(
            "Use form-encoded data to submit parameters to Conduit endpoints. Sending a JSON-encoded body "
            "and setting 'Content-Type': 'application/json' is not currently supported."
        )
    if content_type.startswith("multipart/"):
        # PHP reads the parts itself and turns the dot in `api.token` into an underscore
        raise unknown_parameters(method, ["api_token"])
    if content_encoding == "gzip":
        body = gzip.decompress(body)
    fields = _nested(body)
    if "params" in fields:
        return _strict(method, fields["params"])
    token = fields.pop("api.token", "")
    params = {name: value for name, value in fields.items() if name not in _RESERVED}
    return Request(params, token if isinstance(token, str) else "", is_strict=False)


def unknown_parameters(method: str, names: list[str]) -> ConduitFailure:
    """The failure for parameters that a method does not have."""
    listed = ", ".join(f"'{name}'" for name in names)
    return ConduitFailure(
        "ERR-CONDUIT-CALL", f'API Method "{method}" does not define these parameters: {listed}.'
    )


def _strict(method: str, sent: Any) -> Request:
    params: dict[str, Any] | None
    if isinstance(sent, dict):
        params = {name: _console_value(name, value) for name, value in sent.items()}
    else:
        params = _json_map(sent)
    if params is None:
        raise core_failure(f"Invalid parameter information was passed to method '{method}'.")
    conduit = params.pop("__conduit__", None)
    token = conduit.get("token") if isinstance(conduit, dict) else None
    return Request(params, token if isinstance(token, str) else "", is_strict=True)


def _json_map(text: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    if found == []:  # PHP's empty map
        return {}
    return found if isinstance(found, dict) else None


def _console_value(name: str, value: Any) -> Any:
    """A value of `params[name]`, as the web console sends it: JSON each."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        raise core_failure(
            f"The value for parameter '{name}' is not valid JSON. All parameters must be encoded as JSON "
            "values, including strings (which means you need to surround them in double quotes). Check "
            f"your syntax. Value was: {value}."
        ) from None


def _nested(body: bytes) -> dict[str, Any]:
    """Form fields, with `a[b][0]=c` turned into maps and lists as PHP does."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise core_failure("Invalid UTF-8 string passed to phutil_utf8v.") from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        bracket = name.find("[")
        if bracket < 1:
            fields[name] = value
            continue
        keys = [name[:bracket], *_KEY.findall(name[bracket:])]
        inner = fields
        for key in keys[:-1]:
            found = inner.setdefault(key, {})
            if not isinstance(found, dict):
                found = inner[key] = {}
            inner = found
        inner[keys[-1] or str(len(inner))] = value
    return {name: _with_lists(value) for name, value in fields.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _with_lists(item) for key, item in value.items()}
    if items and list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items
