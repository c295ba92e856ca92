"""`Pace`: how many requests may be under way at once, and when none may be sent at all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ddd.web.errors import WebError

_log = logging.getLogger(__name__)

ANSWERS_A_STEP = 50
"""Good answers, for each request under way, before one more is allowed: a server that was overrun once is
given minutes, not seconds."""

_SLOW_DOWN = {"429", "503"}


class Pace:
    """Keeps one client polite, over all its threads.

    The limit halves when the server asks to slow down (HTTP 429 or 503), at most once for the requests that
    were under way together, and grows by one after `ANSWERS_A_STEP` good answers for each request it allows.

    Args:
        connections: Requests under way at once while the server is well.
        ban_seconds: How long nobody should ask anything after an error; 0 where it does not matter.
        sleep: What waits.
        clock: A clock that never goes back, in seconds.

    Raises:
        ValueError: There would be no connection at all.
    """

    def __init__(
        self,
        connections: int,
        *,
        ban_seconds: Callable[[WebError], float],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        if connections < 1:
            raise ValueError(f"{connections} connections are none")
        self.connections = connections
        self._ban_seconds = ban_seconds
        self._sleep = sleep
        self._clock = clock
        self._limit = connections
        self._under_way_count = 0
        self._answers_count = 0
        self._round = 0
        self._banned_until = clock()
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """How many requests may be under way at this moment."""
        return self._limit

    def ban(self, seconds: float) -> None:
        """Send nothing for a while; a ban that lasts longer stays."""
        until = self._clock() + seconds
        with self._changed:
            self._banned_until = max(self._banned_until, until)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a request may be sent; send it and read its answer inside."""
        started_in = self._enter()
        try:
            yield
        except WebError as error:
            # while this place is still taken: the next request would count against the client
            self.ban(self._ban_seconds(error))
            if error.code in _SLOW_DOWN:
                self._slow_down(started_in)
            raise
        else:
            self._speed_up()
        finally:
            with self._changed:
                self._under_way_count -= 1
                self._changed.notify_all()

    def _enter(self) -> int:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._under_way_count < self._limit)
                ban_seconds = self._banned_until - self._clock()
                if ban_seconds <= 0:
                    self._under_way_count += 1
                    return self._round
            # holding no place meanwhile: when the ban is over, the limit may be lower
            self._sleep(ban_seconds)

    def _slow_down(self, started_in: int) -> None:
        with self._changed:
            self._answers_count = 0
            if started_in != self._round or self._limit == 1:
                return  # sent before the limit was lowered
            self._round += 1
            self._limit = max(self._limit // 2, 1)
            _log.info("The server asks to slow down: %d requests at once from now on", self._limit)

    def _speed_up(self) -> None:
        with self._changed:
            self._answers_count += 1
            if self._limit < self.connections and self._answers_count >= ANSWERS_A_STEP * self._limit:
                self._limit += 1
                self._answers_count = 0
                _log.info("The server is well: %d requests at once from now on", self._limit)
