"""Deployed versions from git: what each commit changed, and odd repositories."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ddd.errors import SourceError
from ddd.settings import Settings, Site
from ddd.sources import Extracted, Wanted, chosen_sources
from ddd.sources.git import Repository as Opened
from ddd.sources.wikiversions import documents as reading
from repository import Repository

START = datetime(2026, 1, 6, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def settings(tmp_path: Path, repository: Repository) -> Settings:
    return Settings(
        Site("deployments", "", ""),
        data_dir=tmp_path / "data",
        lock_wait_seconds=0,
        mediawiki_config_repo=str(repository.folder),
    )


def extract(settings: Settings, wanted: Wanted | None = None) -> Extracted:
    return chosen_sources(settings)["wikiversions"].extract(settings, wanted or Wanted())


def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.documents_path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def documents(settings: Settings) -> dict[str, dict[str, Any]]:
    """The newest document of each commit that is not gone."""
    gone = {
        key
        for key, is_visible in query(
            settings,
            "select key, arg_max(is_visible, batch) from raw.visibility_changes "
            "where source = 'wikiversions' group by key",
        )
        if not is_visible
    }
    rows = query(settings, "select key, document from raw.wikiversions_commits order by batch, rowid")
    return {key: json.loads(text) for key, text in rows if key not in gone}


def changes(settings: Settings, commit: str) -> list[tuple[str | None, str | None, list[str]]]:
    return [(one["old"], one["new"], one["wikis"]) for one in documents(settings)[commit]["changes"]]


def test_each_commit_says_who_when_and_what(repository: Repository, settings: Settings) -> None:
    first = repository.deploy(at(0), enwiki="1.40.0-wmf.1", testwiki="1.40.0-wmf.1")
    second = repository.deploy(at(1), by="Grace", testwiki="1.40.0-wmf.2", newwiki="1.40.0-wmf.2")
    third = repository.deploy(at(2), by="Grace", newwiki=None)
    done = extract(settings)
    assert (done.mode, done.fetched, done.changed_count) == ("full", {"commits": 3}, 3)
    found = documents(settings)
    assert list(found) == [first, second, third]
    assert changes(settings, first) == [(None, "php-1.40.0-wmf.1", ["enwiki", "testwiki"])]
    assert changes(settings, second) == [
        (None, "php-1.40.0-wmf.2", ["newwiki"]),
        ("php-1.40.0-wmf.1", "php-1.40.0-wmf.2", ["testwiki"]),
    ]
    assert changes(settings, third) == [("php-1.40.0-wmf.2", None, ["newwiki"])]
    about = found[second]
    assert (about["author"], about["committer"], about["subject"]) == ("Grace", "Grace", "Deploy")
    assert about["parents"] == [first]
    assert about["committed_at"] == int(at(1).timestamp())
    assert [one["position"] for one in found.values()] == [1, 2, 3]
    assert "@" not in json.dumps(found)


def test_a_second_run_reads_only_what_is_new(repository: Repository, settings: Settings) -> None:
    repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    extract(settings)
    again = extract(settings)
    assert (again.mode, again.fetched, again.changed_count) == ("incremental", {"commits": 0}, 0)
    new = repository.deploy(at(1), enwiki="1.40.0-wmf.2")
    assert extract(settings).fetched == {"commits": 1}
    assert changes(settings, new) == [("php-1.40.0-wmf.1", "php-1.40.0-wmf.2", ["enwiki"])]
    full = extract(settings, Wanted(full=True))
    assert (full.mode, full.fetched, full.changed_count) == ("full", {"commits": 2}, 0)


def test_a_rewritten_history_is_read_again(repository: Repository, settings: Settings) -> None:
    first = repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    dropped = repository.deploy(at(1), enwiki="1.40.0-wmf.2")
    extract(settings)
    repository.git("reset", "--quiet", "--hard", first)
    new = repository.deploy(at(2), enwiki="1.40.0-wmf.3")
    done = extract(settings)
    assert (done.gone_count, done.changed_count) == (1, 1)
    assert list(documents(settings)) == [first, new]
    assert changes(settings, new) == [("php-1.40.0-wmf.1", "php-1.40.0-wmf.3", ["enwiki"])]
    repository.git("reset", "--quiet", "--hard", dropped)
    assert extract(settings).again_count == 1
    assert list(documents(settings)) == [first, dropped]


def test_a_file_that_is_no_list_of_versions_is_quarantined(
    repository: Repository, settings: Settings
) -> None:
    first = repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    broken = [
        repository.write('{"enwiki": "php-1.40.0-wmf.2",}', at(1)),
        repository.write('["enwiki"]', at(2)),
        repository.write('{"enwiki": 7}', at(3)),
    ]
    good = repository.deploy(at(4), enwiki="1.40.0-wmf.2")
    done = extract(settings)
    assert list(documents(settings)) == [first, good]
    assert changes(settings, good) == [("php-1.40.0-wmf.1", "php-1.40.0-wmf.2", ["enwiki"])]
    rows = query(settings, "select key, reason from raw.quarantine where resolved_at is null")
    assert {key for key, _ in rows} == set(broken)
    assert sum("is not JSON" in reason for _, reason in rows) == 1
    assert sum("not a list of versions by wiki" in reason for _, reason in rows) == 2
    assert any("3 documents of wikiversions cannot be read" in warning for warning in done.warnings)
    assert extract(settings).fetched == {"commits": 0}
    repository.git("reset", "--quiet", "--hard", first)
    extract(settings)
    assert query(settings, "select * from raw.quarantine where resolved_at is null") == []


def test_a_merge_is_one_change_of_its_branch(repository: Repository, settings: Settings) -> None:
    first = repository.deploy(at(0), enwiki="1.40.0-wmf.1", testwiki="1.40.0-wmf.1")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.deploy(at(1), by="Grace", testwiki="1.40.0-wmf.2")
    repository.deploy(at(2), by="Grace", testwiki="1.40.0-wmf.3")
    repository.git("checkout", "--quiet", "master")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "side", at=at(3), by="Ada")
    merge = repository.git("rev-parse", "HEAD")
    extract(settings)
    assert list(documents(settings)) == [first, merge]
    assert changes(settings, merge) == [("php-1.40.0-wmf.1", "php-1.40.0-wmf.3", ["testwiki"])]


def test_an_empty_repository_has_no_deployments(repository: Repository, settings: Settings) -> None:
    done = extract(settings)
    assert done.fetched == {"commits": 0}
    assert any("no commit yet" in warning for warning in done.warnings)
    repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    assert extract(settings).fetched == {"commits": 1}


def test_a_killed_run_is_finished(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE_COMMITS", 2)
    for number in range(1, 6):
        repository.deploy(at(number), enwiki=f"1.40.0-wmf.{number}")
    real, calls = Opened.contents, []

    def dying(self: Opened, *arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, *arguments)

    monkeypatch.setattr(Opened, "contents", dying)
    with pytest.raises(KeyboardInterrupt):
        extract(settings)
    monkeypatch.undo()
    done = extract(settings)
    assert done.fetched == {"commits": 1}
    assert len(documents(settings)) == 5


@pytest.mark.parametrize("form", ["bundle", "url", "bare"])
def test_repositories_of_every_form_give_the_same(
    repository: Repository, settings: Settings, tmp_path: Path, form: str
) -> None:
    repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    repository.deploy(at(1), enwiki="1.40.0-wmf.2")
    where = {
        "bundle": str(tmp_path / "history.bundle"),
        "url": f"file://{repository.folder}",
        "bare": str(tmp_path / "bare.git"),
    }[form]
    repository.git("bundle", "create", "--quiet", str(tmp_path / "history.bundle"), "master")
    repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    extract(settings)
    expected = documents(settings)
    other = replace(settings, data_dir=tmp_path / "other", mediawiki_config_repo=where)
    extract(other)
    assert documents(other) == expected
    if form == "url":
        clone = other.site_dir / "repositories" / "wikiversions.git"
        assert list(clone.glob("objects/pack/*.promisor")), "the server permits a clone without contents"
        new = repository.deploy(at(2), enwiki="1.40.0-wmf.3")
        assert extract(other).fetched == {"commits": 1}
        assert changes(other, new) == [("php-1.40.0-wmf.2", "php-1.40.0-wmf.3", ["enwiki"])]


@pytest.mark.parametrize("setting", ["log.showRoot=false", "log.follow=true", "log.showSignature=true"])
def test_a_users_own_settings_of_git_change_nothing(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    first = repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    second = repository.deploy(at(1), enwiki="1.40.0-wmf.2")
    key, _, value = setting.partition("=")
    for name, text in {"COUNT": "1", "KEY_0": key, "VALUE_0": value}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", text)
    extract(settings)
    assert changes(settings, first) == [(None, "php-1.40.0-wmf.1", ["enwiki"])]
    assert changes(settings, second) == [("php-1.40.0-wmf.1", "php-1.40.0-wmf.2", ["enwiki"])]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("{tmp}/nowhere", "does not exist"),
        ("{tmp}", "is not a git repository"),
        ("{tmp}/file", "could not read"),
        ("https://ada:secret@git.example.org/config", "holds a password"),
        ("http://127.0.0.1:9/config.git", "could not read"),
    ],
)
def test_a_repository_that_is_none_is_one_clear_line(
    settings: Settings, tmp_path: Path, where: str, message: str
) -> None:
    (tmp_path / "file").write_text("not a bundle")
    with pytest.raises(SourceError, match=message) as caught:
        extract(replace(settings, mediawiki_config_repo=where.format(tmp=tmp_path)))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_a_repository_without_the_file_is_named(repository: Repository, settings: Settings) -> None:
    (repository.folder / "README").write_text("Nothing here")
    repository.git("add", "README")
    repository.git("commit", "--quiet", "--message", "Begin", at=at(0))
    with pytest.raises(SourceError, match=r"has no file wikiversions\.json, and never had one"):
        extract(settings)


def test_a_shallow_clone_is_refused(repository: Repository, settings: Settings, tmp_path: Path) -> None:
    repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    repository.deploy(at(1), enwiki="1.40.0-wmf.2")
    shallow = tmp_path / "shallow"
    command = ["git", "clone", "--quiet", "--depth", "1", f"file://{repository.folder}", str(shallow)]
    subprocess.run(command, check=True)
    with pytest.raises(SourceError, match="shallow clone"):
        extract(replace(settings, mediawiki_config_repo=str(shallow)))


def test_without_git_it_says_so(
    repository: Repository, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.deploy(at(0), enwiki="1.40.0-wmf.1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError, match="git is not installed"):
        extract(settings)
