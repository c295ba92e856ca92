"""What the models say of the real trains, split between two years without a reason."""

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


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    shared, folder = require_deployments(), tmp_path_factory.mktemp("impact-of-trains")
    (folder / "own").mkdir()
    with (SEEDS_DIR / "declared_changes.csv").open(newline="") as lines:
        columns = next(csv.reader(lines))
    with (folder / "own" / "declared_changes.csv").open("w", newline="") as lines:
        changes = csv.DictWriter(lines, columns, restval="")
        changes.writeheader()
        for key, day in SPLITS.items():
            changes.writerow(
                {
                    "change_key": key,
                    "title": key,
                    "started_date": day,
                    "pipelines": "train/production",
                    "window_weeks": "52",
                }
            )
    settings = settings_of_trains(folder, shared / "wikiversions.bundle", shared / PATCHES)
    settings = replace(settings, settings_dir=folder / "own")
    for source in chosen_sources(settings).values():
        source.extract(settings)
    return build_models(settings)


def test_years_that_were_split_without_a_reason_have_no_verdict(warehouse: Warehouse) -> None:
    rows = warehouse.query("select distinct change_key, verdict from metric_change_impact")
    assert {key for key, _ in rows} == SPLITS.keys()
    assert {verdict for _, verdict in rows} <= {"no evidence", "too little data"}


def test_the_delay_that_grew_is_seen_beside_the_verdict(warehouse: Warehouse) -> None:
    """Alone it would count; among eight measures that nobody had named it does not."""
    ((low, high, p_value, adjusted),) = warehouse.query(
        "select difference_low, difference_high, difference_p_value, adjusted_p_value"
        " from metric_change_impact where change_key = 'split-2019' and measure = 'delay of the last group'"
    )
    assert 0 < low < high
    assert p_value < 0.05 < adjusted
