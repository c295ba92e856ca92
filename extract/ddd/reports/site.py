"""What becomes of a built site: is it whole, what does a visitor download, how it takes its place."""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from ddd.errors import ReportError

MARKER = "report.json"
"""File in a finished site that says what it was built from, and that the folder may be replaced."""

BASE_PATH = "/__base_path__"
"""Stands in `evidence.config.yaml` for the folder of the web server that the site is put in."""

COMPRESSED = {".html", ".js", ".css", ".json", ".svg", ".wasm", ".parquet", ".arrow", ".webmanifest", ".txt"}

_ERRORS = re.compile(
    r"\b(?:Binder|Catalog|Parser|Syntax|Conversion|IO|Invalid Input|Out of Range|Constraint|Type|Reference)"
    r" ?Error: .{0,160}|Error in Query.{0,160}|Cannot read propert(?:y|ies) of .{0,120}"
    r"|\bundefined\b|\bNaN\b|\[object Object\]|\bInvalid Date\b"
)
_ERROR_BOX = re.compile(r'class="[^"]*\bbg-negative/10\b[^"]*"[^>]*>(.{0,2000})', re.DOTALL)
"""The red box that Evidence's components draw in place of a chart or table that failed."""
_UNSEEN = re.compile(r"<(script|style|svg|head)\b.*?</\1>|<!--.*?-->", re.DOTALL)


def rendered_errors(site: Path, data_texts: Collection[str] = ()) -> list[str]:
    """Errors that a reader would see, as `page: text`; Evidence's strict build lets them through.

    Args:
        site: Folder of the built site.
        data_texts: Texts of the data, which are no error even if they read like one.
    """
    suspicious = sorted(filter(_ERRORS.search, data_texts), key=len, reverse=True)
    found = []
    for path in sorted(site.rglob("*.html")):
        page = _UNSEEN.sub(" ", path.read_text(errors="replace"))
        box = _ERROR_BOX.search(page)
        text = _text(page)
        for known in suspicious:
            text = text.replace(" ".join(known.split()), " ")
        match = _ERRORS.search(text)
        if match or box:
            said = match[0] if match else _text(box[1] if box else "")[:200]
            found.append(f"{path.relative_to(site)}: {said.strip()}")
    return found


def failed_queries(log: Path) -> list[str]:
    """Queries of pages that failed while the site was built, as `query: error`.

    Where the result only fills a sentence the page shows nothing of it, so that the log is the one witness.

    Args:
        log: What the build printed.
    """
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    return sorted(
        {f"{name}: {said}" for name, said in re.findall(r"^(\S+) \| Error in Query! (.*)", text, re.M)}
    )


def _text(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def check(site: Path, log: Path, data_texts: Collection[str] = ()) -> None:
    """Refuse a site that has no page, no data, a query that failed, or a page that shows an error.

    Args:
        site: Folder of the built site.
        log: What the build printed.
        data_texts: Texts of the data, which are no error even if they read like one.

    Raises:
        ReportError: With the first errors found.
    """
    if not (site / "index.html").is_file():
        raise ReportError("The built site has no first page", f"See {log}")
    files = json.loads((site / "data" / "manifest.json").read_text()).get("renderedFiles") or {}
    if not any(files.values()):
        raise ReportError("The built site has no data", "Run `dddcli refresh`, then try again")
    errors = failed_queries(log) + rendered_errors(site, data_texts)
    if errors:
        more = f" and {len(errors) - 3} more" if len(errors) > 3 else ""
        raise ReportError(
            f"Pages of the report have errors: {'; '.join(errors[:3])}{more}",
            "Correct the queries in reports/pages and reports/sources",
        )


def drop_unused(site: Path) -> None:
    """Remove what no browser since 2022 asks for: DuckDB without WASM exceptions, fonts in the old format."""
    for path in site.rglob("*"):
        if re.match(r"duckdb.*mvp.*\.(wasm|js)$", path.name) or path.suffix == ".woff":
            path.unlink()


def set_base_path(site: Path, base_path: str) -> None:
    """Make the site's addresses those of a folder of the web server.

    Args:
        site: Folder of the built site.
        base_path: Such as `/reports`; empty for the top of the server.
    """
    for path in site.rglob("*"):
        if path.suffix in {".html", ".js", ".css", ".json", ".webmanifest"} and path.is_file():
            content = path.read_bytes()
            if BASE_PATH.encode() in content:
                path.write_bytes(content.replace(BASE_PATH.encode(), base_path.encode()))


def size(paths: Iterable[Path]) -> tuple[int, int]:
    """Number and bytes of files."""
    sizes = [path.stat().st_size for path in paths if path.is_file()]
    return len(sizes), sum(sizes)


def first_visit(site: Path) -> list[Path]:
    """Files that a browser loads to show the first page with its charts, which asks nothing of the engine."""
    page = (site / "index.html").read_text()
    named = {site / name for name in re.findall(r'"[^"]*/(_app/[^"]+\.(?:js|css))"', page)}
    route, parameters = (hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (b"/", b""))
    answers = site / "api" / route / parameters / "all-queries.json"
    queries = json.loads(answers.read_text()).values() if answers.is_file() else ()
    answered = {site / "api" / "prerendered_queries" / f"{query}.arrow" for query in queries}
    return sorted(path for path in {site / "index.html", *named, answers, *answered} if path.is_file())


def engine(site: Path) -> list[Path]:
    """Files that a browser loads besides when somebody chooses something on a page: DuckDB and the data."""
    found = {path for path in site.rglob("duckdb*") if path.suffix in {".wasm", ".js"}}
    return sorted(found | set((site / "data").rglob("*.parquet")))


def compress(site: Path) -> None:
    """Put a `.gz` beside each file that it makes smaller, which servers send (nginx: `gzip_static`)."""
    for path in list(site.rglob("*")):
        if path.suffix in COMPRESSED and path.is_file() and path.stat().st_size > 1000:
            short = gzip.compress(path.read_bytes(), 6, mtime=0)
            if len(short) < 0.9 * path.stat().st_size:
                path.with_name(f"{path.name}.gz").write_bytes(short)


def compressed_bytes(paths: Iterable[Path]) -> int:
    """Bytes that a server sends of these files where it sends the compressed ones."""
    beside = ((path, path.with_name(f"{path.name}.gz")) for path in paths)
    return sum((short if short.is_file() else path).stat().st_size for path, short in beside)


def refuse_foreign(out: Path) -> None:
    """Never replace a folder that is not a report.

    Raises:
        ReportError: It holds something else.
    """
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MARKER).is_file()):
        raise ReportError(f"{out} exists and is not a report", "Choose another folder, or empty this one")


def replace(site: Path, out: Path) -> None:
    """Copy a site beside its place, then move it there; a reader finds the old one or the new one.

    Raises:
        ReportError: The place holds something else, or cannot be written; the old site is still there.
    """
    refuse_foreign(out)
    fresh, old = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if old.exists() and not out.exists():  # killed between the two moves below
            old.rename(out)
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)
        shutil.copytree(site, fresh)
        if out.exists():
            out.rename(old)
        try:
            fresh.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ReportError(
            f"The report could not be written to {out} ({error.strerror or error})",
            "Check free disk space and permissions",
        ) from None
    shutil.rmtree(old, ignore_errors=True)
