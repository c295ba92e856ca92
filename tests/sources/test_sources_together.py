"""Several sources in one refresh: what they bring fits together, and those that fail harm no other."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_site import small_site

from command_line import Done, dddcli
from ddd.demo.endpoint import DocumentStore, serve
from emulated_gerrit import MAIL, EmulatedGerrit

TOKEN = "api-abcdefghijklmnopqrstuvwxyz12"
TRAIN = "1.40.0-wmf.1"
LIST = f"""version,link,created,submitted,insertions,deletions,total_comment_count
{TRAIN},https://gerrit.example.org/r/#/q/3dd47890
{TRAIN},2
{TRAIN},404,2023-11-20 10:00:00,2023-11-21 10:00:00,9,9,0
"""
DELIVERED = """deployment_id,deployed_at,pipeline,outcome
17,2026-03-04T10:00:00Z,shop,success
"""
START = int(datetime(2023, 11, 28, 15, tzinfo=UTC).timestamp())


@dataclass
class Sources:
    """A Phabricator, a Gerrit, a repository and two files, and what a user sets to read them."""

    folder: Path
    store: DocumentStore
    gerrit: EmulatedGerrit
    variables: dict[str, str] = field(default_factory=dict)

    def published(self, sql: str, file: str = "train.db") -> list[tuple[Any, ...]]:
        """Ask what was published."""
        with sqlite3.connect(f"file:{self.folder}/www/{file}?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """All sources, read once while they were well, and nothing built yet."""
    folder = tmp_path_factory.mktemp("together")
    here = Sources(folder, small_site(3), EmulatedGerrit())
    for task_id, subtype in ((1, "bug"), (2, "default"), (3, "error")):
        here.store.edit_task(task_id, at=1_700_100_000, subtype=subtype)
    here.store.edit_task(3, at=1_700_100_000, policy={"view": "users", "edit": "users", "interact": "users"})
    _fill(here.gerrit)
    (folder / "patches.csv").write_text(LIST)
    (folder / "deployments.csv").write_text(DELIVERED)
    with serve(here.store) as conduit, here.gerrit.serve() as gerrit:
        here.variables = {
            "CONDUIT_URL": conduit,
            "CONDUIT_TOKEN": TOKEN,
            "MEDIAWIKI_CONFIG_REPO": str(_repository(folder / "config.git")),
            "GERRIT_URL": gerrit,
            "GERRIT_PATCHES_FILE": str(folder / "patches.csv"),
            "DELIVERY_FILE": str(folder / "deployments.csv"),
        }
        done = dddcli(folder, "extract", **here.variables)
        assert done.returncode == 0, done.stdout + done.stderr
        yield here


@pytest.fixture(scope="module")
def refreshed(sources: Sources) -> Done:
    """A refresh in which all but Phabricator fail, each in its own way."""
    (sources.folder / "misspelt.csv").write_text(LIST.replace("submitted", "merged"))
    sources.gerrit.troubles = [(200, "text/html", b"<title>Sign in</title>")]
    (sources.folder / "deployments.csv").write_text(DELIVERED.replace("deployed_at", "deployed"))
    sources.store.edit_task(2, at=1_700_200_000, name="Changed meanwhile")
    gone = {
        "MEDIAWIKI_CONFIG_REPO": str(sources.folder / "missing.git"),
        "GERRIT_PATCHES_FILE": str(sources.folder / "misspelt.csv"),
    }
    return dddcli(sources.folder, "refresh", **{**sources.variables, **gone})


def _fill(gerrit: EmulatedGerrit) -> None:
    commit = "3dd47890" + "a" * 32
    people = [
        {"_account_id": number, "name": name, "email": MAIL} for number, name in ((7, "Ada"), (8, "Bob"))
    ]
    early = {"branch": "master", "created": "2023-11-20 10:00:00.000000000"}
    gerrit.add(1, "2023-11-21 10:00:00", commit=commit, owner=people[0], **early)
    gerrit.add(2, "2023-11-22 10:00:00", owner=people[1], project="mediawiki/extensions/A", **early)
    footers = "Bug: T1\nBug: T2\nBug: T3\nChange-Id: I3\n"
    gerrit.add(3, "2023-11-29 10:00:00", TRAIN, owner=people[0], message=f"Mend it\n\nT1 again\n\n{footers}")
    gerrit.add(4, "2023-11-29 10:00:00", TRAIN, owner=people[0], status="NEW", message="Try\n\nBug: T1\n")


def _repository(folder: Path) -> Path:
    stream = "".join(
        f"commit refs/heads/master\ncommitter Ann <ann@example.org> {at} +0000\ndata 5\nstart\n"
        f"M 100644 inline wikiversions.json\ndata {len(versions)}\n{versions}\n"
        for at, version in ((START - 604_800, "1.40.0-wmf.0"), (START, TRAIN))
        for versions in (json.dumps({"testwiki": f"php-{version}"}),)
    )
    subprocess.run(["git", "init", "-q", "--bare", "-b", "master", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream.encode(), check=True)
    return folder


def test_each_source_that_fails_is_one_clear_line(refreshed: Done) -> None:
    said = refreshed.stdout + refreshed.stderr
    assert refreshed.returncode == 1, said
    assert "Traceback" not in said
    failed = [line for line in said.splitlines() if line.startswith("Failed:")]
    assert len(failed) == 3, said
    for name, told in (
        ("wikiversions", "missing.git"),
        ("gerrit", "has no column submitted, time_in_review, but merged"),
        ("gerrit", "is no Gerrit server: it answered 'Sign in'"),
        ("delivery", "deployed_at"),
    ):
        assert any(line.startswith(f"Failed: {name}: ") and told in line for line in failed), (told, failed)


def test_the_others_are_published(refreshed: Done, sources: Sources) -> None:
    titles = sources.published("select title from tasks where task_id = 2", "metrics.db")
    assert (refreshed.returncode, titles) == (1, [("Changed meanwhile",)])


def test_nothing_that_was_landed_is_lost(refreshed: Done, sources: Sources) -> None:
    assert refreshed.returncode == 1
    deployments = sources.published("select deployment_id from deployments where pipeline = 'shop'")
    trains = sources.published("select version, started_at from trains")
    assert (deployments, trains) == ([("17",)], [(TRAIN, "2023-11-28T15:00:00Z")])


@pytest.mark.usefixtures("refreshed")
def test_patches_are_told_by_list_and_server(sources: Sources) -> None:
    patches = sources.published(
        "select link, project, owner_name, insertions_count, is_backport, submitted_at "
        "from patches order by 6, 1"
    )
    address, *of_backport = patches.pop()
    assert patches == [
        ("404", None, None, 9, 0, "2023-11-21T10:00:00Z"),
        ("https://gerrit.example.org/r/#/q/3dd47890", "mediawiki/core", "Ada", 3, 0, "2023-11-21T10:00:00Z"),
        ("2", "mediawiki/extensions/A", "Bob", 3, 0, "2023-11-22T10:00:00Z"),
    ]
    assert of_backport == ["mediawiki/core", "Ada", 3, 1, "2023-11-29T10:00:00Z"]
    assert address.endswith("/r/c/mediawiki/core/+/3")


@pytest.mark.usefixtures("refreshed")
def test_authors_are_counted_per_train(sources: Sources) -> None:
    assert sources.published(
        "select patches_count, backports_count, patch_authors_count from metric_train_patches "
        f"where version = '{TRAIN}'"
    ) == [(3, 1, 2)]


@pytest.mark.usefixtures("refreshed")
def test_only_a_public_bug_has_escaped(sources: Sources) -> None:
    assert sources.published(
        "select version, task_id, subtype, fixes_count, fixed_at, substr(link, -21) from bugs"
    ) == [(TRAIN, 1, "bug", 1, "2023-11-29T10:00:00Z", "/c/mediawiki/core/+/3")]


@pytest.mark.usefixtures("refreshed")
def test_no_address_is_published(sources: Sources) -> None:
    published = [path for path in (sources.folder / "www").rglob("*") if path.is_file()]
    assert {path.name for path in published} >= {"metrics.db", "train.db"}
    for path in published:
        assert MAIL.encode() not in path.read_bytes(), path
