"""Served stores and a simulated organisation, made once for all tests that only read them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
import requests

from ddd.demo import Organisation, organisation_store, simulate
from ddd.demo.endpoint import DocumentStore, serve
from recorded import recorded_store, recordings, require_shared

END_DATE = date(2026, 11, 24)


def decoded(documents: list[bytes]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(document) for document in documents]


def epoch_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


class Caller:
    """Calls methods the way arcanist does and returns the envelope."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        sent = json.dumps({**params, "__conduit__": {"token": "api-test"}})
        answer = self.session.post(self.url + method, data={"params": sent, "output": "json"}, timeout=30)
        assert answer.status_code == 200
        envelope: dict[str, Any] = answer.json()
        return envelope

    def result(self, method: str, **params: Any) -> Any:
        envelope = self(method, **params)
        assert envelope["error_code"] is None, envelope
        return envelope["result"]


def _with_secret_task(store: DocumentStore) -> DocumentStore:
    """Add the task that only the administrator could see, as the administrator's recordings show it."""
    bodies = {recording.name: recording.body for recording in recordings(require_shared(), "ok")}
    for task in json.loads(bodies["task_oldest_100_admin_p006"])["result"]["data"]:
        if task["id"] == 610:
            store.put_task(json.dumps(task).encode())
    for row in json.loads(bodies["gtt_special_admin"])["result"]["610"]:
        store.put_transaction(json.dumps(row).encode())
    store.hide_task(610)
    slug_map = json.loads(bodies["project_search_slug"])["result"]["maps"]["slugMap"]
    store.hashtags = {slug: entry["projectPHID"] for slug, entry in slug_map.items()}
    return store


@pytest.fixture(scope="session")
def recorded_url() -> Iterator[str]:
    """The recorded installation, with the one secret task that recordings name."""
    with serve(_with_secret_task(recorded_store(require_shared()))) as url:
        yield url


@pytest.fixture(scope="session")
def guarded_url() -> Iterator[str]:
    """The recorded installation, behind a token."""
    with serve(recorded_store(require_shared(), token="api-" + "a" * 28)) as url:
        yield url


@pytest.fixture(scope="session")
def organisation() -> Organisation:
    """The organisation of the default seed and size."""
    return simulate(1, END_DATE)


@pytest.fixture(scope="session")
def tasks(organisation: Organisation) -> list[dict[str, Any]]:
    return decoded(organisation.tasks)


@pytest.fixture(scope="session")
def rows(organisation: Organisation) -> list[dict[str, Any]]:
    return decoded(organisation.transactions)


@pytest.fixture(scope="session")
def histories(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[int(row["taskID"])].append(row)
    return found


@pytest.fixture(scope="session")
def demo(organisation: Organisation) -> Iterator[Caller]:
    """A caller of the served organisation, which no test may edit."""
    with serve(organisation_store(organisation)) as url:
        yield Caller(url)


@pytest.fixture
def small_store() -> DocumentStore:
    """Twelve tasks, modified one minute after the other, for a test to edit."""
    store = DocumentStore()
    for number in range(12):
        store.create_task(
            at=1_790_000_000 + 60 * number, title=f"Task {number + 1}", author_phid="PHID-USER-a"
        )
    return store


@pytest.fixture
def small(small_store: DocumentStore) -> Iterator[Caller]:
    """A caller of the small store."""
    with serve(small_store) as url:
        yield Caller(url)
