"""A server on this machine that answers Conduit requests as a test says, down to the bytes."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

TOKEN = "api-abcdefghijklmnopqrstuvwx23456"


@dataclass
class Request:
    """What arrived."""

    verb: str
    path: str
    headers: Mapping[str, str]
    form: dict[str, list[str]]

    @property
    def method(self) -> str:
        return self.path.partition("/api/")[2]

    @property
    def params(self) -> dict[str, Any]:
        """The parameters without the token."""
        params = json.loads(self.form["params"][0])
        params.pop("__conduit__", None)
        return params

    @property
    def token(self) -> str:
        return json.loads(self.form["params"][0])["__conduit__"]["token"]


@dataclass
class Answer:
    """What goes back; `cut_at` closes the connection after so many bytes, `resets` without any."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    resets: bool = False
    is_silent: bool = False


def success(result: Any) -> Answer:
    return Answer(json.dumps({"result": result, "error_code": None, "error_info": None}).encode())


def failure(code: str, info: str) -> Answer:
    return Answer(json.dumps({"result": None, "error_code": code, "error_info": info}).encode())


def page(rows: list[Any], after: str | None = None, before: str | None = None) -> Answer:
    return success({"data": rows, "cursor": {"limit": 100, "after": after, "before": before, "order": None}})


class Loopback:
    """Answers with `answer(request)`, and remembers what it was asked; a context manager."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self.seen: list[Request] = []
        self.connections_count = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api/"

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.seen]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has its own self
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with outer._lock:
                    outer.connections_count += 1

            def log_message(self, *args: Any) -> None:
                pass

            def handle_any(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                request = Request(self.command, self.path, dict(self.headers), parse_qs(text))
                with outer._lock:
                    outer.seen.append(request)
                self.send(outer.answer(request))

            def send(self, answer: Answer) -> None:
                if answer.is_silent:
                    outer._closing.wait()
                if answer.is_silent or answer.resets:
                    # closed at once with data unread, the peer sees a reset
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    self.connection.close()
                    return
                headers = {"Date": self.date_time_string(), **answer.headers}
                self.send_response_only(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut_at])
                self.close_connection = self.close_connection or answer.cut_at is not None

            do_POST = do_GET = do_PUT = do_DELETE = handle_any  # noqa: N815

        return Handler


class Waits:
    """A clock that only moves when somebody waits, and remembers how long that was."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seconds: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.seconds.append(seconds)
            self.now += seconds

    def clock(self) -> float:
        return self.now
