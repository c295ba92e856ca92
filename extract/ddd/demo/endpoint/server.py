"""The HTTP side of the endpoint: loopback only, in a thread or by itself."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from ddd.demo.endpoint.answers import (
    CRASH_PAGE,
    LOGIN_PAGE,
    ConduitFailure,
    OutOfMemory,
    ServerCrash,
    failure,
)
from ddd.demo.endpoint.form import read_request
from ddd.demo.endpoint.methods import Methods
from ddd.demo.endpoint.store import DocumentStore
from ddd.demo.endpoint.trouble import Trouble, out_of_memory

_HOST = "127.0.0.1"
_API = "/api/"
_JSON = "application/json"
_HTML = "text/html; charset=UTF-8"
_COMPRESS_FROM = 1_000


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, store: DocumentStore) -> None:
        self.store = store
        self.methods = Methods(store)
        super().__init__((_HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    server: _Server

    _NO_BODY: ClassVar[set[str]] = {"GET", "HEAD"}

    def version_string(self) -> str:
        return "nginx"

    def date_time_string(self, timestamp: float | None = None) -> str:
        if timestamp is not None:
            return super().date_time_string(timestamp)
        return format_datetime(self.server.store.clock(), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: requests hold tokens."""

    def answer(self) -> None:
        """Answer a request of any verb."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        address = urlsplit(self.path)
        method = unquote(address.path.removeprefix(_API))
        if self.command in self._NO_BODY:
            body = address.query.encode()
        elif self.command == "PUT":
            body = b""  # the server does not see it
        if not address.path.startswith(_API) or not method or "/" in method:
            self._send(200, _HTML, LOGIN_PAGE)
            return
        trouble = self.server.store.troubles.next_for(method)
        if trouble is not None and trouble.is_dropped:
            self.close_connection = True
            return
        if trouble is not None and trouble.status:
            self._send(trouble.status, trouble.content_type, trouble.body)
            return
        self._send(*self._conduit(method, body), trouble=trouble)

    def _conduit(self, method: str, body: bytes) -> tuple[int, str, bytes]:
        methods = self.server.methods
        try:
            methods.require(method)
            request = read_request(
                method,
                body,
                self.headers.get("Content-Type", ""),
                self.headers.get("Content-Encoding", ""),
            )
            return 200, _JSON, methods.call(method, request)
        except ConduitFailure as refused:
            return 200, _JSON, failure(refused.code, refused.info)
        except OutOfMemory:
            trouble = out_of_memory()
            return trouble.status, trouble.content_type, trouble.body
        except ServerCrash:
            return 500, _HTML, CRASH_PAGE

    def _send(self, status: int, content_type: str, body: bytes, trouble: Trouble | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if "phsid=" not in self.headers.get("Cookie", ""):
            self.send_header("Set-Cookie", "phsid=A%2Fanonymous; path=/; httponly")
        self.send_header("X-Conduit-Capabilities", "gzip")
        if len(body) >= _COMPRESS_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body) if self.command != "HEAD" else 0))
        self.end_headers()
        if self.command == "HEAD":
            return
        if trouble is not None and trouble.is_truncated:
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(body)


for _verb in ("GET", "POST", "PUT", "DELETE", "HEAD"):
    setattr(_Handler, f"do_{_verb}", _Handler.answer)


@contextmanager
def serve(store: DocumentStore, *, port: int = 0) -> Iterator[str]:
    """Serve a store on loopback in a thread while the context lasts.

    Args:
        store: What to serve; it may be edited meanwhile.
        port: Port to listen on; a free one where it is 0.

    Yields:
        The address of the API, such as `http://127.0.0.1:40123/api/`.
    """
    with _Server(port, store) as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-endpoint", daemon=True
        )
        thread.start()
        try:
            yield _url(server)
        finally:
            server.shutdown()
            thread.join()


def serve_until_interrupted(store: DocumentStore, *, port: int) -> None:
    """Serve a store on loopback until the process is interrupted."""
    with _Server(port, store) as server:
        server.serve_forever()


def _url(server: _Server) -> str:
    return f"http://{_HOST}:{server.server_address[1]}{_API}"
