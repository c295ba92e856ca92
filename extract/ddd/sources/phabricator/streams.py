"""The source's name and streams, for all that need nothing else of it."""

from __future__ import annotations

NAME = "phabricator"

STREAMS = (
    "tasks",
    "transactions",
    "transaction_records",
    "projects",
    "columns",
    "users",
    "statuses",
    "priorities",
)

HIDEABLE_STREAMS = ("tasks", "projects", "columns", "users", "statuses", "priorities")
"""Streams whose objects can vanish and come back by themselves; transactions go with their task."""

SWEEP_STREAM = "sweep"
"""What `raw.runs` calls the part of a run that looks at all tasks."""
