"""Examples of Hypothesis as data: the same ones every time."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings


def repeated(count: int) -> settings:
    """So many examples that depend on nothing but the code, and are never shrunk."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
