"""Asks for many tasks at once, and for fewer where that is too much.

Histories come in one unbounded answer, so that a batch is halved when the server runs out of memory; and one
task that the server cannot read fails the whole answer, so that the batch is halved until that task stands
alone. It is then quarantined with the server's words, and the others go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ddd.phab import Conduit
from ddd.phab.errors import (
    ConduitError,
    NotFoundError,
    OverheatedError,
    PermissionDeniedError,
    ServerTroubleError,
)
from ddd.segments import Rejected
from ddd.sources.phabricator.answers import Page

Ask = Callable[[Sequence[int]], Page]

FAILURES_IN_A_ROW = 20
"""Single tasks that fail without one success between them, before the server counts as broken."""


@dataclass
class Halving:
    """Asks for tasks in batches, from several threads.

    Attributes:
        phab: The server.
        stream: What is asked for, for the quarantine.
        was_too_much: Is told the size of a batch that was too much for the server.
    """

    phab: Conduit
    stream: str
    was_too_much: Callable[[int], None] = lambda _: None
    _failures: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(self, task_ids: Sequence[int], ask: Ask) -> list[Page]:
        """Ask for tasks, in parts where the server cannot give them in one.

        Returns:
            The answers; a task that the server cannot give is among the rejected.

        Raises:
            ConduitError: The failure has nothing to do with these tasks, or nothing succeeds at all.
        """
        try:
            page = ask(task_ids)
        except ConduitError as error:
            if not self._is_about_these(error):
                raise
            if error.is_too_much:
                self.was_too_much(len(task_ids))
            if len(task_ids) == 1:
                self._count_failure(error)
                return [Page(rejected=[self._rejected(task_ids[0], error)])]
            middle = len(task_ids) // 2
            return self.ask(task_ids[:middle], ask) + self.ask(task_ids[middle:], ask)
        with self._lock:
            self._failures = 0
        return [page]

    def _is_about_these(self, error: ConduitError) -> bool:
        """Whether a request for fewer tasks may succeed: the server is well, but not with this request."""
        if error.is_too_much or isinstance(error, OverheatedError | PermissionDeniedError | NotFoundError):
            return True
        if not isinstance(error, ServerTroubleError):
            return False
        try:
            self.phab.call("conduit.ping")
        except ConduitError:
            return False
        return True

    def _rejected(self, task_id: int, error: ConduitError) -> Rejected:
        reason = f"The server cannot give T{task_id}: {error.info or error.what}"
        return Rejected(self.stream, str(task_id), "", reason)

    def _count_failure(self, error: ConduitError) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                raise ConduitError(
                    f"The server could give none of {self._failures} {self.stream} in a row; the last time "
                    f"it said: {error.info or error.what}",
                    "Ask the server's administrator; what was fetched is kept, and the next run goes on",
                    is_transient=True,
                )
