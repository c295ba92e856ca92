"""`dddcli doctor`: looks at everything that the figures depend on, and says what to fix.

It changes nothing and never shows the token. What cannot be reached is a finding, not a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ddd.doctor.files import published_findings, warehouse_findings
from ddd.doctor.findings import Finding, State, failed
from ddd.doctor.server import server_findings
from ddd.doctor.surroundings import settings_findings, version_findings
from ddd.errors import DataError, SettingsError
from ddd.settings import Settings

__all__ = ["Finding", "State", "examine", "worst"]


def examine(load: Callable[[], Settings]) -> Iterator[Finding]:
    """Look at settings, server, warehouse, published file and versions, in this order.

    Args:
        load: Reads the settings; where it raises, that is a finding, and only versions follow.
    """
    try:
        settings = load()
    except SettingsError as error:
        yield failed("settings", "site", error)
    else:
        for area, look in (
            ("settings", settings_findings),
            ("server", server_findings),
            ("warehouse", warehouse_findings),
            ("published", published_findings),
        ):
            try:
                yield from look(settings)
            except DataError as error:
                yield failed(area, "all", error)
    yield from version_findings()


def worst(findings: list[Finding]) -> State:
    """The worst state of all findings."""
    return max((finding.state for finding in findings), key=list(State).index, default=State.OK)
