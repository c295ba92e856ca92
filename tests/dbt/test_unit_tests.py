"""The unit tests of the models: edge cases, each a sentence in the YAML beside the model."""

from __future__ import annotations

import yaml
from built_warehouse import Warehouse, settings_in

from ddd.settings import PROJECT_DIR
from ddd.transform import run_unit_tests


def test_every_unit_test_of_the_models_is_run_and_passes(odd_warehouse: Warehouse) -> None:
    site = settings_in(odd_warehouse.path.parent.parent, "public")
    assert site.warehouse_path == odd_warehouse.path
    files = (PROJECT_DIR / "dbt_project" / "models").rglob("*.yml")
    written = [
        test["name"] for path in files for test in yaml.safe_load(path.read_text()).get("unit_tests", [])
    ]
    assert run_unit_tests(site) == len(written) == len(set(written)) > 60
