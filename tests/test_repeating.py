"""What dbt sent is sent again: in its order, and with dbt's verdict on each test."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from ddd.repeating import SentNode, keep, kept, repeat, tables_of
from ddd.settings import Settings, Site

_QUIET = Console(quiet=True)


def _model(position: int, name: str, sql: str, *parents: str) -> SentNode:
    return SentNode(position, name, "model", name, "", "", parents, ("begin", sql, "commit"))


def _test(position: int, name: str, severity: str, failures: int, parent: str) -> SentNode:
    sql = (
        f"select count(*), count(*) > 0, count(*) > 0 from (from {parent} limit {failures}) dbt_internal_test"
    )
    return SentNode(position, name, "test", name, f"About {name}", severity, (parent,), (sql,))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(site=Site(name="test", url="", token=""), data_dir=tmp_path, www_dir=tmp_path)
    made.site_dir.mkdir()
    for path in (made.documents_path, made.warehouse_path):
        duckdb.connect(str(path)).close()
    return made


def test_models_wait_for_their_parents_and_tests_judge_as_they_say(settings: Settings) -> None:
    nodes = [
        _test(1, "good", "error", 0, "child"),
        _test(2, "bad", "error", 2, "child"),
        _test(3, "doubtful", "warn", 1, "child"),
        _model(4, "child", "create table child as from parent", "parent"),
        _model(5, "parent", "create table parent as from range(3)"),
    ]
    results = repeat(settings, settings.warehouse_path, nodes, _QUIET)
    assert {result.name: (result.status, result.failures) for result in results} == {
        "good": ("pass", 0),
        "bad": ("fail", 2),
        "doubtful": ("warn", 1),
        "child": ("success", 0),
        "parent": ("success", 0),
    }
    assert [result.name for result in results[:2]] == ["parent", "child"]


def test_nothing_is_built_from_a_model_that_failed(settings: Settings) -> None:
    nodes = [
        _model(1, "parent", "create table parent as from nowhere"),
        _model(2, "child", "create table child as from parent", "parent"),
        _model(3, "other", "create table other as from range(1)"),
    ]
    results = repeat(settings, settings.warehouse_path, nodes, _QUIET)
    assert {result.name: result.status for result in results} == {"parent": "error", "other": "success"}
    failed = next(result for result in results if result.has_failed)
    assert "nowhere" in failed.message


def test_statements_are_known_by_the_tables_that_they_were_sent_to(settings: Settings) -> None:
    warehouse = settings.warehouse_path
    nodes = [_model(1, "one", "create table one as from range(1)")]
    assert kept(warehouse, tables_of(warehouse)) == []
    keep(warehouse, tables_of(warehouse), nodes)
    assert kept(warehouse, tables_of(warehouse)) == nodes
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table grown as from range(1)")
    assert kept(warehouse, tables_of(warehouse)) == []
