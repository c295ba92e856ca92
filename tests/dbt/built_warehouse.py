"""Warehouses built once by the real command from documents at hand, and questions to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ddd.built import Built
from ddd.settings import Settings, Site
from ddd.transform import build, put_in_place, run_dbt

PERIODS = ("day", "week", "month")


@dataclass(frozen=True)
class Warehouse:
    """A built warehouse; `built` says what dbt made of it."""

    path: Path
    built: Built

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        connection = duckdb.connect(str(self.path), read_only=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def settings_in(folder: Path, *policies: str, settings_dir: Path | None = None) -> Settings:
    """Settings of a site whose files are all in this folder."""
    return Settings(
        settings_dir=settings_dir,
        site=Site(name="test", url="", token=""),
        data_dir=folder,
        www_dir=folder,
        export_policies=policies,
        memory_limit="2GB",
    )


def build_warehouse(settings: Settings) -> Warehouse:
    """Build and test all models of the documents there."""
    built = build(settings)
    return Warehouse(settings.warehouse_path, built)


def build_models(settings: Settings) -> Warehouse:
    """Build all models without dbt's tests of them, which take as long; other documents run those."""
    built = run_dbt(settings, settings.warehouse_path, "build", "--resource-types", "model seed")
    put_in_place(settings, settings.warehouse_path)
    return Warehouse(settings.warehouse_path, built)
