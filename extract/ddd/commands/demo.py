"""`dddcli demo`: the simulated organisation by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from ddd.commands.terminal import console
from ddd.settings import DEMO_NOTICE, load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="The simulated organisation. Its data are invented.",
    epilog="Example: dddcli demo serve --port 8300",
)


@app.command("serve", epilog="Example: dddcli demo serve --port 8300 --end 2026-01-31")
def serve(
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


@app.command("write", epilog="Example: DDD_DATA_DIR=/tmp/large dddcli demo write --tasks 1000000")
def write(
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 1,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="End of the history.")] = None,
    tasks: Annotated[int, typer.Option(help="About how many tasks.", min=50)] = 1_000_000,
    talk: Annotated[
        bool,
        typer.Option(help="Comments, descriptions and subscribers, too: 13.4 changes a task instead of 10."),
    ] = True,
) -> None:
    """Write a simulated organisation of any size straight into the raw documents, for benchmarks."""
    from ddd.demo.writing import write_documents

    settings = load_settings()
    known = write_documents(
        settings, seed=seed, end_at=end.date() if end else None, tasks=tasks, talk=talk, console=console
    )
    console.print(f"{DEMO_NOTICE} Wrote {', '.join(f'{count:,} {name}' for name, count in known.items())}.")
