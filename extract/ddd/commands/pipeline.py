"""From the server to the published file: `refresh`, and its steps `extract`, `build` and `export`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from ddd.commands.completion import complete_project, complete_source
from ddd.commands.terminal import console, warn
from ddd.errors import DataError
from ddd.settings import load_settings

app = typer.Typer()
PANEL = "Bring the figures up to date"

Full = Annotated[bool, typer.Option("--full", help="Fetch everything again, whatever is known already.")]
Sweep = Annotated[
    bool, typer.Option("--sweep", help="Look now for objects that were destroyed, hidden or shown again.")
]
AcceptGone = Annotated[
    bool, typer.Option("--accept-gone", help="Mark objects as gone even where most of them are.")
]


@app.command(
    epilog="Example: CONDUIT_URL=https://phab.example.org CONDUIT_TOKEN=... dddcli refresh",
    rich_help_panel=PANEL,
)
def refresh(full: Full = False, sweep: Sweep = False, accept_gone: AcceptGone = False) -> None:
    """Extract, build and export: everything that is needed before looking at the figures.

    Without CONDUIT_URL, with no host in ~/.arcrc and no source of deployments, simulated data are loaded.
    A source that fails does not stop the others; the exit status is then 1.
    """
    from ddd.refresh import print_summary
    from ddd.refresh import refresh as run
    from ddd.sources import Wanted

    settings = load_settings()
    wanted = Wanted(full=full, sweep=sweep, accept_gone=accept_gone)
    done = run(settings, wanted, console=console)
    print_summary(done, settings, console)
    if done.failures:
        raise typer.Exit(1)  # the summary says why


@app.command(
    epilog="Example: dddcli extract phabricator --project '#release-engineering'", rich_help_panel=PANEL
)
def extract(
    source: Annotated[
        str | None,
        typer.Argument(
            help="Only this source: phabricator, wikiversions, gerrit or delivery; all that are configured.",
            autocompletion=complete_source,
        ),
    ] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(
            help="Only tasks of this project: its PHID or #hashtag; may be given several times.",
            autocompletion=complete_project,
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only tasks changed on or after this day, UTC."),
    ] = None,
    *,
    full: Full = False,
    sweep: Sweep = False,
    accept_gone: AcceptGone = False,
) -> None:
    """Fetch what is new from every source into the raw documents.

    With --project or --since only a part is fetched; the next run begins where it would have begun anyway.
    """
    from ddd.journal import recorded
    from ddd.refresh import failures_error
    from ddd.sources import Wanted, chosen_sources

    settings = load_settings()
    wanted = Wanted(
        full=full, sweep=sweep, accept_gone=accept_gone, since=since, projects=tuple(project or ())
    )
    if wanted.projects and source is None:
        source = "phabricator"  # no other source has projects
    failures: dict[str, DataError] = {}
    with recorded(settings, "extract") as journal:
        for name, one in chosen_sources(settings, source).items():
            try:
                with journal.step(f"extract {name}") as facts:
                    done = one.extract(settings, wanted, console=console)
                    facts.update(done.facts)
            except DataError as error:
                failures[name] = error
                continue
            known = ", ".join(f"{count:,} {stream}" for stream, count in done.known.items() if count)
            console.print(
                f"{name}: {done.mode}, {done.changed_count:,} documents new or changed; "
                f"known: {known or 'nothing'}."
            )
            warn(done.warnings)
    if failures:
        raise failures_error(failures)


@app.command(epilog="Example: dddcli build", rich_help_panel=PANEL)
def build(
    *,
    full: Annotated[bool, typer.Option("--full", help="Build everything from the documents again.")] = False,
) -> None:
    """Build and test the models from the raw documents.

    What the last build made of older documents is kept, unless a model was changed since.
    """
    from ddd.journal import recorded
    from ddd.transform import build as run

    settings = load_settings()
    with recorded(settings, "build") as journal, journal.step("build") as facts:
        done = run(settings, full=full, console=console)
        facts.update(done.facts)
    console.print(done.summary)
    warn(done.warnings)


@app.command(epilog="Example: dddcli build && dddcli export", rich_help_panel=PANEL)
def export() -> None:
    """Publish the built models as www/metrics.db and www/train.db.

    What may be published is decided while building: after changing DDD_EXPORT_POLICIES build again.
    """
    from ddd.export import export as run
    from ddd.journal import recorded

    settings = load_settings()
    with recorded(settings, "export") as journal, journal.step("export") as facts:
        done = run(settings, console=console)
        facts.update(done.facts)
    for path, tables in done.tables.items():
        rows = sum(done.rows[table] for table in tables)
        console.print(f"Published {rows:,} rows in {escape(str(path))}.")
    warn(done.warnings)
