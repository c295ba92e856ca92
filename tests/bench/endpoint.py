"""The simulated organisation in a process of its own, which obeys commands on its standard input.

Each command is a line of JSON and is answered by one: `{"latency_ms": 100}`, `{"record": true}`,
`{"recorded": PATH}`, `{"edit": 20}`.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from ddd.demo import organisation_store, serve, simulate
from ddd.demo.endpoint import DocumentStore
from ddd.demo.endpoint.methods import Methods
from ddd.demo.endpoint.trouble import slow

END = date(2026, 11, 1)
_FOR_EVER = 1 << 40


class Recorder:
    """Keeps the requests that arrive while it is asked to."""

    def __init__(self) -> None:
        self.is_on = False
        self._requests: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        call = Methods.call

        def recorded(methods: Methods, name: str, request: Any) -> bytes:
            if self.is_on:
                with self._lock:
                    self._requests.append((name, request.params))
            return call(methods, name, request)

        Methods.call = recorded  # type: ignore[method-assign]

    def write(self, path: Path) -> int:
        """Write what was kept, forget it, and return how many requests that were."""
        path.write_text("".join(json.dumps(one) + "\n" for one in self._requests))
        count = len(self._requests)
        self._requests = []
        return count


def edit(store: DocumentStore, count: int) -> int:
    """Change the titles of tasks that lie far apart, a minute after everything else."""
    at = max(task.fields["dateModified"] for task in store.tasks.values()) + 60
    ids = sorted(store.tasks)
    for task_id in ids[:: len(ids) // count][:count]:
        old = store.tasks[task_id].fields["name"]
        store.add_transaction(
            task_id, "title", old, f"{old} (edited)", at=at, author_phid=next(iter(store.users))
        )
        store.edit_task(task_id, at=at, name=f"{old} (edited)")
    return count


def main() -> None:
    """Serve until the standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, required=True)
    organisation = simulate(1, END, parser.parse_args().tasks)
    store, recorder = organisation_store(organisation), Recorder()
    size = {
        "tasks_count": len(store.tasks),
        "transactions_count": len(store.transactions),
        "highest_id": max(store.tasks),
    }
    del organisation
    with serve(store) as url:
        _say({"url": url, **size})
        for line in sys.stdin:
            ((command, value),) = json.loads(line).items()
            if command == "latency_ms":
                store.troubles.clear()
                if value:
                    store.troubles.plan(slow(value / 1000, times=_FOR_EVER))
                _say(value)
            elif command == "record":
                recorder.is_on = value
                _say(value)
            elif command == "recorded":
                _say(recorder.write(Path(value)))
            elif command == "edit":
                _say(edit(store, value))


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class Endpoint:
    """The process, for the one that started it.

    Attributes:
        url: Address of its API.
        tasks_count: Tasks that it has.
        transactions_count: Transactions that it has.
        highest_id: The highest task id.
    """

    def __init__(self, process: Popen[str]) -> None:
        self._process = process
        facts = self._answer()
        self.url: str = facts["url"]
        self.tasks_count: int = facts["tasks_count"]
        self.transactions_count: int = facts["transactions_count"]
        self.highest_id: int = facts["highest_id"]

    def tell(self, command: str, value: Any) -> Any:
        """Send a command and return the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({command: value}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def endpoint(tasks_count: int) -> Iterator[Endpoint]:
    """A process that serves so many tasks while the context lasts."""
    command = [sys.executable, "-m", "bench.endpoint", "--tasks", str(tasks_count)]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield Endpoint(process)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    main()
