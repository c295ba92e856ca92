"""Runs dbt: raw documents in, tested marts and metrics out.

dbt builds into a file of its own beside the warehouse, which takes its place when every test has
passed: readers of the warehouse are never disturbed, and a failed build leaves the previous one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, TaskID

from ddd.access import connect, require_space
from ddd.errors import SettingsError, TransformError
from ddd.findings import FindingCount, count_findings
from ddd.increments import begin_with_last_build, increment_of, remember
from ddd.progress import progress_bar
from ddd.seeds import put_together
from ddd.settings import PROJECT_DIR, Settings
from ddd.warehouse import prepare_documents

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

DBT_DIR = PROJECT_DIR / "dbt_project"

# unit tests cannot fail for other documents: the tests of the code run them
_BUILD = ("build", "--exclude-resource-type", "unit_test")
_STOPPED = "Invalid Input Error: "  # what the macro stop_with says to people comes after it


@dataclass
class Built:
    """What a build did.

    Attributes:
        models_count: Models and seeds built.
        tests_count: Tests that passed.
        warnings: Texts of the tests that warn.
        findings: What is wrong with the data, by kind.
        slowest: Models with the seconds they took, slowest first.
        why_whole: Why everything was built from the documents; none where it began with the last build.
    """

    models_count: int = 0
    tests_count: int = 0
    warnings: list[str] = field(default_factory=list)
    findings: list[FindingCount] = field(default_factory=list)
    slowest: list[tuple[str, float]] = field(default_factory=list)
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


def build(settings: Settings, *, full: bool = False, console: Console | None = None) -> Built:
    """Build and test all models of the site's documents, then put the new warehouse in place.

    Args:
        settings: Which site; its export policies become dbt variables.
        full: Build everything from the documents, although what the last build made of them is good.
        console: Where to draw progress.

    Raises:
        TransformError: There is nothing to build from, or a model or test failed; the previous
            warehouse is still in place.
        SettingsError: A setting makes no sense, or the folder of the installation's own settings holds
            something else.
    """
    console = console or Console(quiet=True)
    if not settings.documents_path.exists():
        raise TransformError(f"{settings.documents_path} does not exist", "Run `dddcli extract` first")
    prepare_documents(settings)
    require_space(settings.site_dir, _needed_bytes(settings))
    increment = increment_of(settings)
    building_dir = settings.site_dir / "building"
    shutil.rmtree(building_dir, ignore_errors=True)
    building_dir.mkdir(parents=True)
    # the same file name in another folder: DuckDB names the catalog after it, and views hold that name
    building = building_dir / settings.warehouse_path.name
    try:
        why_whole = "that was asked for" if full else begin_with_last_build(settings, building, increment)
        try:
            built = run_dbt(settings, building, *_BUILD, grows=why_whole is None, console=console)
        except TransformError as error:
            if why_whole is None:  # the reason may be in what was kept
                remedy = f"{error.remedy}; `dddcli build --full` builds without anything of it"
                raise TransformError(error.what, remedy) from None
            raise
        built.why_whole = why_whole
        with connect(building) as finished:
            built.findings = count_findings(finished)
            remember(finished, increment)
            finished.execute("force checkpoint")  # so that the file is complete without its log
        building.replace(settings.warehouse_path)
    finally:
        shutil.rmtree(building_dir, ignore_errors=True)
    return built


def document(settings: Settings, out: Path) -> Path:
    """Write dbt's documentation of all models as one page that needs no server.

    Args:
        settings: Which site's warehouse to describe.
        out: Folder to write to.

    Returns:
        The page.

    Raises:
        TransformError: Nothing was built yet, or dbt failed.
    """
    if not settings.warehouse_path.exists():
        raise TransformError(f"{settings.warehouse_path} does not exist", "Run `dddcli build` first")
    target = settings.dbt_dir / "documentation"
    with _environment(_environ(settings, settings.warehouse_path, target)), _closing_warehouse():
        result = _runner().invoke(["docs", "generate", "--static", *_arguments(settings)])
    _require_success(result, settings)
    out.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(target / "static_index.html", out / "index.html"))


def run_unit_tests(settings: Settings) -> int:
    """Run the unit tests of the models: they test what the models say, not what the documents hold.

    Args:
        settings: A site that is built; the types of its tables are used, not their rows.

    Returns:
        How many there are.

    Raises:
        TransformError: One failed, or nothing was built yet.
    """
    if not settings.warehouse_path.exists():
        raise TransformError(f"{settings.warehouse_path} does not exist", "Run `dddcli build` first")
    target = settings.dbt_dir / "unit-tests"
    command = ["test", "--resource-type", "unit_test", *_arguments(settings)]
    with _environment(_environ(settings, settings.warehouse_path, target)), _closing_warehouse():
        result = _runner().invoke(command)
    _require_success(result, settings)
    return _read_results(result.result, settings).tests_count


def run_dbt(
    settings: Settings, warehouse: Path, *command: str, grows: bool = False, console: Console | None = None
) -> Built:
    """Run dbt on a warehouse, in this process.

    Args:
        settings: Which site; its export policies become dbt variables.
        warehouse: The file to build into.
        command: What dbt is to do, such as `build --select stg_phabricator__tasks`.
        grows: Whether the warehouse is a copy of the last one, to which only what is new is added.
        console: Where to draw progress.

    Raises:
        TransformError: dbt stopped, or a model or test failed.
    """
    console = console or Console(quiet=True)
    environ = _environ(settings, warehouse, settings.dbt_dir / "target")
    environ["DDD_GROWS"] = "true" if grows else ""
    with _environment(environ), _closing_warehouse(), progress_bar(console) as bar:
        shown = bar.add_task("Building and testing models", total=None)
        result = _runner(_Listener(bar, shown)).invoke([*command, *_arguments(settings)])
    _require_success(result, settings)
    return _read_results(result.result, settings)


def _needed_bytes(settings: Settings) -> int:
    """Room for a warehouse built whole, or for a copy of the last one and what it grows by."""
    last = settings.warehouse_path
    copied_bytes = last.stat().st_size if last.exists() else 0
    return max(2 * settings.documents_path.stat().st_size, 2 * copied_bytes) + 50_000_000


def _runner(*listeners: Callable[[Any], None]) -> Any:
    # importing dbt takes seconds: whoever gave a wrong token should not wait for it
    from dbt.cli.main import dbtRunner

    return dbtRunner(callbacks=list(listeners))


@contextmanager
def _closing_warehouse() -> Iterator[None]:
    """Close what dbt leaves open in this process: the file is moved, and read by others, afterwards."""
    try:
        yield
    finally:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        opened: Any = DuckDBConnectionManager._ENV
        if opened is not None:
            opened.close()
            DuckDBConnectionManager._ENV = None


def _arguments(settings: Settings) -> list[str]:
    return [
        *("--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)),
        *("--vars", json.dumps(settings.dbt_variables), "--log-level", "none", "--log-level-file", "info"),
    ]


def _environ(settings: Settings, warehouse: Path, target: Path) -> dict[str, str]:
    own = settings.settings_dir
    return {
        "DDD_SEEDS": str(put_together(own, settings.dbt_dir / "seeds")) if own else "seeds",
        "DDD_WAREHOUSE": str(warehouse),
        "DDD_DOCUMENTS": str(settings.documents_path),
        "DDD_MEMORY_LIMIT": settings.memory_limit,
        "DDD_TEMP_DIR": str(warehouse.parent / "spill"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(settings.dbt_dir / "logs"),
    }


def _require_success(result: dbtRunnerResult, settings: Settings) -> None:
    if result.exception is not None:
        raise TransformError(
            f"dbt stopped: {_first_line(str(result.exception))}",
            f"Details are in {settings.dbt_dir / 'logs' / 'dbt.log'}",
        )


def _read_results(results: Any, settings: Settings) -> Built:
    built = Built()
    failed: list[str] = []
    for result in results:
        kind, name, status = result.node.resource_type.value, result.node.name, str(result.status)
        if status in {"error", "fail", "runtime error"}:
            if name == "settings_make_sense" and _STOPPED in (result.message or ""):
                said = " ".join(result.message.partition(_STOPPED)[2].split())
                raise SettingsError(said, "The previous warehouse is still in place")
            failed.append(f"{kind} {name}: {_first_line(result.message or status)}")
        elif status == "warn":
            description = result.node.description or name
            built.warnings.append(f"{_first_line(description)} ({result.failures} rows, test {name})")
        elif kind in {"model", "seed"}:
            built.models_count += 1
            built.slowest.append((name, result.execution_time))
        elif kind in {"test", "unit_test"}:
            built.tests_count += 1
    if failed:
        log_path = settings.dbt_dir / "logs" / "dbt.log"
        more = f", and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise TransformError(
            f"dbt could not build or test the models: {'; '.join(failed[:3])}{more}",
            f"The previous warehouse is still in place; details are in {log_path}",
        )
    built.slowest.sort(key=lambda pair: -pair[1])
    return built


def _first_line(text: str) -> str:
    # dbt colours what differs in a unit test
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    return " ".join(lines[:3])[:300] if lines else text


class _Listener:
    """Moves the progress bar with dbt's events."""

    def __init__(self, bar: Progress, shown: TaskID) -> None:
        self.bar, self.shown = bar, shown

    def __call__(self, event: Any) -> None:
        if event.info.name in {"LogStartLine", "NodeFinished"} and hasattr(event.data, "total"):
            self.bar.update(self.shown, total=event.data.total)
        if event.info.name == "NodeFinished":
            self.bar.advance(self.shown)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables of this process for a while: dbt reads its profile's paths from there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
