"""What a build did, put together from what became of each model and test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ddd.errors import SettingsError, TransformError
from ddd.findings import FindingCount

_OF_SETTINGS = {"settings_make_sense", "holidays_and_redefinitions_make_sense"}
_STOPPED = "Invalid Input Error: "  # what the macro stop_with says to people comes after it


@dataclass(frozen=True)
class NodeResult:
    """What became of one seed, model or test.

    Attributes:
        kind: `seed`, `model`, `test` or `unit_test`.
        status: `success`, `pass`, `warn`, or one of those of a failure.
        failures: Rows that a test found.
        ran_at: When its SQL began and ended, UTC; empty where nothing ran.
    """

    kind: str
    name: str
    status: str
    message: str = ""
    description: str = ""
    failures: int = 0
    ran_at: Sequence[tuple[datetime, datetime]] = ()

    @property
    def has_failed(self) -> bool:
        """Whether the build cannot be published."""
        return self.status in {"error", "fail", "runtime error"}


@dataclass
class Built:
    """What a build did.

    Attributes:
        models_count: Models and seeds built.
        tests_count: Tests that passed.
        warnings: Texts of the tests that warn.
        findings: What is wrong with the data, by kind.
        nodes: What became of each model and test.
        why_whole: Why everything was built from the documents; none where it began with the last build.
    """

    models_count: int = 0
    tests_count: int = 0
    warnings: list[str] = field(default_factory=list)
    findings: list[FindingCount] = field(default_factory=list)
    nodes: list[NodeResult] = field(default_factory=list)
    why_whole: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What a log says of it."""
        return {
            "models_count": self.models_count,
            "tests_count": self.tests_count,
            "warnings_count": len(self.warnings),
            "why_whole": self.why_whole,
        }

    @property
    def summary(self) -> str:
        """What was built and from what, as a sentence."""
        built = f"Built {self.models_count} models and seeds, {self.tests_count} tests passed"
        if self.why_whole is None:
            return f"{built}; documents of earlier builds were not read again."
        return f"{built}; all documents were read, because {self.why_whole}."


def gathered(nodes: Iterable[NodeResult], log_path: Path) -> Built:
    """Count what was built.

    Args:
        nodes: What became of each.
        log_path: Where details of a failure are.

    Raises:
        TransformError: A model or test failed.
        SettingsError: It failed because a setting makes no sense.
    """
    built = Built(nodes=list(nodes))
    failed = [node for node in built.nodes if node.has_failed]
    for node in failed:
        if node.name in _OF_SETTINGS and _STOPPED in node.message:
            said = " ".join(node.message.partition(_STOPPED)[2].split())
            raise SettingsError(said, "The previous warehouse is still in place")
    if failed:
        texts = [f"{node.kind} {node.name}: {first_line(node.message or node.status)}" for node in failed[:3]]
        more = f", and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise TransformError(
            f"dbt could not build or test the models: {'; '.join(texts)}{more}",
            f"The previous warehouse is still in place; details are in {log_path}",
        )
    for node in built.nodes:
        if node.status == "warn":
            said = first_line(node.description or node.name)
            built.warnings.append(f"{said} ({node.failures} rows, test {node.name})")
        elif node.kind in {"model", "seed"}:
            built.models_count += 1
        elif node.kind in {"test", "unit_test"}:
            built.tests_count += 1
    return built


def first_line(text: str) -> str:
    """The beginning of what dbt or DuckDB said, without colours, on one line."""
    # dbt colours what differs in a unit test
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    return " ".join(lines[:3])[:300] if lines else text
