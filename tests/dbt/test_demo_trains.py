"""The demo's trains, from its files to the metrics: the models against what its organisation did."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from built_warehouse import Warehouse, build_models, settings_in
from documents_file import Document, write_documents
from metric_checks import DORA, check
from reference.blockers import blockers
from reference.installation import Installation
from reference.site import Site
from train_checks import METRICS

from ddd.demo import Organisation, simulate, write_deployments
from ddd.demo.organisation.trains import Deployment
from ddd.source_settings import demo_sources
from ddd.sources import SOURCES


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return simulate(1, date(2026, 11, 24), 600)


@pytest.fixture(scope="module")
def documents(organisation: Organisation) -> list[Document]:
    return [Document(stream, text) for stream, text in _texts(organisation)]


def _texts(organisation: Organisation) -> list[tuple[str, str]]:
    streams = {
        "tasks": organisation.tasks,
        "transactions": organisation.transactions,
        "projects": organisation.projects,
        "columns": organisation.columns,
        "users": organisation.users,
        "statuses": organisation.statuses,
        "priorities": organisation.priorities,
    }
    return [(stream, text.decode()) for stream, texts in streams.items() for text in texts]


@pytest.fixture(scope="module")
def as_of(organisation: Organisation) -> datetime:
    return organisation.ended_at.astimezone(UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def warehouse(
    organisation: Organisation,
    documents: list[Document],
    as_of: datetime,
    tmp_path_factory: pytest.TempPathFactory,
) -> Warehouse:
    folder = tmp_path_factory.mktemp("demo-trains")
    write_deployments(organisation, folder / "files", seed=1)
    settings = replace(settings_in(folder, "public"), **demo_sources(folder / "files"))
    write_documents(settings, documents, as_of)
    for name in ("wikiversions", "gerrit", "delivery"):
        SOURCES[name].extract(settings)
    return build_models(settings)


@pytest.fixture(scope="module")
def installation(documents: list[Document]) -> Installation:
    return Installation.of((document.stream, document.text) for document in documents)


def effective(deployments: list[Deployment]) -> list[Deployment]:
    """What changed something: not the steps of a train that the next one has overtaken on a group, nor taking
    back what was taken back already.
    """
    newest: dict[int, Deployment] = {}
    found = []
    for one in deployments:
        last = newest.get(one.group_number)
        if last is None or one.train_task_id >= last.train_task_id:
            is_another_train = last is None or last.version != one.version
            is_change = one.action == "promote" if is_another_train else one.action != last.action
            if is_change:
                newest[one.group_number] = one
                found.append(one)
    return found


def test_rollbacks_are_those_that_the_organisation_made(
    organisation: Organisation, warehouse: Warehouse
) -> None:
    told = [one for one in organisation.deployments if one.action == "rollback"]
    happened = [one for one in effective(organisation.deployments) if one.action == "rollback"]
    assert len(told) > len(happened) > 30
    found = warehouse.query(
        "select deployed_at, version, group_name from train_deployments where is_rollback order by all"
    )
    assert found == sorted(
        (one.deployed_at.replace(tzinfo=None), one.version, f"group{one.group_number}") for one in happened
    )
    subjects = warehouse.query(
        "select count(*) from train_deployments where is_rollback and subject like 'Revert%'"
    )
    assert subjects == [(len(happened),)]


def test_every_train_took_as_long_as_the_organisation_took(
    organisation: Organisation, warehouse: Warehouse
) -> None:
    by_version: dict[str, list[Deployment]] = defaultdict(list)
    for one in effective(organisation.deployments):
        by_version[one.version].append(one)
    expected = {}
    for version, steps in by_version.items():
        forward = [one.deployed_at for one in steps if one.action == "promote"]
        back, seconds = None, 0.0
        for one in steps:
            if one.action == "rollback":
                back = back or one.deployed_at
            elif back:
                seconds += (one.deployed_at - back).total_seconds()
                back = None
        expected[version] = (
            sum(one.action == "rollback" for one in steps),
            seconds,
            (forward[-1] - forward[0]).total_seconds(),
            forward[0].replace(tzinfo=None),
        )
    rows = warehouse.query(
        "select version, rollbacks_count, rollbacks_seconds, total_seconds, started_at from trains"
    )
    assert {version: tuple(figures) for version, *figures in rows} == expected


def test_blockers(warehouse: Warehouse, installation: Installation, as_of: datetime) -> None:
    expected = {
        (one.version, one.blocker_phid, one.blocked_at, one.unblocked_at, one.how, one.blocking_seconds)
        for one in blockers(installation, int(as_of.replace(tzinfo=UTC).timestamp()), {"public"})
    }
    found = warehouse.query(
        "select version, blocker_task_phid, epoch(blocked_at)::bigint, epoch(unblocked_at)::bigint, "
        "unblocked_how, blocking_seconds from train_blockers"
    )
    assert len(found) > 50
    assert set(found) == expected


@pytest.mark.parametrize("table", [*DORA, *METRICS])
def test_metric(warehouse: Warehouse, installation: Installation, as_of: datetime, table: str) -> None:
    check(table, Site(installation, as_of), warehouse)


def test_trains_are_in_doras_measures(warehouse: Warehouse) -> None:
    rows = warehouse.query(
        "select count(*), count(*) filter (is_failed), count(*) filter (recovery_time_hours > 0), "
        "count(*) filter (changes_count > 0) from deployments where pipeline = 'train'"
    )
    trains, failed, recovered, with_changes = rows[0]
    assert trains == with_changes == warehouse.query("select count(*) from trains")[0][0]
    assert trains > failed > recovered > 10
