"""One client in a process of its own, so that its processor time and memory are its own.

It is the extraction, or one of two that send the requests which the extraction sent and throw the answers
away: the library, and a bare loop over sessions of requests.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from ddd.phab import Conduit
from ddd.settings import Settings, Site
from ddd.sources import WHAT_IS_NEW, phabricator
from ddd.warehouse import Documents

TOKEN = "api-" + "b" * 28


@dataclass
class Cost:
    """What a client cost.

    Attributes:
        seconds: Elapsed time.
        cpu_seconds: Processor time of the process, all threads.
        peak_bytes: The most memory that it had in use, libraries included.
        start_bytes: The same before it began.
        requests_count: Requests that it sent, where it counts them.
        landing_seconds: Elapsed time of landing documents in the warehouse.
        landing_cpu_seconds: Processor time of that.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    start_bytes: int = 0
    requests_count: int = 0
    landing_seconds: float = 0.0
    landing_cpu_seconds: float = 0.0


def extraction(url: str, folder: Path, connections: int, cost: Cost) -> None:
    """Bring the raw documents in a folder up to date."""
    settings = Settings(Site("bench", url, TOKEN), data_dir=folder, connections=connections)
    _watch_landing(cost)
    cost.requests_count = phabricator.extract(settings, WHAT_IS_NEW).requests_count


def _watch_landing(cost: Cost) -> None:
    land: Callable[..., Any] = Documents.land

    def watched(*arguments: Any) -> Any:
        started, cpu = time.monotonic(), time.process_time()
        try:
            return land(*arguments)
        finally:
            cost.landing_seconds += time.monotonic() - started
            cost.landing_cpu_seconds += time.process_time() - cpu

    Documents.land = watched  # type: ignore[method-assign]


def bare_loop(url: str, recorded: Path, connections: int, cost: Cost) -> None:
    """Send recorded requests with a session for each thread, read every answer and forget it."""
    wanted = [json.loads(line) for line in recorded.read_text().splitlines()]
    local = threading.local()

    def send(request: tuple[str, dict[str, Any]]) -> int:
        method, params = request
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.trust_env = False
        form = {"params": json.dumps({**params, "__conduit__": {"token": TOKEN}}), "output": "json"}
        return len(local.session.post(url + method, data=form, timeout=(10, 120)).content)

    with ThreadPoolExecutor(connections) as pool:
        for _size in pool.map(send, wanted):
            pass
    cost.requests_count = len(wanted)


def library(url: str, recorded: Path, connections: int, cost: Cost) -> None:
    """Send recorded requests through the Conduit library and forget the answers."""
    wanted = [json.loads(line) for line in recorded.read_text().splitlines()]
    phab = Conduit(url, TOKEN, connections=connections)
    with ThreadPoolExecutor(connections) as pool:
        for _answer in pool.map(lambda request: len(phab.call_bytes(*request)), wanted):
            pass
    cost.requests_count = phab.requests_count


CLIENTS: dict[str, Callable[[str, Path, int, Cost], None]] = {
    "bare loop": bare_loop,
    "library": library,
    "extraction": extraction,
}


def main() -> None:
    """Do what the command line says and print what it cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=CLIENTS)
    parser.add_argument("url")
    parser.add_argument("path", type=Path)
    parser.add_argument("connections", type=int)
    chosen = parser.parse_args()
    cost = Cost(start_bytes=_peak_bytes())
    started, cpu = time.monotonic(), time.process_time()
    CLIENTS[chosen.what](chosen.url, chosen.path, chosen.connections, cost)
    cost.seconds, cost.cpu_seconds = time.monotonic() - started, time.process_time() - cpu
    cost.peak_bytes = _peak_bytes()
    sys.stdout.write(json.dumps(asdict(cost)))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measured(what: str, url: str, path: Path, connections: int) -> Cost:
    """The cost of a client in a new process."""
    command = [sys.executable, "-m", "bench.client", what, url, str(path), str(connections)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout))


if __name__ == "__main__":
    main()
