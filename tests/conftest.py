"""Which tests run one after the other in one process, where several processes share the work.

The tests of a file stay together, for they share what was made for them, and so do files that share a
warehouse: a build with dbt costs half a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from ddd import transform

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ONE_WAREHOUSE = {
    "test_recorded_history.py": "the recorded installation",
    "test_recorded_metrics.py": "the recorded installation",
    "test_odd_histories.py": "the odd histories",
    "test_gone_objects.py": "the odd histories",
    "test_searched_history.py": "the odd histories",
    "test_deployments.py": "the odd histories",
    "test_unit_tests.py": "the odd histories",
}
"""Files whose fixture is a warehouse that others use as well."""

LONG = {
    *ONE_WAREHOUSE,
    *("test_pipeline.py", "test_generated_histories.py", "test_published_examples.py"),
    *("test_increments.py", "test_odd_trains.py", "test_recorded_trains.py", "test_train_blockers.py"),
    "test_demo_trains.py",
}
"""Files that take long: they begin first, so that no process is left alone with one of them at the end."""

SLOW = {
    *("test_demo_trains.py", "test_impact_calibration.py", "test_impact_organisations.py"),
    *("test_increments.py", "test_odd_trains.py"),
    *("test_published_examples.py", "test_recorded_trains.py", "test_sources_together.py"),
    *("test_train_blockers.py", "test_unit_tests.py"),
}
"""Files of which each builds a warehouse of its own: all their tests count as slow, so that the others take
less than ten minutes."""


class _Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return ONE_WAREHOUSE.get(PurePosixPath(file).name, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Share files, not single tests, among the processes."""
    return _Together(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, before marks are asked for, and let what takes long begin first."""
    for item in items:
        if item.path.name in SLOW:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session", autouse=True)
def _dbt_parses_once() -> Iterator[None]:
    """All builds in this process share what dbt parses; imported only when something is built."""

    def runner(*listeners: Any) -> Any:
        from parsed_once import ParsedOnce

        return ParsedOnce(*listeners)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "_runner", runner)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, where there is one; one for a process, which cannot drive two."""
    from www.running import chromium, find_chromium

    if not find_chromium():
        pytest.skip("no chromium on the path; install it (apt-get install chromium) or set CHROMIUM")
    with chromium() as running:
        yield running
