"""The recorded trains of ../shared/deployments, and the figures that another project recorded of them."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ddd.settings import Settings, Site
from ddd.source_settings import GerritSettings
from recorded import SHARED_DIR

DEPLOYMENTS_DIR = SHARED_DIR / "deployments"
PATCHES = "patches_recorded.csv.gz"


@dataclass(frozen=True)
class RecordedTrain:
    """What was recorded of one train at the time; seconds and days."""

    version: str
    patches_count: int
    rollbacks_count: int
    rollbacks_seconds: int
    group0_delay_days: int
    group1_delay_days: int
    group2_delay_days: int
    total_seconds: int
    conductor: str

    @property
    def is_failed(self) -> bool:
        """Whether it was rolled back; what blocked it was not recorded."""
        return self.rollbacks_count > 0

    @property
    def recovery_seconds(self) -> int | None:
        """From its rollback to the next roll-forward; of several rollbacks only the sum was recorded."""
        return self.rollbacks_seconds if self.rollbacks_count == 1 else None


def require_deployments() -> Path:
    """The folder of the recorded history; skips the test where it is absent."""
    if not (DEPLOYMENTS_DIR / "wikiversions.bundle").exists():
        pytest.skip(f"no recorded deployments: {DEPLOYMENTS_DIR} is absent")
    return DEPLOYMENTS_DIR


def recorded_trains() -> list[RecordedTrain]:
    """All recorded trains, in the order of the file."""
    with (require_deployments() / "trains_recorded.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [RecordedTrain(row[0], *(int(float(cell)) for cell in row[1:8]), row[8]) for row in rows]


@dataclass(frozen=True)
class RecordedPatch:
    """What was recorded of one patch; times in seconds since 1970."""

    version: str
    link: str
    created: int
    submitted: int
    insertions: int
    deletions: int
    comments: int
    in_review_seconds: int


def recorded_patches() -> list[RecordedPatch]:
    """All recorded patches, in the order of the file."""
    with gzip.open(require_deployments() / PATCHES, "rt", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [
        RecordedPatch(row[0], row[1], _epoch(row[2]), _epoch(row[3]), *(int(float(cell)) for cell in row[4:]))
        for row in rows
    ]


def _epoch(text: str) -> int:
    return int(datetime.strptime(f"{text} +0000", "%Y-%m-%d %H:%M:%S %z").timestamp())


def settings_of_trains(folder: Path, repository: Path, patches_file: Path | None = None) -> Settings:
    """Settings of a site that has nothing but this repository of deployed versions, and this file."""
    return Settings(
        Site("deployments", "", ""),
        data_dir=folder,
        www_dir=folder,
        mediawiki_config_repo=str(repository),
        gerrit=GerritSettings(patches_file=patches_file),
        memory_limit="2GB",
    )
