"""One way to the site's server for every command: the real one, or the demo's own on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ddd.phab import Conduit, is_phid
from ddd.phab.errors import NotFoundError
from ddd.settings import Demo, Settings


@contextmanager
def connected(
    settings: Settings, *, demo: Demo | None = None, attempts: int = 5, writes_files: bool = False
) -> Iterator[Conduit]:
    """A client for the site's server while the context lasts.

    Args:
        settings: Which site.
        demo: Another simulated organisation than that of the settings, where the site is the demo.
        attempts: How often a read is tried in all.
        writes_files: Whether the demo writes the files of its deployments, which other sources read.

    Raises:
        DataError: The settings make no sense; what the server says is raised by the client's calls.
    """
    site = settings.site
    if not site.is_demo:
        with Conduit(site.url, site.token, attempts=attempts, connections=settings.connections) as phab:
            yield phab
        return
    from ddd.demo import serve_organisation  # noqa: PLC0415 - the demo is not loaded for a real server

    files_dir = settings.simulated_dir if writes_files and settings.mediawiki_config_repo else None
    with (
        serve_organisation(demo or settings.demo, files_dir) as url,
        Conduit(url, "api-demo", attempts=attempts, connections=settings.connections) as phab,
    ):
        yield phab


def project_phid_of(phab: Conduit, project: str) -> str:
    """The PHID of a project that a person named.

    Args:
        phab: The client for its server.
        project: Its PHID, or a hashtag with or without `#`.

    Raises:
        ConduitError: The server does not know the hashtag, or says no.
    """
    if is_phid(project):
        return project
    name = f"#{project.removeprefix('#')}"
    found = phab.lookup([name])
    if name not in found:
        raise NotFoundError(
            f"{phab.url} knows no project {name}",
            "Check the hashtag on the project's page, and that the token's account may see it",
        )
    return str(found[name])
