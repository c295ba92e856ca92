"""The Phabricator source: tasks with their whole history, projects, columns, users, statuses, priorities.

A full run reads windows of task ids, each independent of the others, so that it can be parallel and
resumed. An incremental run asks for tasks changed since the newest change known before the last run,
less an overlap for edits that were being committed at that moment.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console

from ddd.phab import Conduit
from ddd.progress import progress_bar
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.phabricator import crawl
from ddd.sources.runs import Run, run_folder, unfinished
from ddd.warehouse import Documents, StreamRun

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

BLOCK_SIZE = 1000
"""Task ids in one unit of work: one segment of tasks and one of their histories."""

OVERLAP_SECONDS = 600
"""How far an incremental run goes back before the watermark: an edit gets its date before it is visible."""


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the site's raw documents up to date.

    A run that was killed is finished first: what it had fetched is not fetched again.

    Args:
        settings: Which site, and where to keep it.
        wanted: What to fetch.
        console: Where to draw progress.

    Raises:
        DataError: The server or the warehouse cannot be used; what was fetched is kept for the next run.
    """
    console = console or Console(quiet=True)
    if settings.site.is_demo:
        _renew_demo(settings)
    with _conduit(settings) as phab:
        phab.call("user.whoami")
        resumed = _finish_killed_runs(settings, phab, console)
        with Documents(settings, NAME, STREAMS) as documents:
            watermark_at = documents.last_watermark()
            run_id = documents.next_run_id()
        mode = "full" if wanted.full or watermark_at is None else "incremental"
        run = _start(settings, phab, run_id, mode)
        if mode == "full":
            _fetch_full(run, phab, settings, console)
        else:
            assert watermark_at is not None
            _fetch_changes(run, phab, int(watermark_at.timestamp()), settings, console)
        return _land(run, phab, settings, console, resumed=resumed)


def _renew_demo(settings: Settings) -> None:
    """Start anew where the simulated organisation is another one than last time: two must not mix."""
    from ddd.demo import demo_identity  # noqa: PLC0415 - as below

    settings.site_dir.mkdir(parents=True, exist_ok=True)
    mark, identity = settings.site_dir / "demo.txt", demo_identity(settings.demo)
    known = mark.read_text() if mark.exists() else None
    if known is not None and known != identity:
        settings.documents_path.unlink(missing_ok=True)
        shutil.rmtree(settings.segments_dir, ignore_errors=True)
    mark.write_text(identity)


@contextmanager
def _conduit(settings: Settings) -> Iterator[Conduit]:
    site = settings.site
    if not site.is_demo:
        yield Conduit(site.url, site.token)
        return
    from ddd.demo import serve_organisation  # noqa: PLC0415 - the demo is not loaded for a real server

    with serve_organisation(settings.demo) as url:
        yield Conduit(url, "api-demo")


def _finish_killed_runs(settings: Settings, phab: Conduit, console: Console) -> bool:
    resumed = False
    for run in unfinished(settings.segments_dir):
        with Documents(settings, NAME, STREAMS) as documents:
            run.landed = documents.landed_segments(run.run_id)
        if run.mode == "full":
            console.print("An earlier full run was interrupted: it goes on where it stopped.")
            _fetch_full(run, phab, settings, console)
            _land(run, phab, settings, console, resumed=True)
            resumed = True
        else:
            # its documents are good, but it did not see everything: the watermark stays
            with Documents(settings, NAME, STREAMS) as documents:
                documents.land(run.folder, run.run_id)
            run.close()
    return resumed


def _start(settings: Settings, phab: Conduit, run_id: int, mode: str) -> Run:
    watermark_epoch = crawl.newest_change(phab)
    now = datetime.now(UTC)
    run = Run(
        folder=run_folder(settings.segments_dir, run_id),
        run_id=run_id,
        mode=mode,
        started_at=now,
        server_time_at=phab.server_time or now,
        watermark_epoch=watermark_epoch,
        highest_id=crawl.highest_task_id(phab) if mode == "full" else 0,
    )
    run.save()
    return run


