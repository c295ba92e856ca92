"""The embedded demo: a simulated organisation and a loopback server that speaks Conduit.

Everything in it is invented. `dddcli refresh` extracts it over HTTP like any other server's data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from ddd.demo.deployments import write_deployments
from ddd.demo.endpoint import DocumentStore, serve, serve_until_interrupted
from ddd.demo.organisation.calendar import end_epoch, founded
from ddd.demo.organisation.history import Organisation, simulate, stream_documents
from ddd.settings import Demo

__all__ = [
    "DocumentStore",
    "Organisation",
    "demo_identity",
    "organisation_store",
    "serve",
    "serve_forever",
    "serve_organisation",
    "simulate",
    "stream_documents",
    "write_deployments",
    "write_files",
]


def organisation_store(organisation: Organisation) -> DocumentStore:
    """A store that serves an organisation, whose clock stands at the end of its history."""
    return DocumentStore.from_documents(
        tasks=organisation.tasks,
        transactions=organisation.transactions,
        projects=organisation.projects,
        columns=organisation.columns,
        users=organisation.users,
        statuses=organisation.statuses,
        priorities=organisation.priorities,
        whoami=organisation.whoami,
        now=organisation.ended_at,
    )


def demo_identity(demo: Demo) -> str:
    """Which organisation a demo is: data of one must never be added to data of another.

    It changes with the seed, the size, and twice a year, when the beginning moves; not with the end.
    """
    started = founded(end_epoch(_end_date(demo)))
    return f"seed {demo.seed}, {demo.tasks_count} tasks, since {started.isoformat()}"


@contextmanager
def serve_organisation(demo: Demo, files_dir: Path | None = None) -> Iterator[str]:
    """Simulate an organisation and serve it on loopback while the context lasts.

    Args:
        demo: Which one.
        files_dir: Where to write its deployments; nowhere where none is given.

    Yields:
        The address of its Conduit API; any token will do.
    """
    organisation = simulate(demo.seed, _end_date(demo), demo.tasks_count)
    if files_dir is not None:
        write_deployments(organisation, files_dir, seed=demo.seed)
    with serve(organisation_store(organisation)) as url:
        yield url


def write_files(demo: Demo, files_dir: Path) -> None:
    """Simulate an organisation and write its deployments, for whoever reads these alone."""
    write_deployments(simulate(demo.seed, _end_date(demo), demo.tasks_count), files_dir, seed=demo.seed)


def serve_forever(
    *, port: int, seed: int = 1, end_at: datetime | date | None = None, tasks: int = 3000
) -> None:
    """Simulate an organisation and serve it on loopback until the process is interrupted.

    Args:
        port: Port to listen on, on this machine only.
        seed: The same seed gives the same history.
        end_at: End of the history, UTC; midnight of today where none is given.
        tasks: About how many tasks.
    """
    end_at = end_at or datetime.now(UTC).date()
    serve_until_interrupted(organisation_store(simulate(seed, end_at, tasks)), port=port)


def _end_date(demo: Demo) -> date:
    return demo.end_date or datetime.now(UTC).date()
