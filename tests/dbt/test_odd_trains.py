"""Trains whose history is odd, each with a release of its own, all in one repository."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from built_warehouse import Warehouse, build_warehouse
from comparing import require_equal_findings
from recorded_trains import settings_of_trains
from reference.trains import trains_of
from train_checks import findings_of_deployments

from ddd.sources import SOURCES
from repository import Repository

HOUR = 3600
TUESDAY = datetime(2026, 1, 6, 20, tzinfo=UTC)  # one in the afternoon in Denver
EVERYTHING = ("testwiki", "mediawikiwiki", "commonswiki", "enwiki", "dewiki")

PATCHES = """\
version,link,created,submitted,insertions,deletions,total_comment_count,time_in_review
1.43.0-wmf.1,https://gerrit.example.org/r/1,2026-02-01 10:00:00,2026-02-02 10:00:00,1,0,0,
1.44.0-wmf.1,https://gerrit.example.org/r/2,2026-02-11 10:00:00,2026-02-12 10:00:00,1,0,0,
1.44.0-wmf.1,https://gerrit.example.org/r/3,yesterday,2026-02-12 10:00:00,1,0,0,
"""


def week(number: int, *, days: float = 0, hours: float = 0) -> datetime:
    return TUESDAY + timedelta(weeks=number, days=days, hours=hours)


def roll(repository: Repository, at: datetime, version: str, *wikis: str, by: str = "Ada") -> str:
    return repository.deploy(at, by=by, **dict.fromkeys(wikis, version))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("odd-trains") / "repository")
    roll(made, week(0), "1.22wmf9", *EVERYTHING)
    # the old spelling, and ten after nine
    roll(made, week(0, hours=1), "1.22wmf10", "testwiki", "mediawikiwiki")
    roll(made, week(0, days=1), "1.22wmf10", "commonswiki")
    roll(made, week(0, days=2), "1.22wmf10", "enwiki", "dewiki")
    # rolled back twice; the second time in two commits, and it is a day late
    roll(made, week(1), "1.41.0-wmf.1", "testwiki", "mediawikiwiki")
    roll(made, week(1, days=1), "1.41.0-wmf.1", "commonswiki")
    roll(made, week(1, days=1, hours=1), "1.22wmf10", "commonswiki", by="Grace")
    roll(made, week(1, days=1, hours=3), "1.41.0-wmf.1", "commonswiki", by="Grace")
    roll(made, week(1, days=2), "1.41.0-wmf.1", "enwiki", "dewiki")
    roll(made, week(1, days=2, hours=1), "1.22wmf10", "enwiki")
    roll(made, week(1, days=2, hours=2), "1.22wmf10", "dewiki", "commonswiki")
    roll(made, week(1, days=3), "1.41.0-wmf.1", "enwiki", "dewiki", "commonswiki", by="Grace")
    # abandoned: taken back from group0, and the next one comes instead
    roll(made, week(2), "1.42.0-wmf.1", "testwiki", "mediawikiwiki")
    roll(made, week(2, hours=2), "1.41.0-wmf.1", "testwiki", "mediawikiwiki")
    # week 3 has none; a wiki is added and another removed, which moves no train
    roll(made, week(4), "1.42.0-wmf.2", "testwiki", "mediawikiwiki")
    made.deploy(week(4, hours=1), newwiki="1.42.0-wmf.2", dewiki=None)
    roll(made, week(4, days=1), "1.42.0-wmf.2", "commonswiki")
    # one commit that touches two versions: forward here, back there
    made.deploy(week(4, days=2), enwiki="1.42.0-wmf.2", mediawikiwiki="1.41.0-wmf.1")
    # in the evening, when it is Wednesday in UTC already and Tuesday in Denver
    roll(made, week(4, days=5), "1.42.0-wmf.2", "mediawikiwiki")
    roll(made, week(5, hours=6), "1.43.0-wmf.1", "testwiki", "mediawikiwiki", by="jenkins-bot")
    # a typing error is no train
    roll(made, week(5, hours=7), "1.43.0.1", "testwiki")
    roll(made, week(5, hours=8), "1.43.0-wmf.1", "testwiki", by="jenkins-bot")
    made.write("not JSON", week(5, hours=9))
    roll(made, week(5, days=1), "1.43.0-wmf.1", "commonswiki", by="jenkins-bot")
    return made


@pytest.fixture(scope="module")
def warehouse(repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("odd-trains-site")
    (folder / "patches.csv").write_text(PATCHES)
    settings = settings_of_trains(folder, repository.folder, folder / "patches.csv")
    SOURCES["wikiversions"].extract(settings)
    SOURCES["gerrit"].extract(settings)
    return build_warehouse(settings)


def train(warehouse: Warehouse, version: str, *columns: str) -> tuple[Any, ...]:
    rows = warehouse.query(f"select {', '.join(columns)} from trains where version = '{version}'")
    assert len(rows) == 1
    return rows[0]


def test_there_is_a_train_for_every_version_that_was_rolled_forward(warehouse: Warehouse) -> None:
    rows = warehouse.query("select version, previous_version from trains order by version_sort_key")
    assert rows == [
        ("1.22.0-wmf.10", None),
        ("1.41.0-wmf.1", "1.22.0-wmf.10"),
        ("1.42.0-wmf.1", "1.41.0-wmf.1"),
        ("1.42.0-wmf.2", "1.42.0-wmf.1"),
        ("1.43.0-wmf.1", "1.42.0-wmf.2"),
    ]


def test_old_spellings_sort_as_numbers(warehouse: Warehouse) -> None:
    found = train(warehouse, "1.22.0-wmf.10", "roll_forwards_count", "rollbacks_count", "total_seconds")
    assert found == (3, 0, 47 * HOUR)


def test_a_version_is_rolled_back_twice(warehouse: Warehouse) -> None:
    found = train(warehouse, "1.41.0-wmf.1", "rollbacks_count", "rollbacks_seconds", "total_seconds")
    # two hours, and from the first of the two commits to the next day
    assert found == (3, 2 * HOUR + 23 * HOUR, 72 * HOUR)
    delays = train(warehouse, "1.41.0-wmf.1", "group0_delay_days", "group1_delay_days", "group2_delay_days")
    assert delays == (0, 2, 1)
    # three roll-forwards of Ada, two of Grace
    assert train(warehouse, "1.41.0-wmf.1", "conductor") == ("Ada",)


def test_an_abandoned_train_never_came_back(warehouse: Warehouse) -> None:
    found = train(
        warehouse, "1.42.0-wmf.1", "is_abandoned", "rollbacks_count", "rollbacks_seconds", "group2_at"
    )
    assert found == (True, 1, 0, None)
    assert train(warehouse, "1.42.0-wmf.2", "is_abandoned") == (False,)
    assert train(warehouse, "1.43.0-wmf.1", "is_abandoned") == (False,), "the newest may still get there"


def test_wikis_that_come_and_go_move_no_train(warehouse: Warehouse) -> None:
    rows = warehouse.query("select wiki from int_version_changes_judged where wiki = 'newwiki'")
    assert rows == []
    spans = warehouse.query("select version, started_at, ended_at from wiki_versions where wiki = 'dewiki'")
    assert spans[-1][2] == week(4, hours=1).replace(tzinfo=None)
    assert len(spans) == 5


def test_one_commit_can_go_forward_and_back(warehouse: Warehouse) -> None:
    rows = warehouse.query(
        "select is_rollback, group_name, from_version, to_version, wikis_count from train_deployments "
        f"where deployed_at = '{week(4, days=2):%Y-%m-%d %H:%M:%S}' order by is_rollback"
    )
    assert rows == [
        (False, "group2", "1.41.0-wmf.1", "1.42.0-wmf.2", 1),
        (True, "group0", "1.42.0-wmf.2", "1.41.0-wmf.1", 1),
    ]


def test_weekdays_are_those_of_the_trains_time_zone(warehouse: Warehouse) -> None:
    assert train(warehouse, "1.43.0-wmf.1", "group0_delay_days", "group0_at") == (
        0,
        datetime(2026, 2, 11, 2),
    )


def test_a_bot_is_no_conductor(warehouse: Warehouse) -> None:
    assert train(warehouse, "1.43.0-wmf.1", "conductor", "roll_forwards_count") == (None, 2)


def test_what_is_spelled_like_no_train_is_in_the_spans_only(warehouse: Warehouse) -> None:
    rows = warehouse.query("select version from wiki_versions where version_sort_key is null")
    assert rows == [("1.43.0.1",)]
    assert warehouse.query("select * from train_deployments where version = '1.43.0.1'") == []


def test_odd_trains_equal_the_second_computation(warehouse: Warehouse, repository: Repository) -> None:
    expected = {
        version: (
            len(train.forwards), len(train.rollbacks), train.rollbacks_seconds, train.total_seconds,
            train.delay_days("group0"), train.delay_days("group1"), train.delay_days("group2"),
            train.conductor(),
        )
        for version, train in trains_of(Path(repository.folder)).items()
    }  # fmt: skip
    rows = warehouse.query(
        "select version, roll_forwards_count, rollbacks_count, rollbacks_seconds, total_seconds, "
        "group0_delay_days, group1_delay_days, group2_delay_days, conductor from trains"
    )
    assert {row[0]: row[1:] for row in rows} == expected


def test_wikis_are_counted_whenever_their_number_changes(warehouse: Warehouse) -> None:
    """Counted one by one, at every time at which any wiki changed its version."""
    spans = warehouse.query("select version, started_at, ended_at from wiki_versions")
    times = sorted({time for _, *ends in spans for time in ends if time})
    expected = []
    for (version,) in warehouse.query("select version from trains"):
        before = 0
        for time in times:
            running = [one for one, start, end in spans if start <= time and (end is None or end > time)]
            if running.count(version) != before:
                before = running.count(version)
                expected.append((version, time, before, len(running)))
    found = warehouse.query("select version, changed_at, wikis_count, all_wikis_count from train_wiki_counts")
    assert sorted(found) == sorted(expected)
    assert len(found) > 20


def test_a_group_runs_what_its_marker_wiki_runs(warehouse: Warehouse) -> None:
    spans = "group_name, version, started_at, ended_at from train_group_spans"
    for group, wiki in (("group0", "mediawikiwiki"), ("group1", "commonswiki"), ("group2", "enwiki")):
        found = warehouse.query(f"select {spans} where group_name = '{group}' order by commit_position")
        assert [row[1:] for row in found] == warehouse.query(
            f"select version, started_at, ended_at from wiki_versions where wiki = '{wiki}' "
            "order by commit_position"
        )


def test_what_is_wrong_with_trains_is_found(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "select finding, object_key, detail from data_quality where is_published order by all"
    )
    assert found == [
        ("patches not asked for", "patches", "GERRIT_URL was not asked for 2 of 2 patches in the list"),
        (
            "patches of no train",
            "patches",
            "1 patch of 1 version that never started here, such as 1.44.0-wmf.1",
        ),
        ("unknown changes", "train to production", "4 of 5 deployments: nothing says what was new in them"),
        (
            "unknown version",
            "1.43.0.1",
            "1.43.0.1 ran on 1 wiki from 2026-02-11 03:00:00 on; it is spelled like no version of a train",
        ),
        (
            *("unreadable documents", "gerrit recorded_patches"),
            "1 document cannot be read; dddcli refresh and raw.quarantine say why",
        ),
        (
            *("unreadable documents", "wikiversions commits"),
            "1 document cannot be read; dddcli refresh and raw.quarantine say why",
        ),
    ]
    require_equal_findings(findings_of_deployments(warehouse), warehouse)
