"""What the demo's files of deployments say is what its organisation did."""

import csv
import json
import re
import subprocess
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
import requests

from ddd.demo import Organisation, write_deployments
from ddd.demo.gerrit import serve_file
from ddd.source_settings import demo_sources
from ddd.sources.gerrit.links import query_term

MARKERS = {0: "mediawikiwiki", 1: "commonswiki", 2: "enwiki"}


@pytest.fixture(scope="module")
def folder(organisation: Organisation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    write_deployments(organisation, folder, seed=1)
    return folder


def git(folder: Path, *arguments: str) -> str:
    repository = demo_sources(folder)["mediawiki_config_repo"]
    return subprocess.run(
        ["git", "-C", repository, *arguments], check=True, capture_output=True, text=True
    ).stdout


def test_the_repository_tells_the_trains(organisation: Organisation, folder: Path) -> None:
    log = git(folder, "log", "--reverse", "--format=%H %ct %s")
    commits = [line.split(" ", 2) for line in log.splitlines()]
    rollbacks = [int(at) for _, at, subject in commits if subject.startswith("Revert")]
    truth = [int(one.deployed_at.timestamp()) for one in organisation.deployments if one.action == "rollback"]
    # a week's train that was overtaken by the next one is not rolled back any more
    assert set(rollbacks) <= set(truth)
    assert len(rollbacks) >= 0.9 * len(truth)
    last = json.loads(git(folder, "show", "master:wikiversions.json"))
    for group, wiki in MARKERS.items():
        newest = [one for one in organisation.deployments if one.group_number == group][-1]
        if newest.action == "promote":
            assert last[wiki] == f"php-{newest.version}"


def test_the_same_organisation_gives_the_same_commits(
    organisation: Organisation, folder: Path, tmp_path: Path
) -> None:
    write_deployments(organisation, tmp_path, seed=1)
    assert git(tmp_path, "rev-parse", "master") == git(folder, "rev-parse", "master")


def test_patches_are_merged_before_their_train(organisation: Organisation, folder: Path) -> None:
    started: dict[str, datetime] = {}
    for one in organisation.deployments:
        started.setdefault(one.version, one.deployed_at.replace(tzinfo=None))
    with (folder / "patches.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["version"] for row in rows} == set(started)
    for row in rows:
        created, submitted = (datetime.fromisoformat(row[name]) for name in ("created", "submitted"))
        assert created <= submitted < started[row["version"]]
    assert len({row["link"] for row in rows}) == len(rows)


def test_the_server_knows_every_patch_and_the_fixes_of_rollbacks(
    organisation: Organisation, folder: Path
) -> None:
    with (folder / "patches.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = (folder / "changes.ndjson").read_text(encoding="utf-8").splitlines()
    changes = [json.loads(line) for line in lines]
    assert len({change["_number"] for change in changes}) == len(changes)
    of_commits = {change["current_revision"][:8]: change for change in changes}
    with serve_file(folder / "changes.ndjson") as url:
        for row in (rows[0], rows[-1]):
            term = query_term(row["link"])
            answer = requests.get(f"{url}changes/", {"q": f"{term} OR change:1"}, timeout=30)
            (found,) = json.loads(answer.content.removeprefix(b")]}'"))
            assert found == of_commits[term.removeprefix("commit:")]
            assert found["created"].startswith(row["created"])
            assert found["branch"] == "master"
    backports = {
        (
            change["branch"].removeprefix("wmf/"),
            change["revisions"][change["current_revision"]]["commit"]["message"],
        )
        for change in changes
        if change["branch"] != "master"
    }
    assert len(backports) + len(rows) == len(changes)
    rollbacks = [one for one in organisation.deployments if one.action == "rollback"]
    mended = {(one.version, f"T{one.blocker_task_id}") for one in rollbacks}
    named = {
        (version, re.findall(r"^Bug: (T\d+)$", message, re.MULTILINE)[0]) for version, message in backports
    }
    assert named <= mended
    assert len(named) >= 0.9 * len(mended)


def test_less_of_the_service_fails_later(folder: Path) -> None:
    lines = (folder / "deployments.ndjson").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len({row["deployment_id"] for row in rows}) == len(rows)
    failed = {row["deployment_id"] for row in rows if row["outcome"] == "failed"}
    lines = (folder / "incidents.ndjson").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["deployment_id"] for line in lines} == failed
    assert {row["repairs"] for row in rows if "repairs" in row} <= failed
    planned = [row for row in rows if not row["is_unplanned"]]
    halves = planned[: len(planned) // 2], planned[len(planned) // 2 :]
    shares = [Counter(row["outcome"] for row in half)["failed"] / len(half) for half in halves]
    assert shares[0] > shares[1] > 0