def _fetch_references(run: Run, phab: Conduit) -> None:
    for stream in crawl.REFERENCES:
        if not run.has(stream, "all"):
            run.keep("all", crawl.references(phab, stream))


def _fetch_full(run: Run, phab: Conduit, settings: Settings, console: Console) -> None:
    _fetch_references(run, phab)
    blocks = range(1, run.highest_id + 1, BLOCK_SIZE)
    with progress_bar(console) as bar, ThreadPoolExecutor(settings.connections) as pool:
        shown = bar.add_task("Fetching tasks with their history", total=run.highest_id)

        def fetch(first: int) -> None:
            last = min(first + BLOCK_SIZE - 1, run.highest_id)
            part = f"{first:09d}"
            if not run.has("transactions", part):
                tasks = crawl.tasks_by_id(phab, first, last)
                histories = crawl.histories(phab, crawl.ids_of(tasks.documents))
                run.keep(part, tasks)
                run.keep(part, histories)  # last, so that its presence says that the block is whole
            bar.advance(shown, last - first + 1)

        _all(pool, [pool.submit(fetch, first) for first in blocks])


def _fetch_changes(run: Run, phab: Conduit, since: int, settings: Settings, console: Console) -> None:
    _fetch_references(run, phab)
    with progress_bar(console) as bar, ThreadPoolExecutor(settings.connections) as pool:
        shown = bar.add_task("Fetching changed tasks", total=None)

        def fetch(part: str, task_ids: list[int]) -> None:
            run.keep(part, crawl.histories(phab, task_ids))
            bar.advance(shown, len(task_ids))

        futures = []
        for number, tasks in enumerate(crawl.tasks_changed_since(phab, since - OVERLAP_SECONDS)):
            run.keep(f"{number:06d}", tasks)
            futures.append(pool.submit(fetch, f"{number:06d}", crawl.ids_of(tasks.documents)))
        _all(pool, futures)


def _all(pool: ThreadPoolExecutor, futures: list[Future[None]]) -> None:
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done():
                future.result()
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise


def _land(run: Run, phab: Conduit, settings: Settings, console: Console, *, resumed: bool) -> Extracted:
    size = sum(path.stat().st_size for path in run.folder.glob("*.parquet"))
    with Documents(settings, NAME, STREAMS) as documents, progress_bar(console, counted=False) as bar:
        shown = bar.add_task("Landing documents", total=size)
        before = documents.counts()["quarantine"]
        changed = documents.land(run.folder, run.run_id, lambda landed: bar.advance(shown, landed))
        watermark_at = datetime.fromtimestamp(run.watermark_epoch, UTC) if run.watermark_epoch else None
        documents.record(
            [
                StreamRun(
                    run_id=run.run_id,
                    source=NAME,
                    stream=stream,
                    mode=run.mode,
                    started_at=run.started_at,
                    server_time_at=run.server_time_at,
                    watermark_at=watermark_at if stream in {"tasks", "transactions"} else None,
                    requests_count=phab.requests_count if stream == "tasks" else 0,
                    documents_count=run.documents_counts.get(stream, 0),
                    bytes_count=phab.bytes_count if stream == "tasks" else 0,
                )
                for stream in STREAMS
            ]
        )
        known = documents.counts()
    run.close()
    result = Extracted(
        mode=f"{run.mode} (after finishing an interrupted run)" if resumed else run.mode,
        fetched=run.documents_counts,
        changed_count=changed,
        known=known,
        requests_count=phab.requests_count,
        bytes_count=phab.bytes_count,
    )
    if known["quarantine"] > before:
        result.warnings.append(
            f"{known['quarantine'] - before} documents could not be read and are quarantined "
            "(table raw.quarantine says why); everything else went on"
        )
    return result
