"""Look at the figures: `serve`, `report`, and the written definitions: `docs`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ddd.commands.terminal import ARTIFACTS_DIR, console
from ddd.settings import PROJECT_DIR, load_settings

app = typer.Typer()
PANEL = "Look at the figures"


@app.command(epilog="Example: dddcli serve --port 8001", rich_help_panel=PANEL)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (DATASETTE_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (DATASETTE_PORT).")] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="Close open SQL and downloads; required for any but a loopback address."
        ),
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; more than one for many visitors.")
    ] = 1,
) -> None:
    """Serve the dashboards with Datasette. Newly published files take over by themselves, without a pause."""
    from ddd.serve import serve as run

    settings = load_settings()
    run(
        settings,
        host=host or settings.datasette_host,
        port=settings.datasette_port if port is None else port,
        public=public,
        workers=workers,
    )


class Format(StrEnum):
    """The forms of the report."""

    SITE = "site"
    HTML = "html"
    TEXT = "text"


@app.command(epilog="Example: dddcli report --format html --out report.html", rich_help_panel=PANEL)
def report(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the site, or the file; replaced whole. By default artifacts/report, "
            "artifacts/report.html, and for text the terminal.",
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="The site, built with Evidence (needs Node 18 or newer); one html file; or the "
            "statistics of a month as the text of a mail.",
        ),
    ] = Format.SITE,
    base_path: Annotated[
        str, typer.Option(help="Folder of the web server that the site will be in, such as /reports.")
    ] = "",
    month: Annotated[
        str,
        typer.Option(help="Of which month text is, such as 2026-10; by default the last one that is over."),
    ] = "",
) -> None:
    """Build the static report: a site, one file, or the mail with the statistics of a month."""
    from ddd import reports

    settings = load_settings()
    if form is Format.SITE:
        target = out or ARTIFACTS_DIR / "report"
        reports.print_summary(reports.build(settings, target, base_path=base_path, console=console), console)
        return
    content = reports.read_content(settings)
    if form is Format.HTML:
        written = reports.write_html(out or ARTIFACTS_DIR / "report.html", content)
        console.print(
            f"Wrote {escape(str(written.out))}: {written.file_bytes / 1e6:.1f} MB with "
            f"{written.charts_count} charts in {written.seconds:.0f} s. Any browser opens it, also offline."
        )
        return
    text = reports.statistics_mail(content, reports.month_named(month) if month else None)
    if out:
        reports.write_text(out, text)
    else:
        typer.echo(text, nl=False)


@app.command(epilog="Example: dddcli docs", rich_help_panel=PANEL)
def docs(
    out: Annotated[
        Path, typer.Option(help="Folder of dbt's page on all models.", show_default="artifacts/dbt-docs")
    ] = ARTIFACTS_DIR / "dbt-docs",
) -> None:
    """Write commands.md, metrics.md and figures.csv in docs/, and dbt's page, from their definitions.

    The figures in docs/ are of a small demo, built for them: they are the same everywhere.
    """
    from ddd.catalog import read_catalog
    from ddd.cli import app as whole
    from ddd.commands_page import write_commands_page
    from ddd.examples import build_examples, read_examples
    from ddd.figures import write_figures
    from ddd.metrics_page import write_metrics_page
    from ddd.transform import document

    settings = load_settings()
    write_commands_page(whole, PROJECT_DIR / "docs" / "commands.md")
    page = document(settings, out)
    demo = build_examples(settings, console=console)
    catalog = read_catalog(demo.manifest_path)
    examples = read_examples(demo.warehouse_path, catalog)
    write_metrics_page(catalog, PROJECT_DIR / "docs" / "metrics.md", examples)
    write_figures(demo.warehouse_path, catalog, PROJECT_DIR / "docs" / "figures.csv")
    console.print(f"Wrote docs/commands.md, docs/metrics.md, docs/figures.csv and {escape(str(page))}.")
