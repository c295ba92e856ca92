"""What a row of a file means: deployments and incidents as documents of one shape, whoever wrote them.

A deployment, times in seconds since 1970 UTC, absent what was not told:

    {"origin": "file", "pipeline": "shop", "environment": "production", "deployment_id": "17",
     "version": "1.4", "deployed_at": 1620155847, "outcome": "failed", "is_unplanned": true,
     "reason": "hotfix", "repairs": "16", "deployed_by": "ada", "recovered_at": 1620159847,
     "commits": [{"id": "9f0c", "change": "I5d2", "authored_at": 1620105847, "committed_at": 1620125847}]}

`change` is what copies of one commit have in common: a cherry-picked commit is the change that it was
picked from.
E-mail addresses are cut off at the at sign before anything is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

DEFAULT_PIPELINE: Final = "default"
OUTCOMES: Final = ("success", "failed", "rolled back")
DEPLOYMENT_COLUMNS: Final = (
    *(
        "deployment_id",
        "deployed_at",
        "pipeline",
        "environment",
        "version",
        "outcome",
        "is_unplanned",
        "reason",
    ),
    *("repairs", "recovered_at", "deployed_by", "commits"),
)
INCIDENT_COLUMNS: Final = (
    *("incident_id", "started_at", "resolved_at", "pipeline", "environment", "deployment_id"),
)
NO_DEPLOYMENT: Final = "none"
"""Stands in an incident's `deployment_id` where no deployment caused it."""

_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}
_ADDRESS = re.compile(r"([^\s@<>,;\"]+)@[^\s@<>,;\"]+\.[A-Za-z]{2,}")

Values = Mapping[str, Any]


def deployment_document(values: Values, *, pipeline: str, environment: str) -> dict[str, object]:
    """A row of deployments as a document.

    Args:
        values: The row's values by column.
        pipeline: Its pipeline where the row names none.
        environment: Its environment where the row names none.

    Raises:
        ValueError: It cannot be understood; the message says which column and why.
    """
    commits = values.get("commits")
    return _filled(
        origin="file",
        **_place(values, pipeline, environment),
        deployment_id=_text(values, "deployment_id", is_required=True),
        version=_text(values, "version"),
        deployed_at=_moment(values, "deployed_at", is_required=True),
        outcome=_outcome(values),
        is_unplanned=_flag(values, "is_unplanned"),
        reason=_text(values, "reason"),
        repairs=_text(values, "repairs"),
        recovered_at=_moment(values, "recovered_at"),
        deployed_by=_text(values, "deployed_by"),
        commits=None if commits is None else _commits(commits),
    )


def incident_document(values: Values, *, pipeline: str, environment: str) -> dict[str, object]:
    """A row of incidents as a document; arguments and errors as for deployments."""
    started = _moment(values, "started_at", is_required=True)
    resolved = _moment(values, "resolved_at")
    if started is not None and resolved is not None and resolved < started:
        raise ValueError("resolved_at is before started_at")
    return _filled(
        **_place(values, pipeline, environment),
        incident_id=_text(values, "incident_id", is_required=True),
        deployment_id=_text(values, "deployment_id"),
        started_at=started,
        resolved_at=resolved,
    )


def deployment_key(values: Values, *, pipeline: str = "", environment: str = "") -> str:
    """What tells a deployment from all others: an id may occur in several pipelines and environments.

    Raises:
        ValueError: A part of it is missing or no text.
    """
    place = _place(values, pipeline, environment)
    return f"{place['pipeline']}/{place['environment']}/{_text(values, 'deployment_id', is_required=True)}"


def incident_key(values: Values, *, pipeline: str = "", environment: str = "") -> str:
    """What tells an incident from all others, wherever it was.

    Raises:
        ValueError: It is missing or no text.
    """
    del pipeline, environment
    return str(_text(values, "incident_id", is_required=True))


def without_addresses(text: str) -> str:
    """A text whose e-mail addresses are cut off at the at sign."""
    return _ADDRESS.sub(r"\1", text)


def epoch_of(text: str, column: str) -> int:
    """A time as it is written, in whole seconds since 1970 UTC; without an offset it is UTC.

    Raises:
        ValueError: It is not ISO 8601, lacks the time of day, or is not of our time.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"{column} {text!r} lacks the time of day")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} is not a time: write it as 2026-01-31T15:04:05Z") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError(f"{column} {text!r} is not a time of 1990 to 2199")
    return int(moment.timestamp())


def _place(values: Values, pipeline: str, environment: str) -> dict[str, object]:
    return {
        "pipeline": _text(values, "pipeline") or pipeline,
        "environment": _text(values, "environment") or environment,
    }


def _filled(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _text(values: Values, column: str, *, is_required: bool = False) -> str | None:
    value = values.get(column)
    if value is None:
        if is_required:
            raise ValueError(f"{column} is missing")
        return None
    if isinstance(value, (dict, list, bool)):
        raise ValueError(f"{column} is not a text")
    return without_addresses(str(value).replace("\0", "").strip())


def _moment(values: Values, column: str, *, is_required: bool = False) -> int | None:
    text = _text(values, column, is_required=is_required)
    return None if text is None else epoch_of(text, column)


def _outcome(values: Values) -> str | None:
    text = _text(values, "outcome")
    if text is None:
        return None
    outcome = re.sub(r"[\s_-]+", " ", text.lower())
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome {text!r} is none of {', '.join(OUTCOMES)}")
    return outcome


def _flag(values: Values, column: str) -> bool | None:
    value = values.get(column)
    if value is None or isinstance(value, bool):
        return value
    word = str(value).lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(f"{column} {value!r} is neither true nor false")
    return word in _TRUE


def _commits(value: object) -> list[dict[str, object]]:
    """A list of objects, its JSON, or `id@authored[@committed]` separated by spaces or semicolons."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ValueError(f"commits is not a list ({error})") from None
    if isinstance(value, str):
        value = [_short_commit(word) for word in re.split(r"[\s;]+", value) if word]
    if not isinstance(value, list):
        raise ValueError("commits is not a list")
    return [_commit(one) for one in value]


def _short_commit(word: str) -> dict[str, object]:
    parts = word.split("@")
    return dict(zip(("id", "authored_at", "committed_at"), parts, strict=False))


def _commit(value: object) -> dict[str, object]:
    if isinstance(value, str):
        value = {"id": value}
    if not isinstance(value, dict):
        raise ValueError("a commit is neither an id nor an object")
    values = {name: one for name, one in value.items() if one not in (None, "")}
    if "id" not in values:
        raise ValueError("a commit has no id")
    return _filled(
        id=_text(values, "id"),
        change=_text(values, "change"),
        authored_at=_moment(values, "authored_at"),
        committed_at=_moment(values, "committed_at"),
    )
