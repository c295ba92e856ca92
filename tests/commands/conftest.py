"""A small simulated organisation on loopback, as the server that the commands ask."""

from collections.abc import Iterator
from datetime import date

import pytest

from ddd.demo import DocumentStore, organisation_store, serve, simulate


@pytest.fixture(scope="session")
def store() -> DocumentStore:
    return organisation_store(simulate(1, date(2026, 1, 31), 230))


@pytest.fixture(scope="session")
def server(store: DocumentStore) -> Iterator[dict[str, str]]:
    """The environment of a command that asks this organisation."""
    with serve(store) as url:
        yield {"CONDUIT_URL": url, "CONDUIT_TOKEN": "api-commands"}
