"""The trains of the recorded history, against what was recorded at the time and a second computation."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from built_warehouse import Warehouse, build_warehouse
from metric_checks import DORA, check, require_equal_rows
from recorded_trains import (
    PATCHES,
    RecordedTrain,
    recorded_patches,
    recorded_trains,
    require_deployments,
    settings_of_trains,
)
from reference.installation import Installation
from reference.metrics.trains import Trains
from reference.site import Site
from reference.trains import BOT, Train, trains_of
from train_checks import METRICS
from train_checks import trains_of as lists_of_trains

from ddd.sources import chosen_sources

FIGURES = (
    "rollbacks_count",
    "rollbacks_seconds",
    "total_seconds",
    "group0_delay_days",
    "group1_delay_days",
    "group2_delay_days",
    "conductor",
)

DELIVERED = {
    "patches_count": "(select count(*) from patches where patches.version = trains.version)",
    "is_failed": "deployments.is_failed",
    "recovery_seconds": "cast(deployments.recovery_time_hours * 3600 as bigint)",
}
"""What DORA's measures are made of, and the patches that they count, in the words of the models."""

EXPECTED = {
    "rollbacks_count": (146, 146),
    "rollbacks_seconds": (146, 146),
    "total_seconds": (146, 146),
    "group0_delay_days": (145, 145),  # one train never got to group0's marker wiki
    "group1_delay_days": (146, 146),
    "group2_delay_days": (146, 146),
    "conductor": (141, 146),  # the other five: test_five_conductors_were_a_bot
    "patches_count": (124, 146),  # the other 22: test_the_file_has_the_patches_that_were_counted_but_for_some
    "is_failed": (146, 146),
    "recovery_seconds": (38, 38),  # those that were rolled back once, of which the record has the time
}
"""How many trains agree, of how many that have such a figure in both."""


