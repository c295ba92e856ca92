"""Blockers of trains, written by hand: the models, the second computation, and what they should be."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from built_warehouse import Warehouse, build_models, settings_in
from documents_file import write_documents
from metric_checks import require_equal_rows
from reference.blockers import blockers, release_tasks
from reference.installation import Installation
from train_checks import METRICS, trains_of
from train_histories import ANN, BEN, CAT, HOUR, START, deploy_trains, train_documents

from command_line import dddcli_here, the_one_line
from ddd.export import export
from ddd.sources import SOURCES
from repository import Repository

AS_OF = datetime(2026, 4, 30)
DEMO = {"DDD_DEMO": "1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trains")


@pytest.fixture(scope="module")
def warehouse(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    repository = Repository(tmp_path_factory.mktemp("deployed") / "repository")
    deploy_trains(repository)
    settings = replace(
        settings_in(home, "public"), www_dir=home / "www", mediawiki_config_repo=str(repository.folder)
    )
    SOURCES["wikiversions"].extract(settings)
    write_documents(settings, train_documents(), AS_OF)
    built = build_models(settings)
    export(settings)
    return built


@pytest.fixture(scope="module")
def installation() -> Installation:
    return Installation.of((document.stream, document.text) for document in train_documents())


def test_blockers(warehouse: Warehouse, installation: Installation) -> None:
    as_of = int(AS_OF.replace(tzinfo=UTC).timestamp())
    expected = {
        (
            *(one.version, one.task_id, one.blocker_phid, one.blocked_at, one.blocked_by, one.unblocked_at),
            *(one.unblocked_by, one.how, one.blocking_seconds, one.is_published),
        )
        for one in blockers(installation, as_of, {"public"})
    }
    found = warehouse.query(
        "select version, task_id, blocker_task_phid, epoch(blocked_at)::bigint, blocked_by_phid, "
        "epoch(unblocked_at)::bigint, unblocked_by_phid, unblocked_how, blocking_seconds, is_published "
        "from train_blockers"
    )
    assert len(set(found)) == len(found)
    assert set(found) == expected


def test_a_train_names_its_release_task_where_that_is_published(warehouse: Warehouse) -> None:
    rows = warehouse.query(
        "select trains.version, trains.task_id, tasks.task_id, tasks.is_published from trains "
        "left join int_release_tasks_found as tasks on trains.version = tasks.version"
    )
    assert {told for _, told, _, is_published in rows if not is_published} <= {None}
    published = [(told, known) for _, told, known, is_published in rows if is_published]
    assert len(published) > 3
    assert all(told == known is not None for told, known in published)


def test_the_release_task_of_each_version(warehouse: Warehouse, installation: Installation) -> None:
    found = warehouse.query("select version, task_id from int_release_tasks_found")
    by_hand = {**{f"1.46.0-wmf.{number}": number for number in range(1, 7)}, "1.25.0-wmf.14": 21}
    assert dict(found) == release_tasks(installation, {"public"}) == by_hand


@pytest.mark.parametrize(
    ("version", "blocker", "expected"),
    [
        # removed and added again, then resolved
        (1, 11, [(20, ANN, 25, BEN, "removed"), (30, CAT, 35, CAT, "resolved")]),
        # resolved, opened again, and resolved for good by merging
        (2, 12, [(20, ANN, 30, CAT, "resolved")]),
        (2, 13, [(20, ANN, None, None, None)]),
        # created as a sub-task, of which only its closing tells: its creation and author
        (3, 14, [(40, CAT, 50, BEN, "resolved")]),
        # closed before it was added
        (3, 17, [(70, ANN, 70, CAT, "resolved")]),
        # one blocker of two trains
        (4, 18, [(80, ANN, 95, CAT, "resolved")]),
        (5, 18, [(90, BEN, 95, CAT, "resolved")]),
        # private, or of a private release task
        (4, 19, []),
        (6, 20, []),
    ],
)
def test_what_is_published_of_a_blocker(
    warehouse: Warehouse, version: int, blocker: int, expected: list[Any]
) -> None:
    rows = warehouse.query(
        f"select (epoch(blocked_at)::bigint - {START}) / {HOUR}, blocked_by_phid, "
        f"(epoch(unblocked_at)::bigint - {START}) / {HOUR}, unblocked_by_phid, unblocked_how "
        f"from train_blockers where is_published and version = '1.46.0-wmf.{version}' "
        f"and blocker_task_id = {blocker} order by 1"
    )
    assert rows == expected


@pytest.mark.parametrize("table", METRICS)
def test_metric(warehouse: Warehouse, table: str) -> None:
    keys, columns, compute = METRICS[table]
    require_equal_rows(warehouse, table, keys, columns, compute(trains_of(warehouse)))


def test_in_which_group_blockers_were_found(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "select version, blocker_task_id, group_name from train_blockers "
        "where version in ('1.46.0-wmf.1', '1.46.0-wmf.2') order by version, blocker_task_id, blocked_at"
    )
    assert found == [
        ("1.46.0-wmf.1", 11, "group1"),
        ("1.46.0-wmf.1", 11, "group2"),
        ("1.46.0-wmf.2", 12, None),
        ("1.46.0-wmf.2", 13, None),
    ]


def test_trains_without_trouble(warehouse: Warehouse) -> None:
    """1 was rolled back and blocked after group 0, 4 rolled back; 2 and 3 were blocked before group 0."""
    rows = warehouse.query(
        "select version, is_rolled_back, has_late_blocker, blockers_count from int_trains_judged "
        "where version like '1.46%' order by version"
    )
    assert rows == [
        ("1.46.0-wmf.1", True, True, 1),
        ("1.46.0-wmf.2", False, False, 2),
        ("1.46.0-wmf.3", False, False, 4),
        ("1.46.0-wmf.4", True, False, 1),
        ("1.46.0-wmf.5", False, False, 1),
    ]
    weeks = warehouse.query(
        "select trains_count, without_trouble_share from metric_train_trouble "
        "where period = 'week' and period_started_date = '2026-03-16'"
    )
    assert weeks == [(0, None)]


@pytest.mark.usefixtures("warehouse")
def test_blockers_are_printed_in_every_form(home: Path) -> None:
    found = json.loads(
        dddcli_here(home, "train", "blockers", "1.46.0-wmf.1", "--format", "json", **DEMO).stdout
    )
    assert [(one["blocker_task_id"], one["blocked_by"], one["unblocked_how"]) for one in found] == [
        (11, "ann", "removed"),
        (11, "cat", "resolved"),
    ]
    said = dddcli_here(home, "train", "blockers", "php-1.46.0-wmf.1", "--format", "csv", **DEMO).stdout
    rows = list(csv.DictReader(io.StringIO(said)))
    assert rows == [
        {name: "" if value is None else str(value) for name, value in one.items()} for one in found
    ]
    table = dddcli_here(home, "train", "blockers", "1.46.0-wmf.1", **DEMO).stdout
    assert "T11" in table
    assert "1 blocker of 1 train." in table


@pytest.mark.usefixtures("warehouse")
def test_no_private_blocker_is_printed(home: Path) -> None:
    everything = dddcli_here(home, "train", "blockers", "all", "--format", "json", **DEMO).stdout
    assert {one["blocker_task_id"] for one in json.loads(everything)} == {11, 12, 13, 14, 15, 16, 17, 18, 20}
    private = [one for one in json.loads(everything) if one["version"] == "1.46.0-wmf.6"]
    assert private == []


@pytest.mark.usefixtures("warehouse")
def test_the_story_of_a_train(home: Path) -> None:
    said = dddcli_here(home, "train", "show", "1.46.0-wmf.1", **DEMO).stdout
    for words in (
        "rollbacks     1, for 8.0 hours",
        "trouble       yes",
        "Ada",
        "T11",
        "patches       not known",
    ):
        assert words in said


@pytest.mark.usefixtures("warehouse")
def test_an_unknown_train_is_one_line(home: Path) -> None:
    assert "1.46.0-wmf.5" in the_one_line(dddcli_here(home, "train", "show", "1.46.0-wmf.99", **DEMO))
    assert "1.37.0-wmf.4" in the_one_line(dddcli_here(home, "train", "blockers", "nonsense; drop", **DEMO))


def test_nothing_published_yet(tmp_path: Path) -> None:
    assert "dddcli export" in the_one_line(dddcli_here(tmp_path, "train", "blockers", **DEMO))
