"""Brings a run that has fetched everything into the warehouse, and says what it was."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console

from ddd import quarantine, visibility
from ddd.errors import DataError
from ddd.phab import Conduit
from ddd.progress import progress_bar
from ddd.settings import Settings
from ddd.sources.contract import Extracted
from ddd.sources.phabricator.references import REFERENCES
from ddd.sources.phabricator.reporting import COLUMNS_MISSING, gone_warning, quarantine_warnings
from ddd.sources.phabricator.state import task_to_retry
from ddd.sources.phabricator.streams import HIDEABLE_STREAMS, NAME, STREAMS, SWEEP_STREAM
from ddd.sources.runs import Run
from ddd.warehouse import Documents, StreamRun


def land(run: Run, phab: Conduit, settings: Settings, history_stream: str, console: Console) -> Extracted:
    """Land a run, mark what is gone and what could be read at last, record it, and forget its folder.

    Every step can be repeated: a process that is killed here is followed by one that does the rest.

    Raises:
        DataError: So much is gone that the account has rather lost its rights; the run's documents are
            landed, and nothing else of it.
        WarehouseError: The warehouse cannot be written; everything is kept.
    """
    aims = run.aims
    fetched = run.documents_counts()
    with Documents(settings, NAME, STREAMS) as documents, progress_bar(console, counted=False) as bar:
        if not visibility.seen_file(run.folder).exists():
            visibility.write_seen(documents.connection, run.folder, HIDEABLE_STREAMS)
        if not aims.is_gone_accepted:
            _guard(run, documents)
        shown = bar.add_task("Landing documents", total=run.bytes_count())
        changed = documents.land(run.folder, aims.run_id, lambda landed: bar.advance(shown, landed))
        gone, again = documents.mark_visibility(
            run.folder, aims.run_id, aims.started_at, HIDEABLE_STREAMS, run.complete_streams
        )
        resolved = _resolved(quarantine.open_rows(documents.connection, NAME), run)
        quarantine.resolve(documents.connection, NAME, resolved, aims.run_id)
        documents.record(_stream_runs(run, phab, fetched))
        known = documents.counts()
        unread = quarantine.open_rows(documents.connection, NAME)
        lacks_columns = history_stream == "transaction_records" and _lacks_columns(documents)
    run.close()
    does_sweep = aims.is_sweep and aims.mode != "full"
    return Extracted(
        mode=f"{aims.mode} with a sweep" if does_sweep else aims.mode,
        fetched={stream: fetched.get(stream, 0) for stream in STREAMS},
        changed_count=changed,
        gone_count=gone,
        again_count=again,
        known=known,
        requests_count=phab.requests_count,
        bytes_count=phab.bytes_count,
        warnings=[
            *gone_warning(gone, again),
            *quarantine_warnings(unread, len(resolved)),
            *([COLUMNS_MISSING] if lacks_columns else []),
        ],
    )


def _guard(run: Run, documents: Documents) -> None:
    """Stop before most of what is known is taken for gone: an account that lost its rights sees as little."""
    for one in visibility.missing(documents.connection, run.folder, NAME, run.complete_streams):
        if not one.is_suspicious:
            continue
        documents.land(run.folder, run.aims.run_id)
        run.close()
        raise DataError(
            f"{one.missing_count:,} of {one.known_count:,} known {one.stream} are no longer visible to this "
            "account; nothing was marked as gone, and what was published stays as it is",
            "Check the rights of the token's account. If they really are destroyed or hidden, say so with: "
            "dddcli refresh --sweep --accept-gone",
        )


def discard(run: Run, settings: Settings) -> None:
    """Land the documents of a run that did not get to its end, and nothing else of it.

    Tasks whose histories were not fetched are left out: a known task counts as known with its history.

    Raises:
        WarehouseError: The warehouse cannot be written; everything is kept.
    """
    run.keep_only_tasks(run.covered("transactions") | run.covered("transaction_records"))
    with Documents(settings, NAME, STREAMS) as documents:
        documents.land(run.folder, run.aims.run_id)
    run.close()


def _resolved(rows: list[quarantine.OpenRow], run: Run) -> list[quarantine.OpenRow]:
    """What was quarantined before, was asked for again in this run, and not rejected again."""
    if run.aims.mode == "partial":
        return []
    return [
        row
        for row in rows
        if row.run_id != run.aims.run_id
        and (run.aims.mode == "full" or row.stream in REFERENCES or task_to_retry(row) is not None)
    ]


def _stream_runs(run: Run, phab: Conduit, fetched: dict[str, int]) -> list[StreamRun]:
    aims = run.aims
    watermark_at = datetime.fromtimestamp(aims.watermark_epoch, UTC) if aims.watermark_epoch else None
    begins_at = datetime.fromtimestamp(aims.since_epoch, UTC) if aims.since_epoch else None
    streams = (*STREAMS, SWEEP_STREAM) if aims.is_sweep else STREAMS
    return [
        StreamRun(
            run_id=aims.run_id,
            source=NAME,
            stream=stream,
            mode=aims.mode,
            started_at=aims.started_at,
            server_time_at=aims.server_time_at,
            watermark_at=watermark_at if stream in {"tasks", "transactions"} else None,
            requests_count=phab.requests_count if stream == "tasks" else 0,
            documents_count=fetched.get(stream, 0),
            bytes_count=phab.bytes_count if stream == "tasks" else 0,
            since_at=begins_at if aims.mode == "partial" else None,
        )
        for stream in streams
    ]


def _lacks_columns(documents: Documents) -> bool:
    """Whether there are transactions without a type, but none that moved a task to another column."""
    row = documents.connection.execute(
        f"""
        select
            coalesce(bool_or(document like '%"type":null,%'), false)
            and not coalesce(bool_or(document like '%"type":"core:columns",%'), false)
        from raw.{NAME}_transaction_records
        """
    ).fetchone()
    return bool(row and row[0])
