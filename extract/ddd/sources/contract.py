"""What a source is asked for and what it reports: the same for every source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ddd.errors import SettingsError
from ddd.settings import Settings


@dataclass(frozen=True)
class Wanted:
    """What to fetch; without anything: what is new since the last complete run.

    Attributes:
        full: Fetch everything again, whatever is known already.
        sweep: Look now for objects that are gone, whenever that was done last.
        accept_gone: Mark objects as gone, however many there are; else the run stops where most are.
        since: Only what was changed at or after this time, UTC.
        projects: Only tasks of these projects: PHIDs, or hashtags with or without `#`.
        task_ids: Only these tasks.

    Raises:
        SettingsError: Everything and a part of it are wanted at once.
    """

    full: bool = False
    sweep: bool = False
    accept_gone: bool = False
    since: datetime | None = None
    projects: tuple[str, ...] = ()
    task_ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if (self.full or self.sweep) and self.is_partial:
            asked = "--full" if self.full else "--sweep"
            raise SettingsError(
                f"{asked} is about all tasks, but only some are asked for",
                f"Leave {asked} out, or the choice of tasks",
            )
        if self.since is not None and self.since.tzinfo is None:
            object.__setattr__(self, "since", self.since.replace(tzinfo=UTC))

    @property
    def is_partial(self) -> bool:
        """Whether only a choice of tasks is wanted."""
        return bool(self.since or self.projects or self.task_ids)

    @property
    def is_since_alone(self) -> bool:
        """Whether all tasks changed since a time are wanted, and no others."""
        return bool(self.since) and not self.projects and not self.task_ids


WHAT_IS_NEW = Wanted()
"""What is new since the last complete run."""


@dataclass
class Extracted:
    """What an extraction did.

    Attributes:
        mode: `full`, `incremental` or `partial`, with what else there was to do in brackets.
        fetched: Documents fetched per stream.
        changed_count: How many of them were new or changed.
        gone_count: Objects found gone: destroyed, or hidden from the account.
        again_count: Objects that were gone and are there again.
        known: Objects in the warehouse per stream, and unreadable documents under `quarantine`.
        requests_count: Requests sent.
        bytes_count: Bytes of the answers.
        warnings: What a person should know.
    """

    mode: str
    fetched: dict[str, int] = field(default_factory=dict)
    changed_count: int = 0
    gone_count: int = 0
    again_count: int = 0
    known: dict[str, int] = field(default_factory=dict)
    requests_count: int = 0
    bytes_count: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """What a log says of it."""
        return {
            "mode": self.mode,
            "requests_count": self.requests_count,
            "fetched_bytes": self.bytes_count,
            "documents_changed_count": self.changed_count,
            "objects_gone_count": self.gone_count,
            "warnings_count": len(self.warnings),
        }


@dataclass(frozen=True)
class Source:
    """Where some of the data come from.

    Attributes:
        name: Prefix of its raw tables, such as `phabricator`, and what `dddcli extract` calls it.
        streams: Its streams; each has a table `raw.<name>_<stream>`, also where nothing is fetched.
        extract: Brings its raw documents up to date: settings, what is wanted, `console` by name. It raises a
            `DataError` where it cannot; what was fetched before is kept.
        is_configured: Whether the settings say where it is.
    """

    name: str
    streams: tuple[str, ...]
    extract: Callable[..., Extracted]
    is_configured: Callable[[Settings], bool]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of its tables in the schema `raw`."""
        return tuple(f"{self.name}_{stream}" for stream in self.streams)
