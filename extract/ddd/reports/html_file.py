"""The whole report as one HTML file: no Node, no script, no other file, nothing from another host."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import ddd
from ddd.errors import ReportError
from ddd.reports.content import REPORTS_DIR, Content
from ddd.reports.mail import write_text
from ddd.reports.sections import sections
from ddd.wording import day_text, number_text, percent

TEMPLATE = "report.html"
_IS_OURS = '<meta name="generator" content="Data³ '
"""Stands in every report, so that only such a file is replaced."""


@dataclass(frozen=True)
class FileResult:
    """A written file: where, how large, how long it took, and its number of charts."""

    out: Path
    file_bytes: int
    charts_count: int
    seconds: float


def write_html(out: Path, content: Content, templates: Path = REPORTS_DIR / "html") -> FileResult:
    """Write the report.

    Args:
        out: The file; replaced if it is a report.
        content: What is said, drawn and listed.
        templates: Folder of `report.html` and `report.css`.

    Raises:
        ReportError: The place holds something else, or cannot be written.
    """
    started = time.monotonic()
    if out.is_dir() or (out.is_file() and _IS_OURS not in out.read_text(errors="replace")[:2000]):
        raise ReportError(f"{out} exists and is not a report", "Choose another file, or delete this one")
    text = render(content, templates)
    write_text(out, text)
    return FileResult(out, out.stat().st_size, text.count("<svg "), time.monotonic() - started)


def render(content: Content, templates: Path = REPORTS_DIR / "html") -> str:
    """The file's text."""
    about, tables = content.about, content.tables
    environment = Environment(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"shown": shown, "prose": prose}
    models = {
        row["model_name"]: row for name in ("metrics", "train") for row in tables[f"{name}.models"].rows
    }
    as_of = datetime.fromisoformat(about.as_of) if about.as_of else None
    return environment.get_template(TEMPLATE).render(
        about=about,
        as_of=f"{day_text(as_of.date())}, {as_of:%H:%M} UTC" if as_of else "an unknown time",
        sections=sections(tables, content.statements),
        models=models,
        style=Markup((templates / "report.css").read_text()),  # noqa: S704 - our own file
        version=ddd.__version__,
    )


def shown(value: Any, column: str) -> str:
    """A value as people read it, by the name of its column."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else f"{value}"
    if not isinstance(value, (int, float)):
        return str(value)
    if column.endswith("_share"):
        return percent(value)
    unit = "tasks" if float(value).is_integer() else "days"
    return number_text(value, unit, signed=column.startswith("change_"))


def prose(text: str) -> Markup:
    """A description of the dbt YAML: paragraphs, and code between backticks; all else is text."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    marked = (re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(part))) for part in paragraphs if part)
    return Markup("").join(Markup(f"<p>{part}</p>") for part in marked)  # noqa: S704 - escaped above
