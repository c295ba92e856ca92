"""Answers are sent compressed."""

from __future__ import annotations

from collections.abc import Callable

from datasette import hookimpl
from datasette.app import Datasette

from ddd.compressing import Application, compressed


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Application], Application]:  # noqa: ARG001 - the hook's own
    """Compress what browsers can read compressed, also where no other server stands in between."""
    return compressed
