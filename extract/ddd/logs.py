"""Structured logs: with `--log-format json` each line of standard error is one JSON object.

Its keys are `time` (UTC), `level`, `event`, `run_id` while a run is recorded (`ddd.history`), and fields of
the event. What commands and libraries write to standard error by themselves are lines of the event `said`.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

run_id: ContextVar[int | None] = ContextVar("run_id", default=None)
"""The run that is going on in this process."""

_LOGGER = logging.getLogger("ddd")
_TOKEN = re.compile(r"\b(api|cli)-[a-z0-9]{20,}\b")
_HIDDEN: set[str] = set()


def configure(log_format: str) -> None:
    """Choose how this process logs: `json`, or `text`: commands speak to people, and nothing is logged."""
    # where a log cannot be written, as dbt's on a full disk, its traceback would hide what the command says
    logging.raiseExceptions = False
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _JsonHandler)]:
        root.removeHandler(handler)
    _LOGGER.propagate = log_format == "json"
    _LOGGER.setLevel(logging.INFO)
    if log_format != "json":
        _LOGGER.addHandler(logging.NullHandler())
        return
    target = sys.stderr
    root.addHandler(_JsonHandler(target))
    sys.stderr = _Lines(target)


def is_json() -> bool:
    """Whether this process writes JSON to standard error."""
    return isinstance(sys.stderr, _Lines)


def hide(*secrets: str) -> None:
    """Never write these texts, whatever the message."""
    _HIDDEN.update(secret for secret in secrets if secret)


def event(name: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log something that happened.

    Args:
        name: What happened, in words that stay the same, such as `step finished`.
        level: Its level.
        fields: What it happened to; JSON values.
    """
    _LOGGER.log(level, name, extra={"fields": fields})


class _JsonHandler(logging.StreamHandler[TextIO]):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if (number := run_id.get()) is not None:
            line["run_id"] = number
        if record.name != "ddd":
            line |= {"event": "said", "logger": record.name, "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = logging.Formatter().formatException(record.exc_info)
        return _without_secrets(json.dumps(line, default=str, ensure_ascii=False))


class _Lines(io.TextIOBase):
    """A standard error whose lines become events."""

    def __init__(self, target: TextIO) -> None:
        self._target, self._begun = target, ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip():
                event("said", message=line.rstrip())
        return len(text)

    def flush(self) -> None:
        self._target.flush()

    def fileno(self) -> int:
        return self._target.fileno()


def _without_secrets(text: str) -> str:
    for secret in _HIDDEN:
        text = text.replace(secret, "[hidden]")
    return _TOKEN.sub(r"\1-[hidden]", text)
