"""Servers on a hand-made file, and a browser to look at them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ddd.settings import PROJECT_DIR
from www.running import served, served_plainly
from www.sample import build_sample
from www.sample_trains import build_trains_sample


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a published file and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    build_sample(folder / "metrics.db")
    return folder


@pytest.fixture(scope="session")
def trains_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds both published files, of tasks and of deployments; they are not simulated."""
    folder = tmp_path_factory.mktemp("trains")
    build_sample(folder / "metrics.db", is_demo=False)
    build_trains_sample(folder / "train.db")
    return folder


@pytest.fixture(scope="session")
def address(site_dir: Path) -> Iterator[str]:
    """Served to this machine only."""
    with served(site_dir) as running:
        yield running


@pytest.fixture(scope="session")
def trains_address(trains_dir: Path) -> Iterator[str]:
    """Tasks and deployments, served to this machine only."""
    with served(trains_dir) as running:
        yield running


@pytest.fixture(scope="session")
def public_address(site_dir: Path) -> Iterator[str]:
    """Served with `--public`: open SQL and downloads are closed."""
    with served(site_dir, "--public") as running:
        yield running


@pytest.fixture(scope="session")
def plain_address(site_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Served by the plain command from a copy of `www/` with the published file in it."""
    folder = tmp_path_factory.mktemp("plain") / "www"
    shutil.copytree(
        PROJECT_DIR / "www", folder, ignore=shutil.ignore_patterns("*.db", "vendor", "__pycache__")
    )
    shutil.copy(site_dir / "metrics.db", folder)
    with served_plainly(folder) as running:
        yield running
