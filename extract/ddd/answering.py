"""What one worker process does: open the published files, answer until it is told to leave, and leave."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import uvicorn
from datasette.app import Datasette

from ddd.errors import DataError
from ddd.pages import HOME

READY, GO, DRAIN, STOPPED, STOP = "ready", "go", "drain", "stopped accepting", "stop"
"""What parent (`ddd.workers`) and worker say to each other."""

_KEEP_ALIVE_SECONDS = 5
_DRAIN_SECONDS = 300
_LOOK_SECONDS = 0.2


def answer(
    open_files: Callable[[], Datasette], listener: socket.socket, pipe: Connection, parent: int
) -> None:
    """Be a worker, until the parent says so or is no more.

    Args:
        open_files: Opens the Datasette to answer with.
        listener: The listening socket.
        pipe: To the parent.
        parent: Its process id.
    """
    os.setpgid(0, 0)  # Ctrl+C is for the parent, which tells its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        datasette = open_files()
    except DataError as error:
        pipe.send((error.what, error.remedy))
        return
    except OSError as error:  # the export was removed before it could be held
        pipe.send((f"A published file cannot be opened: {error}", "Publish again"))
        return
    asyncio.run(_Worker(datasette, listener, pipe, parent).run())


class _Worker:
    def __init__(self, datasette: Datasette, listener: socket.socket, pipe: Connection, parent: int) -> None:
        self.datasette, self.listener, self.pipe, self.parent = datasette, listener, pipe, parent
        self.is_leaving = False
        config = uvicorn.Config(
            self._closing(datasette.app()), lifespan="on", log_level="warning", access_log=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=10,
        )  # fmt: skip
        self.server = uvicorn.Server(config)

    async def run(self) -> None:
        await self.datasette.invoke_startup()
        await self.datasette.client.get(HOME)  # what the first visitor would wait for
        self.pipe.send(READY)
        if await self._heard() != GO:
            return
        listening = asyncio.create_task(self._listen())
        await self.server.serve(sockets=[self.listener])
        listening.cancel()

    async def _heard(self) -> str:
        """What the parent says next; `STOP` where it is no more."""
        while not self.pipe.poll():
            if os.getppid() != self.parent:
                return STOP
            await asyncio.sleep(0.01 if not self.server.started else _LOOK_SECONDS)
        try:
            return str(self.pipe.recv())
        except (EOFError, OSError):
            return STOP

    async def _listen(self) -> None:
        if await self._heard() == DRAIN:
            while not self.server.started:
                await asyncio.sleep(0.01)
            for one in self.server.servers:
                one.close()
            self.is_leaving = True
            self.pipe.send(STOPPED)
            await self._drained()
        self.server.should_exit = True

    async def _drained(self) -> None:
        """Until each connection was closed with its last answer, or for having said nothing for seconds."""
        for _ in range(int(_DRAIN_SECONDS / _LOOK_SECONDS)):
            await asyncio.sleep(_LOOK_SECONDS)  # first, for those that were accepted a moment ago
            if not self.server.server_state.connections or os.getppid() != self.parent or self.pipe.poll():
                return

    def _closing(self, application: Callable[..., Any]) -> Callable[..., Any]:
        async def closing(scope: dict[str, Any], receive: Any, send: Any) -> None:
            async def send_last(event: dict[str, Any]) -> None:
                if event["type"] == "http.response.start" and self.is_leaving:
                    event = {**event, "headers": [*event["headers"], (b"connection", b"close")]}
                await send(event)

            await application(scope, receive, send_last if scope["type"] == "http" else send)

        return closing
