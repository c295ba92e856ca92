"""Runs dbt: raw documents in, tested marts and metrics out.

dbt builds into a file of its own beside the warehouse, which takes its place when every test has
passed: readers of the warehouse are never disturbed, and a failed build leaves the previous one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, TaskID

from ddd.access import connect, require_space
from ddd.built import Built, NodeResult, first_line, gathered
from ddd.errors import TransformError
from ddd.findings import count_findings
from ddd.increments import begin_with_last_build, increment_of, remember
from ddd.progress import progress_bar
from ddd.repeating import Recorder, keep, kept, repeat, tables_of
from ddd.seeds import put_together
from ddd.settings import PROJECT_DIR, Settings
from ddd.warehouse import prepare_documents

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

DBT_DIR = PROJECT_DIR / "dbt_project"

# unit tests cannot fail for other documents: the tests of the code run them
_BUILD = ("build", "--exclude-resource-type", "unit_test")


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
    _written_manifest(settings).unlink(missing_ok=True)
    try:
        why_whole = "that was asked for" if full else begin_with_last_build(settings, building, increment)
        try:
            if why_whole is None:
                built = grow(settings, building, *_BUILD, console=console)
            else:
                built = run_dbt(settings, building, *_BUILD, console=console)
        except TransformError as error:
            if why_whole is None:  # the reason may be in what was kept
                remedy = f"{error.remedy}; `dddcli build --full` builds without anything of it"
                raise TransformError(error.what, remedy) from None
            raise
        built.why_whole = why_whole
        _write_times(settings, built)
        with connect(building) as finished:
            built.findings = count_findings(finished)
            remember(finished, increment)
            finished.execute("force checkpoint")  # so that the file is complete without its log
        put_in_place(settings, building)
    finally:
        shutil.rmtree(building_dir, ignore_errors=True)
    return built


def put_in_place(settings: Settings, building: Path) -> None:
    """Make a finished warehouse that of the site, with dbt's manifest of it where dbt built it.

    Args:
        settings: Which site.
        building: The file of the finished warehouse, which is moved.
    """
    building.replace(settings.warehouse_path)
    written = _written_manifest(settings)
    if written.exists():
        written.replace(settings.manifest_path)


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
    return gathered(_node_results(result.result), _log_path(settings)).tests_count


def run_dbt(
    settings: Settings,
    warehouse: Path,
    *command: str,
    grows: bool = False,
    console: Console | None = None,
    recorder: Recorder | None = None,
) -> Built:
    """Run dbt on a warehouse, in this process.

    Args:
        settings: Which site; its export policies become dbt variables.
        warehouse: The file to build into.
        command: What dbt is to do, such as `build --select stg_phabricator__tasks`.
        grows: Whether the warehouse is a copy of the last one, to which only what is new is added.
        console: Where to draw progress.
        recorder: Who takes down what dbt sends.

    Raises:
        TransformError: dbt stopped, or a model or test failed.
    """
    console = console or Console(quiet=True)
    environ = _environ(settings, warehouse, settings.dbt_dir / "target")
    environ["DDD_GROWS"] = "true" if grows else ""
    with _environment(environ), _closing_warehouse(), progress_bar(console) as bar:
        shown = bar.add_task("Building and testing models", total=None)
        listeners: list[Callable[[Any], None]] = [_Listener(bar, shown), *([recorder] if recorder else [])]
        # where dbt parses only what changed, tests lose their descriptions, which warnings are made of
        result = _runner(*listeners).invoke([*command, "--no-partial-parse", *_arguments(settings)])
    _require_success(result, settings)
    built = gathered(_node_results(result.result), _log_path(settings))
    if recorder:
        recorder.results = result.result
    return built


def grow(settings: Settings, warehouse: Path, *command: str, console: Console | None = None) -> Built:
    """Add what is new to a copy of the last warehouse: by dbt the first time, then as dbt did it.

    Args:
        settings: Which site.
        warehouse: The copy.
        command: What dbt is to do.
        console: Where to draw progress.

    Raises:
        TransformError: dbt stopped, or a model or test failed.
    """
    console = console or Console(quiet=True)
    began_with = tables_of(warehouse)
    known = kept(warehouse, began_with)
    if known and settings.manifest_path.exists():  # of dbt, and the export reads it
        return gathered(repeat(settings, warehouse, known, console), _log_path(settings))
    recorder = Recorder()
    built = run_dbt(settings, warehouse, *command, grows=True, console=console, recorder=recorder)
    keep(warehouse, began_with, recorder.nodes())
    return built


def _write_times(settings: Settings, built: Built) -> None:
    """Say when each model and test ran: dbt's own file does not know of builds without dbt."""
    times = [
        {"kind": node.kind, "name": node.name, "began": began.timestamp(), "ended": ended.timestamp()}
        for node in built.nodes
        for began, ended in node.ran_at
    ]
    settings.dbt_dir.mkdir(exist_ok=True)
    (settings.dbt_dir / "times.json").write_text(json.dumps(times))


def _written_manifest(settings: Settings) -> Path:
    """Where dbt writes its manifest as soon as it has parsed, whatever becomes of the build."""
    return settings.dbt_dir / "target" / "manifest.json"


def _log_path(settings: Settings) -> Path:
    return settings.dbt_dir / "logs" / "dbt.log"


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
            f"dbt stopped: {first_line(str(result.exception))}",
            f"Details are in {_log_path(settings)}",
        )


def _node_results(results: Any) -> Iterator[NodeResult]:
    for result in results:
        yield NodeResult(
            result.node.resource_type.value,
            result.node.name,
            str(result.status),
            result.message or "",
            result.node.description or "",
            result.failures or 0,
            [(one.started_at, one.completed_at) for one in result.timing if one.name == "execute"],
        )


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
