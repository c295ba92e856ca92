"""The page on metrics is what the YAML says, whole, and the same wherever it is written."""

from pathlib import Path

import pytest
import yaml

from ddd.catalog import read_catalog
from ddd.examples import build_examples, read_examples
from ddd.figures import write_figures
from ddd.metrics_page import write_metrics_page
from ddd.settings import DEMO_SITE, PROJECT_DIR, Settings

PAGE = PROJECT_DIR / "docs" / "metrics.md"
METRICS = {
    model["name"]: model
    for path in sorted((PROJECT_DIR / "dbt_project" / "models" / "metrics").glob("*models.yml"))
    for model in yaml.safe_load(path.read_text())["models"]
    if model["name"].startswith("metric_")
}


def sections() -> dict[str, str]:
    """The text of each metric's section, by the name of its table."""
    parts = PAGE.read_text().split("\n## ")[1:]
    return {part.split("Table `")[1].split("`")[0]: part for part in parts}


def test_every_metric_has_its_section() -> None:
    assert sections().keys() == METRICS.keys()
    assert len(METRICS) >= 4


@pytest.mark.parametrize("name", METRICS)
def test_a_section_says_what_the_yaml_says(name: str) -> None:
    meta, section = METRICS[name]["config"]["meta"], " ".join(sections()[name].split())
    assert section.startswith(f"{meta['label']} **{meta['question']}**")
    for key in ("clock", "left_out", "misleads"):
        assert meta[key].strip(), f"{name} does not say meta.{key}"
        assert " ".join(meta[key].split()) in section, f"run `make docs`: meta.{key} of {name} has changed"
    for column in METRICS[name]["columns"]:
        assert f"| `{column['name']}` |" in section
    assert (PROJECT_DIR / f"dbt_project/models/metrics/{name}.sql").exists()


@pytest.mark.proof
def test_the_page_is_the_same_wherever_it_is_written(tmp_path: Path) -> None:
    """Another folder, other policies: the definitions and the examples are those of the tracked page."""
    settings = Settings(site=DEMO_SITE, data_dir=tmp_path, www_dir=tmp_path, export_policies=("users",))
    demo = build_examples(settings)
    catalog = read_catalog(demo.manifest_path)
    write_metrics_page(catalog, tmp_path / "metrics.md", read_examples(demo.warehouse_path, catalog))
    assert (tmp_path / "metrics.md").read_text() == PAGE.read_text()
    write_figures(demo.warehouse_path, catalog, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").read_text() == (PROJECT_DIR / "docs" / "figures.csv").read_text()
