"""Builds the report site, step by step; a failed step leaves the previous site in place."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shlex
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import ddd
from ddd.access import require_space
from ddd.errors import ReportError
from ddd.reports import process, site
from ddd.reports.content import REPORTS_DIR, Content, read_content
from ddd.reports.mail import write_mail
from ddd.reports.patch import patch
from ddd.reports.sources import texts, write_sources
from ddd.reports.statements import TABLE, statements_table
from ddd.settings import Settings

INSTALL_LIMIT_SECONDS = 900
BUILD_LIMIT_SECONDS = 1800
"""Two minutes on two free cores; a machine that does much else has taken a quarter of an hour."""
_PACKAGES_BYTES, _BUILD_BYTES = 700_000_000, 400_000_000
_VARIABLES = {
    "SEND_ANONYMOUS_USAGE_STATS": "no",
    "CI": "true",
    "VITE_EVIDENCE_DISABLE_WINDOWS_CACHE_SERVICE_WORKER": "true",
    "npm_config_update_notifier": "false",
}


@dataclass(frozen=True)
class ReportResult:
    """A built site.

    Attributes:
        out: Folder of the site; its first page is `index.html`.
        rows_counts: Rows per table that the pages read, as `source.table`.
        pages_count: Number of pages.
        files_count: Number of files.
        site_bytes: Size on disk.
        visit_bytes: What a browser downloads to show the first page, uncompressed.
        visit_compressed_bytes: The same from a server that sends the compressed files.
        engine_bytes: What it downloads besides when something is chosen on a page.
        engine_compressed_bytes: The same, compressed.
        step_seconds: Duration per step, in order.
    """

    out: Path
    rows_counts: dict[str, int]
    pages_count: int
    files_count: int
    site_bytes: int
    visit_bytes: int
    visit_compressed_bytes: int
    engine_bytes: int
    engine_compressed_bytes: int
    step_seconds: dict[str, float]

    @property
    def seconds(self) -> float:
        """Duration of the whole build."""
        return sum(self.step_seconds.values())


class _Steps:
    """Shows and times the steps: a running clock on a terminal, a line a step elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, text: str) -> Iterator[None]:
        started = time.monotonic()
        if not self.console.is_terminal:
            self.console.print(f"{text} ...")
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
            console=self.console, transient=True, disable=not self.console.is_terminal,
        ) as progress:  # fmt: skip
            progress.add_task(text, total=None)
            yield
        self.seconds[name] = time.monotonic() - started


def build(
    settings: Settings,
    out: Path,
    *,
    base_path: str = "",
    console: Console | None = None,
    reports_dir: Path = REPORTS_DIR,
) -> ReportResult:
    """Build the static site from the published file.

    Args:
        settings: Says where `metrics.db` is.
        out: Folder that receives the site; replaced if it holds a report, else it must be empty or absent.
        base_path: Folder of the web server that the site will be in, such as `/reports`; empty for its top.
        console: Where progress is shown; nowhere where none is given.
        reports_dir: The Evidence project.

    Raises:
        ReportError: Node is missing, a step failed or took too long, or a page shows an error.
        WarehouseError: The disk has too little room.
    """
    out = out.expanduser().resolve()
    if not re.fullmatch(r"(/[\w.~-]+)*", base_path):
        raise ReportError(f"{base_path!r} is not a folder of a web server", "Write it as /reports")
    process.check_node()
    site.refuse_foreign(out)
    is_installed = (reports_dir / "node_modules").is_dir()
    require_space(reports_dir, _BUILD_BYTES + (0 if is_installed else _PACKAGES_BYTES), None)
    content = read_content(settings, reports_dir)
    with _only_build(reports_dir):
        steps = _Steps(console or Console(quiet=True))
        return _build(content, steps, out=out, base_path=base_path, reports_dir=reports_dir)


