"""Look at the figures: `serve`, `report`, and the written definitions: `docs`."""

from __future__ import annotations

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


@app.command(epilog="Example: dddcli report --out artifacts/report", rich_help_panel=PANEL)
def report(
    out: Annotated[
        Path,
        typer.Option(help="Folder of the finished site; replaced whole.", show_default="artifacts/report"),
    ] = ARTIFACTS_DIR / "report",
    base_path: Annotated[
        str, typer.Option(help="Folder of the web server that the site will be in, such as /reports.")
    ] = "",
) -> None:
    """Build the static report with Evidence (needs Node 18 or newer)."""
    from ddd.reports import build as run
    from ddd.reports import print_summary

    print_summary(run(load_settings(), out, base_path=base_path, console=console), console)


@app.command(epilog="Example: dddcli docs", rich_help_panel=PANEL)
def docs(
    out: Annotated[
        Path, typer.Option(help="Folder of dbt's page on all models.", show_default="artifacts/dbt-docs")
    ] = ARTIFACTS_DIR / "dbt-docs",
) -> None:
    """Write docs/commands.md, docs/metrics.md and dbt's documentation from their definitions.

    The examples in docs/metrics.md are of a small demo, built for them: the page is the same everywhere.
    """
    from ddd.catalog import read_catalog
    from ddd.cli import app as whole
    from ddd.commands_page import write_commands_page
    from ddd.examples import build_examples, read_examples
    from ddd.metrics_page import write_metrics_page
    from ddd.transform import document

    settings = load_settings()
    write_commands_page(whole, PROJECT_DIR / "docs" / "commands.md")
    page = document(settings, out)
    demo = build_examples(settings, console=console)
    catalog = read_catalog(demo.manifest_path)
    examples = read_examples(demo.warehouse_path, catalog)
    write_metrics_page(catalog, PROJECT_DIR / "docs" / "metrics.md", examples)
    console.print(f"Wrote docs/commands.md, docs/metrics.md and {escape(str(page))}.")
