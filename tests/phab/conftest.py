"""Loopback servers and clients for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ddd.phab import Conduit

from .loopback import TOKEN, Answer, Loopback, Request, Waits

Serve = Callable[..., Loopback]


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server: from a function of the request, or from answers that are given in turn."""
    with ExitStack() as stack:

        def start(*answers: Answer | Callable[[Request], Answer]) -> Loopback:
            first = answers[0]
            if callable(first):
                return stack.enter_context(Loopback(first))
            remaining = list(answers)

            def in_turn(_request: Request) -> Answer:
                answer = remaining.pop(0) if len(remaining) > 1 else remaining[0]
                assert isinstance(answer, Answer)
                return answer

            return stack.enter_context(Loopback(in_turn))

        yield start


@pytest.fixture
def client(waits: Waits) -> Iterator[Callable[..., Conduit]]:
    """Make a client of a server that waits in no time."""
    with ExitStack() as stack:

        def make(server: Loopback, **options: Any) -> Conduit:
            options = {"sleep": waits.sleep, "clock": waits.clock, **options}
            return stack.enter_context(Conduit(server.url, options.pop("token", TOKEN), **options))

        yield make
