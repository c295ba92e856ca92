"""A server of the product in processes of its own, and clients that ask it and take the time."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """What an answer cost.

    Attributes:
        seconds: From the request to the last byte.
        size_bytes: Bytes of the body, compressed where the server does so.
        body: As it was sent.
        encoding: How it is compressed.
    """

    seconds: float
    size_bytes: int
    body: bytes
    encoding: str


class Client:
    """One connection that is kept open."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)

    def get(self, path: str) -> Answer:
        """Ask, and read the whole answer.

        Raises:
            RuntimeError: The answer is an error.
        """
        started = time.perf_counter()
        try:
            response = self._response(path)
        except (RemoteDisconnected, ConnectionResetError, BrokenPipeError):  # idle for too long
            self._connection.close()
            started = time.perf_counter()
            response = self._response(path)
        body = response.read()
        seconds = time.perf_counter() - started
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}: {body[:300]!r}")
        return Answer(seconds, len(body), body, response.headers.get("content-encoding", ""))

    def _response(self, path: str) -> HTTPResponse:
        self._connection.request("GET", path, headers={"accept-encoding": "gzip"})
        return self._connection.getresponse()

    def text(self, path: str) -> str:
        """An answer's text."""
        answer = self.get(path)
        return (gzip.decompress(answer.body) if answer.encoding == "gzip" else answer.body).decode()

    def json(self, path: str) -> Any:
        """An answer's JSON."""
        return json.loads(self.text(path))


class Server(NamedTuple):
    """`dddcli serve`, running.

    Attributes:
        address: Where it listens.
        process_id: Of the process that was started; workers are its children.
    """

    address: str
    process_id: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it and its workers have used."""
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text().split()
        return sum(_cpu_seconds(int(number)) for number in [self.process_id, *children])


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(www_dir: Path, workers: int) -> Iterator[Server]:
    """`dddcli serve` on a folder while the context lasts."""
    command = [sys.executable, "-m", "ddd.cli", "serve", "--port", "0", "--workers", str(workers)]
    chosen = {"DATASETTE_DIR": str(www_dir), "DATASETTE_HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
    environ = {**os.environ, **chosen, "CONDUIT_URL": "", "DDD_DEMO": "1", "COLUMNS": "200"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = next(
                (found for line in process.stdout if (found := re.search(r"http://[\d.]+:\d+", line))), None
            )
            if not found:
                raise RuntimeError("the server did not start")
            for _ in range(4 * workers):  # until every worker has read the catalog
                Client(found.group()).get("/-/ddd/")
            yield Server(found.group(), process.pid)
        finally:
            process.terminate()


def at_once(address: str, paths: list[str], connections: int = 6) -> tuple[float, list[Answer]]:
    """Seconds until all of them are answered, with as many connections as a browser opens."""
    clients = [Client(address) for _ in range(min(connections, len(paths)))]
    waiting = list(reversed(paths))
    answers: list[Answer] = []

    def work(client: Client) -> None:
        while True:
            try:
                path = waiting.pop()
            except IndexError:
                return
            answers.append(client.get(path))

    with ThreadPoolExecutor(len(clients)) as pool:
        started = time.perf_counter()
        list(pool.map(work, clients))
        return time.perf_counter() - started, answers


def under_load(address: str, paths: list[str], visitors: int, seconds: float) -> tuple[float, list[float]]:
    """Requests per second, and the seconds of each, while so many visitors ask one thing after the other."""
    ends_at = time.perf_counter() + seconds
    taken: list[float] = []

    def work(number: int) -> None:
        client = Client(address)
        place = number * len(paths) // visitors
        while time.perf_counter() < ends_at:
            taken.append(client.get(paths[place % len(paths)]).seconds)
            place += 1

    with ThreadPoolExecutor(visitors) as pool:
        started = time.perf_counter()
        list(pool.map(work, range(visitors)))
        return len(taken) / (time.perf_counter() - started), taken
