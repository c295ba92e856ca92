"""The command `dddcli`: each command is a few lines and calls one function."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ddd import __version__
from ddd.errors import DataError
from ddd.settings import DEMO_NOTICE, PROJECT_DIR, load_settings

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Data³: find out whether a change to how you work made things better.",
    epilog="Example: [bold]dddcli refresh && dddcli serve[/]",
)
metrics_app = typer.Typer(
    no_args_is_help=True, help="What is measured.", epilog="Example: dddcli metrics list"
)
demo_app = typer.Typer(
    no_args_is_help=True,
    help="The simulated organisation. Its data are invented.",
    epilog="Example: dddcli demo serve --port 8300",
)
app.add_typer(metrics_app, name="metrics")
app.add_typer(demo_app, name="demo")
console = Console()
ARTIFACTS_DIR = PROJECT_DIR / "artifacts"

Full = Annotated[bool, typer.Option("--full", help="Fetch everything again, whatever is known already.")]
Sweep = Annotated[
    bool, typer.Option("--sweep", help="Look now for objects that were destroyed, hidden or shown again.")
]


@app.command(epilog="Example: dddcli version")
def version() -> None:
    """Print the version."""
    console.print(f"Data³ {__version__}")


@app.command(epilog="Example: CONDUIT_URL=https://phab.example.org CONDUIT_TOKEN=... dddcli refresh")
def refresh(full: Full = False, sweep: Sweep = False) -> None:
    """Extract, build and export: everything that is needed before looking at the figures.

    Without CONDUIT_URL, and with no host in ~/.arcrc, simulated data are loaded.
    """
    from ddd.refresh import print_summary
    from ddd.refresh import refresh as run
    from ddd.sources import Wanted

    settings = load_settings()
    print_summary(run(settings, Wanted(full=full, sweep=sweep), console=console), settings, console)


@app.command(epilog="Example: dddcli extract phabricator --project '#release-engineering'")
def extract(
    source: Annotated[str | None, typer.Argument(help="Only this source, such as phabricator.")] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(help="Only tasks of this project: its PHID or #hashtag; may be given several times."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only tasks changed on or after this day, UTC."),
    ] = None,
    full: Full = False,
    sweep: Sweep = False,
) -> None:
    """Fetch what is new from every source into the raw documents."""
    from ddd.access import site_lock
    from ddd.sources import Wanted, chosen_sources

    settings = load_settings()
    wanted = Wanted(full=full, sweep=sweep, since=since, projects=tuple(project or ()))
    with site_lock(settings):
        for name, run in chosen_sources(source).items():
            done = run(settings, wanted, console=console)
            known = ", ".join(f"{count:,} {stream}" for stream, count in done.known.items())
            console.print(
                f"{name}: {done.mode}, {done.changed_count:,} documents new or changed; known: {known}."
            )
            for warning in done.warnings:
                console.print(f"[yellow]Warning:[/] {escape(warning)}.")


@app.command(epilog="Example: dddcli build")
def build() -> None:
    """Build and test the models from the raw documents."""
    from ddd.access import site_lock
    from ddd.transform import build as run

    settings = load_settings()
    with site_lock(settings):
        done = run(settings, console=console)
    console.print(f"Built {done.models_count} models and seeds, {done.tests_count} tests passed.")
    for warning in done.warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}.")


@app.command(epilog="Example: dddcli build && dddcli export")
def export() -> None:
    """Publish the built models as www/metrics.db.

    What may be published is decided while building: after changing DDD_EXPORT_POLICIES build again.
    """
    from ddd.export import export as run

    settings = load_settings()
    done = run(settings, console=console)
    console.print(f"Published {sum(done.rows.values()):,} rows in {escape(str(settings.metrics_path))}.")
    for warning in done.warnings:
        console.print(f"[yellow]Warning:[/] {escape(warning)}.")


@app.command(epilog="Example: dddcli serve --port 8001")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (DATASETTE_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (DATASETTE_PORT).")] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="Close open SQL and downloads; required for any but a loopback address."
        ),
    ] = False,
) -> None:
    """Serve the dashboards with Datasette."""
    from ddd.serve import serve as run

    settings = load_settings()
    run(settings, host=host or settings.datasette_host, port=port or settings.datasette_port, public=public)


@app.command(epilog="Example: dddcli report --out artifacts/report")
def report(
    out: Annotated[Path, typer.Option(help="Folder of the finished site; replaced whole.")] = ARTIFACTS_DIR
    / "report",
    base_path: Annotated[
        str, typer.Option(help="Folder of the web server that the site will be in, such as /reports.")
    ] = "",
) -> None:
    """Build the static report with Evidence (needs Node 18 or newer)."""
    from ddd.reports import build as run
    from ddd.reports import print_summary

    print_summary(run(load_settings(), out, base_path=base_path, console=console), console)


@app.command(epilog="Example: dddcli docs")
def docs(
    out: Annotated[Path, typer.Option(help="Folder of dbt's page on all models.")] = ARTIFACTS_DIR
    / "dbt-docs",
) -> None:
    """Write docs/metrics.md and dbt's documentation from the definitions in the dbt project."""
    from ddd.catalog import read_catalog
    from ddd.metrics_page import write_metrics_page
    from ddd.transform import document

    settings = load_settings()
    page = document(settings, out)
    write_metrics_page(read_catalog(settings.manifest_path), PROJECT_DIR / "docs" / "metrics.md")
    console.print(f"Wrote docs/metrics.md and {escape(str(page))}.")


@metrics_app.command("list", epilog="Example: dddcli metrics list")
def metrics_list() -> None:
    """List every metric with the question it answers, as the dbt manifest says it."""
    from ddd.catalog import read_catalog

    table = Table("metric", "label", "question", "SQL")
    for model in read_catalog(load_settings().manifest_path).metrics:
        table.add_row(model.name, model.label, model.question, model.sql_path)
    console.print(table)


@demo_app.command("serve", epilog="Example: dddcli demo serve --port 8300 --end 2026-01-31")
def demo_serve(
    port: Annotated[int, typer.Option(help="Port to listen on, on this machine only.")] = 8300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 1,
    end: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="End of the history; today by default.")
    ] = None,
    tasks: Annotated[int, typer.Option(help="About how many tasks.")] = 3000,
) -> None:
    """Serve the simulated organisation over Conduit, for people who develop against it."""
    from ddd.demo import serve_forever

    console.print(f"{DEMO_NOTICE} They are at http://127.0.0.1:{port}/api/ (any token; Ctrl+C stops it).")
    serve_forever(port=port, seed=seed, end_at=end.date() if end else None, tasks=tasks)


@demo_app.command("write", epilog="Example: DDD_DATA_DIR=/tmp/large dddcli demo write --tasks 1000000")
def demo_write(
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 1,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="End of the history.")] = None,
    tasks: Annotated[int, typer.Option(help="About how many tasks.", min=50)] = 1_000_000,
) -> None:
    """Write a simulated organisation of any size straight into the raw documents, for benchmarks."""
    from ddd.demo.writing import write_documents

    settings = load_settings()
    known = write_documents(
        settings, seed=seed, end_at=end.date() if end else None, tasks=tasks, console=console
    )
    console.print(f"{DEMO_NOTICE} Wrote {', '.join(f'{count:,} {name}' for name, count in known.items())}.")


def main() -> None:
    """Run `dddcli`; an expected failure is one line and exit status 1."""
    try:
        app(standalone_mode=True)
    except DataError as error:
        Console(stderr=True).print(f"[red]dddcli:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("dddcli: interrupted; what was fetched is kept for the next run")
        sys.exit(130)


if __name__ == "__main__":
    main()
