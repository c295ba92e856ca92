"""Every metric of the recorded installation against the slow and obvious computation."""

from __future__ import annotations

import pytest
from built_warehouse import Warehouse
from comparing import require_equal_findings, require_equal_work
from metric_checks import CHECKS, check
from reference.findings import findings
from reference.installation import Installation
from reference.metrics.cumulative_flow import cumulative_flow
from reference.roles import seed
from reference.site import Site
from train_checks import findings_of_deployments

from recorded import RECORDED_AT


@pytest.fixture(scope="module")
def site(recorded_installation: Installation) -> Site:
    return Site(recorded_installation, RECORDED_AT, policies=("public", "users"))


def test_started_and_closed(
    recorded_warehouse: Warehouse, recorded_installation: Installation, site: Site
) -> None:
    require_equal_work(recorded_installation, recorded_warehouse)
    assert sum(task.cycle_time_days is not None for task in site.work["all"]) > 100


@pytest.mark.parametrize("table", CHECKS)
def test_metric(recorded_warehouse: Warehouse, site: Site, table: str) -> None:
    check(table, site, recorded_warehouse)


def test_findings(recorded_warehouse: Warehouse, site: Site) -> None:
    expected = findings(site, [], {}, seed("column_roles"), took_seconds=1)
    require_equal_findings(expected | findings_of_deployments(recorded_warehouse), recorded_warehouse)


def test_there_is_something_to_compare(site: Site) -> None:
    flow = cumulative_flow(site)
    assert len(flow) > 50
    assert sum(column == "closed" for _, column in flow) > 10
    assert len({of_slice for task in site.work["all"] for of_slice in task.slices}) > 10
