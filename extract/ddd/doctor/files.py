"""The site's files: the warehouse with its streams, and what is published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ddd.access import connect, lock_holder
from ddd.doctor.findings import Finding, age_text, failed, ok, problem, size_text, warning
from ddd.errors import DataError, WarehouseError
from ddd.published import read_published
from ddd.quarantine import open_rows
from ddd.refresh_status import read_status
from ddd.settings import Settings
from ddd.sources import SOURCES
from ddd.sources.phabricator.streams import NAME, SWEEP_STREAM
from ddd.warehouse import LAYOUT_VERSION

_SWEEP_DELAY = timedelta(days=2)
"""How long after its time a sweep may come: the next refresh does it."""

_SPARE_BYTES = 50_000_000


def warehouse_findings(settings: Settings) -> Iterator[Finding]:
    """Room, who works on the site, raw documents with their streams, and the built warehouse."""
    if not settings.site_dir.exists():
        yield warning(
            "warehouse", "folder", f"{settings.site_dir} does not exist yet", "Run `dddcli refresh`"
        )
        return
    yield _room(settings)
    holder = lock_holder(settings)
    if holder:
        yield ok("warehouse", "lock", f"being refreshed by {holder}")
    if not holder:
        yield from _interrupted(settings)
    if not settings.documents_path.exists():
        yield warning("warehouse", "documents", "nothing was fetched yet", "Run `dddcli refresh`")
        return
    try:
        with connect(settings.documents_path, read_only=True, wait_seconds=0) as documents:
            yield from _documents(settings, documents)
            fetched_at = _value(documents, "select max(finished_at) from raw.runs where outcome = 'complete'")
    except WarehouseError as error:
        if holder or " is open in " in error.what:
            yield warning("warehouse", "documents", error.what, "Look again when that is done")
        else:
            yield failed("warehouse", "documents", error)
        return
    except duckdb.Error as error:
        yield problem(
            "warehouse",
            "documents",
            f"{settings.documents_path} cannot be read: {str(error).splitlines()[0]}",
            "Move the file away; the next `dddcli refresh` fetches everything again",
        )
        return
    yield from _built(settings, fetched_at)


def _interrupted(settings: Settings) -> Iterator[Finding]:
    runs = sorted(settings.site_dir.glob("segments*/run-*"))
    if runs:
        size = size_text(sum(path.stat().st_size for run in runs for path in run.iterdir()))
        yield warning(
            "warehouse",
            "interrupted runs",
            f"{len(runs)}, with {size} fetched",
            "Nothing is lost: the next `dddcli refresh` goes on where they stopped",
        )


def _room(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.site_dir).free
    size = settings.documents_path.stat().st_size if settings.documents_path.exists() else 0
    needed = 2 * size + _SPARE_BYTES
    text = f"{size_text(free)} free in {settings.site_dir}; a build needs about {size_text(needed)}"
    if free < needed:
        return problem(
            "warehouse", "disk", text, "Make room on that disk, or choose another with DDD_DATA_DIR"
        )
    return ok("warehouse", "disk", text)


def _documents(settings: Settings, documents: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    size = size_text(settings.documents_path.stat().st_size)
    layout = _value(documents, "select max(version) from raw.layout")
    if layout is None or layout > LAYOUT_VERSION:
        yield problem(
            "warehouse",
            "documents",
            f"layout {layout}, this Data³ knows {LAYOUT_VERSION}",
            "Use the newer Data³ that wrote it",
        )
        return
    older = f", which the next run brings to {LAYOUT_VERSION}" if layout < LAYOUT_VERSION else ""
    yield ok("warehouse", "documents", f"{size}, layout {layout}{older}")
    yield from _streams(settings, documents)
    yield from _sweep(settings, documents)
    if layout == LAYOUT_VERSION:
        yield from _quarantine(documents)


def _streams(settings: Settings, documents: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    runs = documents.execute(
        "select stream, max(finished_at) filter (where mode in ('full', 'incremental')), max(finished_at)"
        " from raw.runs where outcome = 'complete' and stream <> ? group by stream order by stream",
        [SWEEP_STREAM],
    ).fetchall()
    if not runs:
        yield warning("warehouse", "streams", "no run was completed yet", "Run `dddcli refresh`")
    ages: dict[tuple[datetime, str], list[str]] = {}
    for stream, whole_at, chosen_at in runs:
        kind = "last complete run" if whole_at else "only a choice was fetched, last"
        ages.setdefault(((whole_at or chosen_at).replace(tzinfo=UTC), kind), []).append(stream)
    for (finished_at, kind), streams in sorted(ages.items(), reverse=True):
        subject = "streams" if len(streams) > 1 else streams[0]
        text = f"{kind} {age_text(finished_at)}: {', '.join(streams)}"
        if datetime.now(UTC) - finished_at > timedelta(hours=settings.stale_hours):
            yield warning("warehouse", subject, text, "Run `dddcli refresh`, every day if possible")
        else:
            yield ok("warehouse", subject, text)


def _sweep(settings: Settings, documents: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """When somebody last looked for what is gone; nothing where all tasks were never fetched."""
    if not _value(
        documents,
        f"select count(*) from raw.runs where source = '{NAME}' and mode in ('full', 'incremental')",
    ):
        return
    swept_at = _value(
        documents,
        f"select max(started_at) from raw.runs where stream = '{SWEEP_STREAM}' and outcome = 'complete'",
    )
    remedy = "Run `dddcli refresh --sweep`, and set DDD_SWEEP_HOURS to have it done regularly"
    if swept_at is None:
        yield warning("warehouse", "sweep", "nobody has ever looked for what is gone", remedy)
        return
    swept_at = swept_at.replace(tzinfo=UTC)
    text = f"last looked for what is gone {age_text(swept_at)}"
    if datetime.now(UTC) - swept_at > timedelta(hours=settings.sweep_hours) + _SWEEP_DELAY:
        yield warning("warehouse", "sweep", text, remedy)
    else:
        yield ok("warehouse", "sweep", text)


def _quarantine(documents: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    reasons: dict[str, list[str]] = {}
    for row in (row for source in SOURCES for row in open_rows(documents, source)):
        reasons.setdefault(row.stream, []).append(" ".join(row.reason.split())[:200])
    for stream, said in reasons.items():
        yield warning(
            "warehouse",
            "quarantine",
            f"{len(said):,} unreadable {stream}, such as: {said[0]}",
            "They are tried again in the next run; raw.quarantine in documents.duckdb has the details",
        )


def _built(settings: Settings, fetched_at: datetime | None) -> Iterator[Finding]:
    path = settings.warehouse_path
    if not path.exists():
        yield warning("warehouse", "models", "were not built yet", "Run `dddcli build`")
        return
    try:
        with connect(path, read_only=True, wait_seconds=0) as warehouse:
            count = _value(warehouse, "select count(*) from tasks")
    except (DataError, duckdb.Error) as error:
        yield problem(
            "warehouse", "models", str(error).splitlines()[0], "Run `dddcli build`, which replaces the file"
        )
        return
    built_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    text = f"{count:,} tasks, {size_text(path.stat().st_size)}, built {age_text(built_at)}"
    if fetched_at and built_at < fetched_at.replace(tzinfo=UTC):
        yield warning("warehouse", "models", f"{text}, before the last run", "Run `dddcli build`")
    else:
        yield ok("warehouse", "models", text)


def published_findings(settings: Settings) -> Iterator[Finding]:
    """The published files: whose they are, how old, what they may hold; and what pages say of the refresh."""
    yield from _published(settings, settings.metrics_path)
    if settings.trains_path.exists():
        yield from _published(settings, settings.trains_path)
    yield from _last_refresh(settings)


def _last_refresh(settings: Settings) -> Iterator[Finding]:
    """The same facts as on every page and in `/-/ddd/health.json`."""
    status = read_status(settings.www_dir)
    if status is None or status.last_refresh is None or status.site_name != settings.site.name:
        return
    last = status.last_refresh
    when = age_text(datetime.fromisoformat(last.finished_at or last.started_at))
    if last.outcome == "complete":
        yield ok("published", "last refresh", f"came through {when}")
    elif last.outcome == "running" and lock_holder(settings):
        yield ok("published", "last refresh", f"runs, began {when}")
    else:
        outcome = "was killed" if last.outcome == "running" else last.outcome
        steps = f" (step {', '.join(last.failed_steps)})" if last.failed_steps else ""
        remedy = "`dddcli runs` says why; what was published before is still served"
        yield warning("published", "last refresh", f"{outcome} {when}{steps}", remedy)


def _published(settings: Settings, path: Path) -> Iterator[Finding]:
    if not path.exists():
        yield warning("published", path.name, f"{path} does not exist yet", "Run `dddcli refresh`")
        return
    try:
        about = read_published(path).about
    except DataError as error:
        yield problem("published", path.name, str(error), "Run `dddcli export`")
        return
    as_of = datetime.fromisoformat(about.as_of)
    exported_at = datetime.fromisoformat(about.exported_at)
    text = f"{about.site_name}, {size_text(path.stat().st_size)}, as of {age_text(as_of)}"
    if about.site_name != settings.site.name:
        yield warning(
            "published",
            path.name,
            f"holds {text}; the settings say {settings.site.name}",
            "Run `dddcli refresh`, or name another folder with DATASETTE_DIR",
        )
    elif (
        settings.warehouse_path.exists()
        and exported_at.timestamp() + 1 < settings.warehouse_path.stat().st_mtime
    ):
        yield warning(
            "published", path.name, f"{text}, exported before the last build", "Run `dddcli export`"
        )
    elif not about.is_demo and datetime.now(UTC) - as_of > timedelta(hours=settings.stale_hours):
        yield warning("published", path.name, text, "Run `dddcli refresh`, every day if possible")
    else:
        yield ok("published", path.name, f"{text}, exported {age_text(exported_at)}")
    if set(about.export_policies) != set(settings.export_policies) and about.site_name == settings.site.name:
        yield warning(
            "published",
            "policies",
            f"published with {', '.join(about.export_policies)}; "
            f"the settings say {', '.join(settings.export_policies)}",
            "Run `dddcli build`, then `dddcli export`",
        )


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
