"""Installations on loopback, and settings to extract from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ddd.demo.endpoint import DocumentStore, serve
from ddd.settings import Settings, Site
from ddd.web.retries import RetryPolicy
from recorded import recorded_store, require_shared


@pytest.fixture
def store() -> DocumentStore:
    """The recorded installation; a module that needs another one has a fixture of the same name."""
    return recorded_store(require_shared())


@pytest.fixture
def url(store: DocumentStore) -> Iterator[str]:
    with serve(store) as address:
        yield address


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return Settings(Site("recorded", url, "api-test"), data_dir=tmp_path, lock_wait_seconds=0)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(RetryPolicy, "wait_seconds", lambda *_: 0.0)
    monkeypatch.setattr(RetryPolicy, "ban_seconds", lambda *_: 0.0)
