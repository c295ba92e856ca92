"""Where `publish_deployers` is false, no name of who deployed is in the published file."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from built_warehouse import build_warehouse
from recorded_trains import settings_of_trains

from ddd.export import export
from ddd.settings import Settings
from ddd.source_settings import DeliverySettings
from ddd.sources import SOURCES
from repository import Repository

CONDUCTOR, DEPLOYER = "Conductor Nightingale", "Deployer Kingfisher"
MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A train with a rollback and a deployment of a file, built and exported with the setting."""
    folder = tmp_path_factory.mktemp("hidden-deployers")
    repository = Repository(folder / "repository")
    for day, version in enumerate(("1.43.0-wmf.1", "1.43.0-wmf.2", "1.43.0-wmf.1", "1.43.0-wmf.2")):
        at = MONDAY + timedelta(days=day)
        repository.deploy(at, by=CONDUCTOR, testwiki=version, commonswiki=version, enwiki=version)
    deployments = folder / "deployments.csv"
    with deployments.open("w", newline="") as lines:
        csv.writer(lines).writerows(
            [
                ("deployment_id", "deployed_at", "outcome", "deployed_by"),
                ("D1", "2026-01-06T10:00:00Z", "failed", DEPLOYER),
            ]
        )
    (folder / "own").mkdir()
    (folder / "own" / "settings.csv").write_text("setting,project,value\npublish_deployers,,false\n")
    settings = replace(
        settings_of_trains(folder / "site", repository.folder),
        settings_dir=folder / "own",
        delivery=DeliverySettings(file=deployments),
    )
    for source in ("wikiversions", "delivery"):
        SOURCES[source].extract(settings)
    build_warehouse(settings)
    export(settings)
    return settings


@pytest.mark.slow
def test_no_name_of_a_deployer_is_published(site: Settings) -> None:
    with closing(sqlite3.connect(site.www_dir / "train.db")) as published:
        whole = "\n".join(published.iterdump())
    assert "1.43.0-wmf.2" in whole
    assert "D1" in whole
    assert "Nightingale" not in whole
    assert "Kingfisher" not in whole


@pytest.mark.slow
def test_the_names_were_there_to_be_hidden(site: Settings) -> None:
    with duckdb.connect(str(site.documents_path), read_only=True) as documents:
        for table, name in (("wikiversions_commits", CONDUCTOR), ("delivery_deployments", DEPLOYER)):
            (count,) = documents.execute(
                f"select count(*) from raw.{table} as raw where cast(raw as varchar) like '%{name}%'"
            ).fetchone() or (0,)
            assert count > 0, table
