"""The order of an extraction: what is left from a killed run, what is new, what is gone; then landing.

Everything that is fetched goes to segment files first, and is landed when all of it is there. So a process
may be killed at any moment: a full run goes on where it stopped; of any other run the documents are landed,
and the next run fetches again what was not complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress

from ddd import visibility
from ddd.connecting import connected
from ddd.phab import Conduit
from ddd.phab.errors import CursorLostError, OverheatedError
from ddd.progress import progress_bar
from ddd.settings import Settings
from ddd.sources.contract import WHAT_IS_NEW, Extracted, Wanted
from ddd.sources.phabricator import tasks
from ddd.sources.phabricator.choice import fetch_choice
from ddd.sources.phabricator.demo_site import renew_demo
from ddd.sources.phabricator.history import fetch_histories, history_stream
from ddd.sources.phabricator.landing import discard, land
from ddd.sources.phabricator.references import fetch_references
from ddd.sources.phabricator.state import State, read_state
from ddd.sources.phabricator.streams import HIDEABLE_STREAMS, NAME, STREAMS
from ddd.sources.phabricator.walks import fetch_by_ids, walk_all, walk_matching
from ddd.sources.runs import Aims, Run, run_folder, unfinished
from ddd.warehouse import Documents

OVERLAP_SECONDS = 600
"""How far an incremental run goes back before the watermark: an edit gets its date before it is visible."""


def extract(settings: Settings, wanted: Wanted = WHAT_IS_NEW, *, console: Console | None = None) -> Extracted:
    """Bring the site's raw documents up to date.

    A full run that was killed is finished first: what it had fetched is not fetched again.

    Args:
        settings: Which site, and where to keep it.
        wanted: What to fetch.
        console: Where to draw progress.

    Raises:
        DataError: The server or the warehouse cannot be used, or suspiciously much is gone; what was
            fetched is kept.
    """
    if settings.site.is_demo:
        renew_demo(settings)
    with connected(settings, writes_files=True) as phab:
        phab.call("user.whoami")
        return _Extraction(settings, phab, wanted, console or Console(quiet=True)).run()


@dataclass
class _Extraction:
    settings: Settings
    phab: Conduit
    wanted: Wanted
    console: Console
    stream: str = ""

    def run(self) -> Extracted:
        state = self._state()  # first, for a warehouse that is open elsewhere needs no request to say so
        self.stream = history_stream(self.phab)
        finished: list[Extracted] = []
        if any(self.settings.segments_dir.glob("*")):
            finished = self._finish_killed_runs(state)
            state = self._state()
        run = self._start(state, is_full_done=any(one.mode == "full" for one in finished))
        self._fetch(run, state)
        extracted = land(run, self.phab, self.settings, self.stream, self.console)
        if finished:
            extracted.mode += " (after finishing an interrupted run)"
            extracted.changed_count += sum(one.changed_count for one in finished)
        return extracted

    def _documents(self) -> Documents:
        return Documents(self.settings, NAME, STREAMS)

    def _state(self) -> State:
        with self._documents() as documents:
            return read_state(documents)

    def _finish_killed_runs(self, state: State) -> list[Extracted]:
        """Finish full runs, and land what others have fetched."""
        finished = []
        for run in unfinished(self.settings.segments_dir):
            if not run.is_fetched and run.aims.mode == "full":
                self.console.print("An earlier full run was interrupted: it goes on where it stopped.")
                self._fetch(run, state)
            if run.is_fetched:
                finished.append(land(run, self.phab, self.settings, self.stream, self.console))
            else:
                # its documents are good, but it did not see everything: the watermark stays
                discard(run, self.settings)
        return finished

    def _start(self, state: State, *, is_full_done: bool) -> Run:
        mode = self._mode(state, is_full_done=is_full_done)
        is_sweep = mode == "full" or (
            mode == "incremental" and (self.wanted.sweep or state.is_sweep_due(self.settings.sweep_hours))
        )
        # before the first page: what changes while walking is newer
        newest = tasks.newest_change(self.phab)
        begins_here = mode == "partial" and state.watermark_at is None and self.wanted.is_since_alone
        since_at = self.wanted.since if begins_here else state.since_at
        now = datetime.now(UTC)
        aims = Aims(
            run_id=state.run_id,
            mode=mode,
            started_at=now,
            server_time_at=self.phab.server_time or now,
            watermark_epoch=newest if mode != "partial" or begins_here else None,
            highest_id=tasks.highest_id(self.phab, state.highest_id) if is_sweep else 0,
            is_sweep=is_sweep,
            since_epoch=int(since_at.timestamp()) if since_at and mode != "full" else 0,
            is_gone_accepted=self.wanted.accept_gone,
        )
        run = Run(run_folder(self.settings.segments_dir, aims.run_id), aims)
        run.save()
        return run

    def _mode(self, state: State, *, is_full_done: bool) -> str:
        if self.wanted.is_partial:
            return "partial"
        # a full run that was interrupted and is finished now is the one that was asked for
        return (
            "full" if state.watermark_at is None or (self.wanted.full and not is_full_done) else "incremental"
        )

    def _fetch(self, run: Run, state: State) -> None:
        with progress_bar(self.console) as bar:
            fetch_references(run, self.phab, bar, threads_count=self.settings.connections)
            history_ids: tuple[int, ...] = state.retries.history_ids
            if run.aims.mode == "full":
                walk_all(run, self.phab, "tasks", bar, threads_count=self.settings.connections)
            elif run.aims.mode == "partial":
                history_ids = ()
                fetch_choice(run, self.phab, self.wanted, bar, threads_count=self.settings.connections)
            else:
                self._fetch_news(run, state, bar)
            fetch_histories(
                run, self.phab, self.stream, bar, threads_count=self.settings.connections, also=history_ids
            )
        run.complete_streams = self._complete_streams(run)
        run.is_fetched = True
        run.save()

    def _fetch_news(self, run: Run, state: State, bar: Progress) -> None:
        """What changed, what could not be had before, and, in a sweep, what is otherwise than known.

        A sweep looks first: what is fetched after it is the later evidence of being there.
        """
        assert state.watermark_at is not None
        if run.aims.is_sweep:
            self._sweep(run, bar)
        since = max(int(state.watermark_at.timestamp()) - OVERLAP_SECONDS, 1)
        try:
            walk_matching(run, self.phab, {"modifiedStart": since}, bar, "Fetching changed tasks")
        except (OverheatedError, CursorLostError):
            # too many hidden tasks are in the way; a sweep sees every change without walking past them
            if not run.aims.is_sweep:
                highest_id = tasks.highest_id(self.phab, state.highest_id)
                run.aims = replace(run.aims, is_sweep=True, highest_id=highest_id)
                run.save()
                self._sweep(run, bar)
        does = "Trying again what could not be read"
        fetch_by_ids(
            run, self.phab, state.retries.task_ids, bar, does, threads_count=self.settings.connections
        )

    def _sweep(self, run: Run, bar: Progress) -> None:
        walk_all(run, self.phab, "sweep", bar, threads_count=self.settings.connections)
        with self._documents() as documents:
            differing = visibility.differing_tasks(
                documents.connection, NAME, run.segments("sweep"), run.aims.since_epoch
            )
        does = "Fetching tasks that are otherwise than known"
        fetch_by_ids(run, self.phab, differing, bar, does, threads_count=self.settings.connections)

    def _complete_streams(self, run: Run) -> list[str]:
        """Streams that were read whole: all but those of which something is missing that has no name."""
        nameless = {stream for stream, key in run.rejected_keys() if not key}
        streams = [stream for stream in HIDEABLE_STREAMS if stream != "tasks" or run.aims.is_sweep]
        return [stream for stream in streams if stream not in nameless]
