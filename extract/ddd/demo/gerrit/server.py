"""The HTTP side of it: loopback only, in a thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ddd.demo.gerrit.changes import Changes, UnknownQueryError

PREFIX = b")]}'\n"


def answer(changes: Changes, query: str) -> tuple[int, str, bytes]:
    """Status, content type and body for a request of `/changes/` with that query string."""
    try:
        page = changes.page(parse_qs(query))
    except UnknownQueryError as error:
        return 400, "text/plain; charset=UTF-8", str(error).encode()
    return 200, "application/json; charset=UTF-8", PREFIX + json.dumps(page).encode()


@contextmanager
def serve_changes(changes: Changes) -> Iterator[str]:
    """Serve changes on loopback while the context lasts.

    Yields:
        The server's address, to which `changes/` is added.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            status, content_type, body = (
                answer(changes, address.query)
                if address.path == "/changes/"
                else (404, "text/plain; charset=UTF-8", b"Not found")
            )
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-gerrit", daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
