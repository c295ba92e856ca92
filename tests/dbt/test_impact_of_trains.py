"""What the models say of real trains: of a change that their history tells of, and of years split at will.

Until June 2015 a version went to group 0 on a Wednesday, and to groups 1 and 2 on Tuesday and Wednesday of
the week after. "All wikis to 1.26wmf8, no new branch today per T97553", says a commit of 3 June 2015; from 9
June on each went from group 0 to all wikis between Tuesday and Thursday of one week.
"""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from built_warehouse import Warehouse, build_models
from recorded_trains import PATCHES, require_deployments, settings_of_trains

from ddd.seeds import SEEDS_DIR
from ddd.sources import chosen_sources

pytestmark = pytest.mark.proof
SPLITS = {"split-2017": "2018-01-01", "split-2019": "2020-01-06"}
ONE_WEEK = "one-week-train"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    shared, folder = require_deployments(), tmp_path_factory.mktemp("impact-of-trains")
    (folder / "own").mkdir()
    with (SEEDS_DIR / "declared_changes.csv").open(newline="") as lines:
        columns = next(csv.reader(lines))
    with (folder / "own" / "declared_changes.csv").open("w", newline="") as lines:
        changes = csv.DictWriter(lines, columns, restval="")
        changes.writeheader()
        common = {"pipelines": "train/production", "window_weeks": "52"}
        for key, day in SPLITS.items():
            changes.writerow({"change_key": key, "title": key, "started_date": day, **common})
        one_week = {"change_key": ONE_WEEK, "title": "A train a week", "started_date": "2015-06-03"}
        changes.writerow({**one_week, "settled_date": "2015-06-08", **common})
    # what group 2 is to keep to is its weekday of today
    (folder / "own" / "definition_changes.csv").write_text(
        "metric_name,changed_date,holds_for,what\n"
        "metric_train_delay,2015-06-08,later weeks,group 2 had another weekday until then\n"
    )
    settings = settings_of_trains(folder, shared / "wikiversions.bundle", shared / PATCHES)
    settings = replace(settings, settings_dir=folder / "own")
    for source in chosen_sources(settings).values():
        source.extract(settings)
    return build_models(settings)


def test_years_that_were_split_without_a_reason_have_no_verdict(warehouse: Warehouse) -> None:
    rows = warehouse.query("select change_key, verdict from metric_change_impact")
    split = {key: {verdict for other, verdict in rows if other == key} for key in SPLITS}
    assert all(found and found <= {"no evidence", "too little data"} for found in split.values())


def test_the_delay_that_grew_is_seen_beside_the_verdict(warehouse: Warehouse) -> None:
    """Alone it would count; among eight measures that nobody had named it does not."""
    ((low, high, p_value, adjusted),) = warehouse.query(
        "select difference_low, difference_high, difference_p_value, adjusted_p_value"
        " from metric_change_impact where change_key = 'split-2019' and measure = 'delay of the last group'"
    )
    assert 0 < low < high
    assert p_value < 0.05 < adjusted


def test_a_weekday_that_was_moved_is_no_gain_in_punctuality(warehouse: Warehouse) -> None:
    """The last group is hardly late any more, as figures have it: against another day than before."""
    rows = warehouse.query(
        "select measure, verdict, before_value, after_value, difference_low, difference_high,"
        f" adjusted_p_value, caveats from metric_change_impact where change_key = '{ONE_WEEK}'"
    )
    found = {row[0]: row[1:] for row in rows}
    verdict, before, after, low, high, adjusted, caveats = found.pop("delay of the last group")
    assert before > 3
    assert after < 0.5
    assert low < high < 0
    assert adjusted < 0.05
    assert verdict == "something else changed"
    assert "not measured alike: it means something else since 2015-06-08" in caveats
    assert {row[0] for row in found.values()} <= {"no evidence", "too little data"}