def _build(content: Content, steps: _Steps, *, out: Path, base_path: str, reports_dir: Path) -> ReportResult:
    about, tables = content.about, {**content.tables, TABLE: statements_table(content.statements)}
    evidence, built = reports_dir / ".evidence", reports_dir / "build"
    data, log = evidence / "template" / "static" / "data", evidence / "logs" / "build.log"
    with steps.step("install", "Install Evidence"):
        install(reports_dir)
    with steps.step("data", "Write the data"):
        # Evidence keeps what an earlier build left in both.
        for stale in (built, data, evidence / "template" / "build"):
            shutil.rmtree(stale, ignore_errors=True)
        write_sources(tables, data)
    with steps.step("build", "Build the pages (about two minutes)"):
        process.run(
            [str(reports_dir / "node_modules" / ".bin" / "evidence"), "build:strict"],
            folder=reports_dir, log=log, limit_seconds=BUILD_LIMIT_SECONDS,
            variables={**_VARIABLES, "VITE_ABOUT": json.dumps(asdict(about))},
        )  # fmt: skip
    with steps.step("publish", "Check and publish"):
        site.check(built, log, texts(tables))
        site.drop_unused(built)
        site.set_base_path(built, base_path)
        facts = {
            **asdict(about),
            "built_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "ddd_version": ddd.__version__,
        }
        (built / site.MARKER).write_text(json.dumps(facts, indent=2) + "\n")
        write_mail(content, built)
        site.compress(built)
        files_count, site_bytes = site.size(built.rglob("*"))
        visit, engine = site.first_visit(built), site.engine(built)
        result = ReportResult(
            out=out,
            rows_counts={name: len(table.values) for name, table in tables.items()},
            pages_count=len(list(built.rglob("index.html"))),
            files_count=files_count,
            site_bytes=site_bytes,
            visit_bytes=site.size(visit)[1],
            visit_compressed_bytes=site.compressed_bytes(visit),
            engine_bytes=site.size(engine)[1],
            engine_compressed_bytes=site.compressed_bytes(engine),
            step_seconds=steps.seconds,
        )
        site.replace(built, out)
    return result


def print_summary(result: ReportResult, console: Console) -> None:
    """Say what was built, how large it is, and how to look at it."""
    steps = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in result.step_seconds.items())
    console.print(f"Took {result.seconds:.0f} s: {steps}.")
    console.print(
        f"{result.pages_count} {'page' if result.pages_count == 1 else 'pages'} from "
        f"{sum(result.rows_counts.values()):,} rows; {result.files_count:,} files, "
        f"{result.site_bytes / 1e6:.0f} MB. A first visit downloads {result.visit_bytes / 1e6:.1f} MB "
        f"({result.visit_compressed_bytes / 1e6:.1f} MB compressed); who chooses something on a page, "
        f"{result.engine_bytes / 1e6:.0f} MB more ({result.engine_compressed_bytes / 1e6:.0f} MB compressed)."
    )
    console.print(
        f"The report is in {escape(str(result.out))}. Browsers do not open it as a file; look at it with:\n"
        f"  python3 -m http.server --bind 127.0.0.1 --directory {escape(shlex.quote(str(result.out)))} 8002"
    )


def install(reports_dir: Path) -> bool:
    """Install the locked packages and patch them; what is installed from the same lock file is kept.

    Returns:
        Whether anything was installed.

    Raises:
        ReportError: npm failed or took too long, or the packages are not those that the patch is for.
    """
    node_modules = reports_dir / "node_modules"
    stamp = node_modules / ".installed-from"
    wanted = hashlib.sha256((reports_dir / "package-lock.json").read_bytes()).hexdigest()
    needed = not stamp.is_file() or stamp.read_text() != wanted
    if needed:
        process.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
            folder=reports_dir, log=reports_dir / ".evidence" / "logs" / "install.log",
            limit_seconds=INSTALL_LIMIT_SECONDS, variables=_VARIABLES,
        )  # fmt: skip
    patch(node_modules)
    stamp.write_text(wanted)
    return needed


@contextmanager
def _only_build(reports_dir: Path) -> Iterator[None]:
    """Two builds at once would write into each other's files."""
    lock = reports_dir / ".evidence" / "build.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReportError(
                f"Another process is building in {reports_dir}", "Wait until it is done"
            ) from None
        yield
