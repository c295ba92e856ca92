"""Deployments of the simulated organisation, in the files and the repository that real ones come in."""

from __future__ import annotations

from pathlib import Path

from ddd.demo.deployments.patches import write_patches
from ddd.demo.deployments.service import write_service
from ddd.demo.deployments.wikiversions import write_repository
from ddd.demo.organisation.history import Organisation
from ddd.source_settings import demo_sources

__all__ = ["CHANGES_FILE", "write_deployments"]

CHANGES_FILE = "changes.ndjson"
"""What the simulated Gerrit server knows."""


def write_deployments(organisation: Organisation, folder: Path, *, seed: int) -> None:
    """Write what the sources of deployments read: a git repository, patches, a service's deployments.

    All but the newest of it is the same every day, so that a later run fetches only what is new.

    Args:
        organisation: The simulated organisation, with the deployments of its train.
        folder: Where to; what is there is replaced.
        seed: Of the organisation: what is drawn here is drawn for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sources = demo_sources(folder)
    write_repository(organisation, Path(sources["mediawiki_config_repo"]))
    patches_file = sources["gerrit"].patches_file
    delivery = sources["delivery"]
    assert patches_file
    assert delivery.file
    assert delivery.incidents_file
    write_patches(organisation, patches_file, folder / CHANGES_FILE, seed=seed)
    write_service(organisation, delivery.file, delivery.incidents_file, seed=seed)
