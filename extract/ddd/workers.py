"""Runs the processes that answer, and lets new ones take over when new files are published.

A process serves the export that it began with: a server that is open cannot change files without mixing
them. This parent owns the listening socket. When other files are published it starts new workers; when all of
them are ready, the old ones stop accepting and say so, and only then do the new ones begin. Whoever connects
in between waits in the socket's queue for some milliseconds. Old workers answer what they have begun, close
each connection with its next answer, and end.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any

from ddd import logs
from ddd.answering import DRAIN, GO, READY, STOP, STOPPED, answer
from ddd.errors import DataError

_LOOK_SECONDS = 0.5
_START_SECONDS = 120
_STOP_SECONDS = 15
_QUICK_SECONDS = 5
_QUICK_ENDS = 5

_FORK = multiprocessing.get_context("fork")  # the listening socket goes along


@dataclass(eq=False)
class Worker:
    """A process that answers, and the pipe to it."""

    process: BaseProcess
    pipe: connection.Connection
    started: float = field(default_factory=time.monotonic)

    def say(self, word: str) -> None:
        """Tell it something; one that has ended does not hear it."""
        with suppress(OSError):
            self.pipe.send(word)

    def hear(self, seconds: float) -> Any:
        """What it says next; none where it says nothing, or has ended."""
        try:
            return self.pipe.recv() if self.pipe.poll(seconds) else None
        except (EOFError, OSError):
            return None

    def end(self, seconds: float = _STOP_SECONDS) -> None:
        """Wait for its end, and bring it about where it does not come."""
        self.process.join(seconds)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()


class Workers:
    """The processes of one server, those that answer and those that are on their way out."""

    def __init__(
        self, listener: socket.socket, start: Callable[[Any], Any], look: Callable[[], Any], count: int = 1
    ) -> None:
        """Plan a server.

        Args:
            listener: The listening socket.
            start: Opens the Datasette that a worker answers with, on what `look` saw: all workers answer
                from the same files, however soon others are published.
            look: What is published now; workers are replaced when it is something else.
            count: Workers at once.
        """
        self.listener, self.open, self.look, self.count = listener, start, look, count
        self.answering: list[Worker] = []
        self.leaving: list[Worker] = []
        self._quick_ends = 0
        self._served: Any = None

    def run(self, on_begin: Callable[[], None], on_change: Callable[[str], None]) -> None:
        """Serve until interrupted.

        Args:
            on_begin: Called when the first workers answer.
            on_change: Is told in a sentence when others take over, or cannot.

        Raises:
            DataError: The first workers cannot start, or later ones end again and again.
        """
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self._served = self.look()
            self.answering = self._started(self._served)
            for worker in self.answering:
                worker.say(GO)
            on_begin()
            seen = tried = self._served
            while True:
                connection.wait([one.process.sentinel for one in self.answering], _LOOK_SECONDS)
                self._replace_ended()
                self._forget_ended()
                now = self.look()
                if now and now != tried and now == seen:  # written, and not being written
                    tried = now
                    on_change(self._take_over(now))
                seen = now
        except KeyboardInterrupt:
            return
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self._stop()
            signal.signal(signal.SIGTERM, before)

    def _started(self, seen: Any) -> list[Worker]:
        """New workers, all ready; none is left where one cannot."""
        fresh = [self._fork(seen) for _ in range(self.count)]
        for worker in fresh:
            said = worker.hear(_START_SECONDS)
            if said != READY:
                for each in fresh:
                    each.process.kill()
                    each.end()
                what, remedy = said or ("A worker ended before it could answer", "Its log says why")
                raise DataError(what, remedy)
        return fresh

    def _fork(self, seen: Any) -> Worker:
        ours, theirs = _FORK.Pipe()
        arguments = (partial(self.open, seen), self.listener, theirs, os.getpid())
        process = _FORK.Process(target=answer, args=arguments)
        process.start()
        theirs.close()
        return Worker(process, ours)

    def _take_over(self, seen: Any) -> str:
        try:
            fresh = self._started(seen)
        except DataError as error:
            logs.event("new files not served", level=40, message=error.what)
            return f"What was published cannot be served, so that the files of before still are: {error}"
        for worker in self.answering:
            worker.say(DRAIN)
        for worker in self.answering:
            while worker.hear(_STOP_SECONDS) not in (STOPPED, None):
                pass
        for worker in fresh:
            worker.say(GO)
        self.leaving += self.answering
        self.answering = fresh
        self._served = seen
        logs.event("new files served")
        return "New files were published and are served now."

    def _replace_ended(self) -> None:
        for place, worker in enumerate(self.answering):
            if worker.process.is_alive():
                continue
            logs.event("worker ended", level=40, exit_code=worker.process.exitcode)
            is_quick = time.monotonic() - worker.started < _QUICK_SECONDS
            self._quick_ends = self._quick_ends + 1 if is_quick else 0
            if self._quick_ends >= _QUICK_ENDS:
                raise DataError("Workers end as soon as they begin", "Their log says why")
            worker.end()
            fresh = self._fork(self._served)
            if fresh.hear(_START_SECONDS) == READY:
                fresh.say(GO)
            self.answering[place] = fresh

    def _forget_ended(self) -> None:
        for worker in [one for one in self.leaving if not one.process.is_alive()]:
            worker.end()
            self.leaving.remove(worker)

    def _stop(self) -> None:
        everybody = [*self.answering, *self.leaving]
        for worker in everybody:
            worker.say(STOP)
        for worker in everybody:
            worker.end()