@pytest.fixture(scope="module")
def trains_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The models of the recorded history, read by the sources from bundle and file."""
    shared = require_deployments()
    settings = settings_of_trains(
        tmp_path_factory.mktemp("trains"), shared / "wikiversions.bundle", shared / PATCHES
    )
    for source in chosen_sources(settings).values():
        source.extract(settings)
    return build_warehouse(settings)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone") / "repository"
    bundle = require_deployments() / "wikiversions.bundle"
    subprocess.run(["git", "clone", "-q", "--bare", "-b", "master", str(bundle), str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def reference(repository: Path) -> dict[str, Train]:
    return trains_of(repository)


def ours(warehouse: Warehouse) -> dict[str, dict[str, object]]:
    rows = warehouse.query(f"select version, {', '.join(FIGURES)} from trains")
    return {row[0]: dict(zip(FIGURES, row[1:], strict=True)) for row in rows}


def delivered(warehouse: Warehouse) -> dict[str, dict[str, object]]:
    rows = warehouse.query(
        f"select trains.version, {', '.join(DELIVERED.values())} from trains "
        "left join deployments on pipeline = 'train' and environment = 'production' "
        "and deployment_id = trains.version"
    )
    return {row[0]: dict(zip(DELIVERED, row[1:], strict=True)) for row in rows}


def test_all_recorded_trains_are_reproduced(
    trains_warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    known, others = ours(trains_warehouse), delivered(trains_warehouse)
    recorded = recorded_trains()
    assert {train.version for train in recorded} <= known.keys()
    table = {
        **{figure: agreement(figure, recorded, known) for figure in FIGURES},
        **{figure: agreement(figure, recorded, others) for figure in DELIVERED},
    }
    with capsys.disabled():
        lines = [f"{name:20} {same:4} of {count}" for name, (same, count) in table.items()]
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert table == EXPECTED


def agreement(
    figure: str, recorded: list[RecordedTrain], known: dict[str, dict[str, object]]
) -> tuple[int, int]:
    pairs = [(getattr(train, figure), known[train.version][figure]) for train in recorded]
    told = [(theirs, our) for theirs, our in pairs if theirs is not None and our is not None]
    return sum(theirs == our for theirs, our in told), len(told)


@pytest.mark.slow
def test_five_conductors_were_a_bot(trains_warehouse: Warehouse, reference: dict[str, Train]) -> None:
    """Where the record differs it names the bot that merges, which did most there; ours is a person."""
    known = ours(trains_warehouse)
    differing = [train for train in recorded_trains() if train.conductor != known[train.version]["conductor"]]
    assert len(differing) == 5
    for train in differing:
        assert train.conductor == BOT
        assert reference[train.version].conductor(with_bot=True) == BOT
        assert known[train.version]["conductor"] in {name for _, name in reference[train.version].forwards}


@pytest.mark.slow
def test_every_train_equals_the_second_computation(
    trains_warehouse: Warehouse, reference: dict[str, Train]
) -> None:
    expected = {
        version: {
            "rollbacks_count": len(train.rollbacks),
            "rollbacks_seconds": train.rollbacks_seconds,
            "total_seconds": train.total_seconds,
            "group0_delay_days": train.delay_days("group0"),
            "group1_delay_days": train.delay_days("group1"),
            "group2_delay_days": train.delay_days("group2"),
            "conductor": train.conductor(),
        }
        for version, train in reference.items()
    }
    assert len(expected) > 300
    assert ours(trains_warehouse) == expected


@pytest.fixture(scope="module")
def lists(trains_warehouse: Warehouse) -> Trains:
    return lists_of_trains(trains_warehouse)


@pytest.mark.slow
@pytest.mark.parametrize("table", METRICS)
def test_metrics_of_all_trains(trains_warehouse: Warehouse, lists: Trains, table: str) -> None:
    keys, columns, compute = METRICS[table]
    assert len(lists.trains) == 317
    require_equal_rows(trains_warehouse, table, keys, columns, compute(lists))


@pytest.mark.slow
@pytest.mark.parametrize("table", DORA)
def test_dora_of_all_trains(trains_warehouse: Warehouse, table: str) -> None:
    as_of = trains_warehouse.query("select as_of from int_extraction_dated")[0][0]
    check(table, Site(Installation.of(()), as_of), trains_warehouse)


def test_wikis_run_one_version_at_a_time(trains_warehouse: Warehouse, repository: Path) -> None:
    """Spans follow each other without a gap, and the open ones are the file as it is at the end."""
    broken = trains_warehouse.query(
        """
        select wiki from (
            select wiki, ended_at, lead(started_at) over by_position as next_at,
                lead(commit_position) over by_position as next_position
            from wiki_versions
            window by_position as (partition by wiki order by commit_position)
        )
        where next_position is not null and (ended_at is null or ended_at > next_at)
        """
    )
    assert broken == []
    show = ["git", "-C", str(repository), "show", "master:wikiversions.json"]
    last = subprocess.run(show, check=True, capture_output=True, text=True).stdout
    now = trains_warehouse.query("select wiki, version from wiki_versions where ended_at is null")
    assert len(now) > 900
    for wiki, version in now:
        assert f'"{wiki}": "php-{version}"' in last
    assert len(now) == last.count('"php-')


def test_all_recorded_patches_have_their_times_to_the_train(
    trains_warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their times, computed from the file and the starts of the trains that the record agrees with."""
    started = {
        version: int((started_at - datetime(1970, 1, 1)).total_seconds())
        for version, started_at in trains_warehouse.query("select version, started_at from trains")
    }
    expected = {
        (patch.version, patch.link): (
            started[patch.version] - patch.created,
            started[patch.version] - patch.submitted,
            patch.in_review_seconds,
            patch.insertions,
            patch.deletions,
            patch.comments,
        )
        for patch in recorded_patches()
    }
    rows = trains_warehouse.query(
        "select version, link, created_to_train_seconds, submitted_to_train_seconds, "
        "created_to_submitted_seconds, insertions_count, deletions_count, comments_count from patches"
    )
    found = {(row[0], row[1]): row[2:] for row in rows}
    same = sum(found.get(key) == figures for key, figures in expected.items())
    with capsys.disabled():
        sys.stdout.write(f"\npatches              {same} of {len(expected)}\n")
    assert same == len(expected) == len(found) == 57_252


def test_the_file_has_the_patches_that_were_counted_but_for_some(trains_warehouse: Warehouse) -> None:
    """In 22 trains some patches were counted whose details nobody recorded; the file never has more."""
    counts = dict(trains_warehouse.query("select version, count(*) from patches group by version"))
    missing = {train.version: train.patches_count - counts[train.version] for train in recorded_trains()}
    assert sum(count == 0 for count in missing.values()) == 124
    assert min(missing.values()) == 0


def test_a_group_without_a_delay_is_a_finding(trains_warehouse: Warehouse) -> None:
    """1.32.0-wmf.10 came to group0 from 1.32.0-wmf.999, a slip of the hand twelve days before."""
    without = {
        (version, group)
        for group in ("group0", "group1", "group2")
        for (version,) in trains_warehouse.query(
            f"select version from trains where {group}_delay_days is null and group2_delay_days is not null"
        )
    }
    details = dict(
        trains_warehouse.query(
            "select (version, regexp_extract(detail, 'group[0-9]')), detail from data_quality "
            "where finding = 'train without a group'"
        )
    )
    assert without <= details.keys()
    assert details["1.32.0-wmf.10", "group0"] == (
        "1.32.0-wmf.10 came to group0 only after something newer, but was rolled forward to a later group"
    )
