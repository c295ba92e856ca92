"""The order of it: read the file, the tags and the incidents, then land all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from ddd.errors import SourceError
from ddd.segments import Document, Rejected
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.delivery import schema
from ddd.sources.delivery.rows import Row, read_rows
from ddd.sources.delivery.tags import fetch_tags, read_changes, read_tags, tag_documents
from ddd.sources.git import open_repository
from ddd.sources.whole import Page, Reading, encoded, land_readings, read_known

NAME = "delivery"
DEPLOYMENTS, INCIDENTS = STREAMS = ("deployments", "incidents")

_LONGEST_TEXT = 2000


@dataclass(frozen=True)
class _Kind:
    """What a file holds: how its rows are read, and what is needed to tell them apart."""

    variable: str
    columns: Sequence[str]
    read: Callable[..., dict[str, object]]
    key: Callable[..., str]


_DEPLOYMENTS_FILE = _Kind(
    "DELIVERY_FILE", schema.DEPLOYMENT_COLUMNS, schema.deployment_document, schema.deployment_key
)
_INCIDENTS_FILE = _Kind(
    "DELIVERY_INCIDENTS_FILE", schema.INCIDENT_COLUMNS, schema.incident_document, schema.incident_key
)


@dataclass
class _Found:
    """What was read of one stream: documents by key, the later of two winning, and what could not be read."""

    stream: str
    documents: dict[str, dict[str, object]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    bytes_count: int = 0
    warnings: list[str] = field(default_factory=list)

    def reading(self) -> Reading:
        documents = [Document(key, encoded(document)) for key, document in self.documents.items()]
        times = [
            document.get("deployed_at", document.get("started_at")) for document in self.documents.values()
        ]
        newest = max((moment for moment in times if isinstance(moment, int)), default=None)
        return Reading(
            present_keys=sorted(self.documents.keys() | {one.key for one in self.rejected if one.key}),
            pages=[Page(documents, self.rejected)],
            watermark_at=None if newest is None else datetime.fromtimestamp(newest, UTC),
            bytes_count=self.bytes_count,
        )


def is_configured(settings: Settings) -> bool:
    """Whether a file or a repository of deployments is named."""
    delivery = settings.delivery
    return bool(delivery.file or delivery.incidents_file or delivery.repo)


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the documents of deployments and incidents up to date.

    Everything is read at every run, which costs little; only what changed is kept again, and what is no
    longer there is marked as gone.

    Args:
        settings: Which file and repository.
        wanted: Means nothing here: a choice of tasks is no choice of deployments.
        console: Where to draw progress.

    Raises:
        SourceError: A file or repository is not there or is something else; nothing of this run is kept.
        WarehouseError: The warehouse cannot be written.
    """
    del wanted
    delivery = settings.delivery
    deployments, incidents = _Found(DEPLOYMENTS), _Found(INCIDENTS)
    if delivery.repo:
        _read_repository(settings, deployments)
    only_tags = delivery.repo and not delivery.file
    pipeline = repository_name(delivery.repo) if only_tags else schema.DEFAULT_PIPELINE
    for path, kind, found in (
        (delivery.file, _DEPLOYMENTS_FILE, deployments),
        (delivery.incidents_file, _INCIDENTS_FILE, incidents),
    ):
        if path:
            _read_file(path, kind, found, {"pipeline": pipeline, "environment": delivery.environment})
    known = read_known(settings, NAME, STREAMS)
    extracted = land_readings(
        settings,
        NAME,
        STREAMS,
        {found.stream: found.reading() for found in (deployments, incidents)},
        mode="full" if known.is_new else "incremental",
        console=console or Console(quiet=True),
    )
    extracted.warnings = [*deployments.warnings, *incidents.warnings, *extracted.warnings]
    return extracted


def repository_name(where: str) -> str:
    """What a repository is called: the last part of its path or address, without `.git` or `.bundle`."""
    last = re.split(r"[/:\\]", where.rstrip("/\\"))[-1]
    return re.sub(r"\.(git|bundle)$", "", last) or schema.DEFAULT_PIPELINE


def _read_repository(settings: Settings, found: _Found) -> None:
    delivery = settings.delivery
    clone = settings.site_dir / "repositories" / f"{NAME}.git"
    repository = open_repository(delivery.repo, clone, variable="DELIVERY_REPO")
    if repository.folder == clone:
        fetch_tags(repository)
    tags, found.rejected = read_tags(repository, delivery.tags, found.stream)
    if not tags:
        found.warnings.append(f"{repository.name} has no tag {delivery.tags!r} (DELIVERY_TAGS)")
    changes = read_changes(repository, tags)
    pipeline = repository_name(delivery.repo)
    for document in tag_documents(tags, changes, pipeline=pipeline, environment=delivery.environment):
        found.documents[schema.deployment_key(document)] = document


def _read_file(path: Path, kind: _Kind, found: _Found, otherwise: Mapping[str, str]) -> None:
    """Read a file's rows; of two rows of one thing the later one counts.

    Raises:
        SourceError: It cannot be read, or no row of it can.
    """
    rows = read_rows(path, kind.variable, kind.columns, kind.columns[:2])
    found.bytes_count += rows.bytes_count
    if rows.unknown_columns:
        found.warnings.append(f"{path} has columns that mean nothing here: {', '.join(rows.unknown_columns)}")
    problems: dict[str, Rejected] = {}
    nameless: list[Rejected] = []
    for row in rows.rows:
        key = "" if row.problem else _key(row, kind, otherwise)
        try:
            if row.problem:
                raise ValueError(row.problem)
            document = kind.read(row.values, **otherwise)
        except ValueError as error:
            text = schema.without_addresses(row.text)[:_LONGEST_TEXT]
            rejected = Rejected(found.stream, key, text, f"{path.name}, line {row.line}: {error}")
            if key:
                problems[key] = rejected
            else:
                nameless.append(rejected)
        else:
            found.documents[key] = document
            problems.pop(key, None)
    bad = [*nameless, *problems.values()]
    if bad and not found.documents:
        raise SourceError(
            f"No row of {path} can be read; {bad[0].reason}",
            f"Check {kind.variable}; what was read from it before is kept",
        )
    found.rejected += bad


def _key(row: Row, kind: _Kind, otherwise: Mapping[str, str]) -> str:
    """The key of a row of which perhaps nothing else can be read; empty where it has no id."""
    try:
        return kind.key(row.values, **otherwise)
    except ValueError:
        return ""
