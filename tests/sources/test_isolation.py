"""One source that fails is told, and stops no other."""

import json
import subprocess
from pathlib import Path

import duckdb
import pytest

from command_line import dddcli_here


def repository(folder: Path) -> Path:
    """A repository with one commit of wikiversions.json."""
    versions = json.dumps({"testwiki": "php-1.40.0-wmf.1"})
    stream = (
        "commit refs/heads/master\n"
        "committer Ann <ann@example.org> 1700000000 +0000\n"
        "data 5\nstart\n"
        f"M 100644 inline wikiversions.json\ndata {len(versions)}\n{versions}\n"
    )
    subprocess.run(["git", "init", "-q", "--bare", "-b", "master", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream.encode(), check=True)
    return folder


def test_a_source_that_fails_stops_no_other(tmp_path: Path) -> None:
    environ = {
        "MEDIAWIKI_CONFIG_REPO": str(repository(tmp_path / "config.git")),
        "CONDUIT_URL": "http://127.0.0.1:9/",
        "CONDUIT_TOKEN": "api-abcdefghijklmnopqrstuvwxyz12",
    }
    said = dddcli_here(tmp_path, "extract", **environ)
    assert said.returncode == 1
    assert "wikiversions: full" in said.stdout
    assert "127.0.0.1:9" in said.stderr
    (path,) = tmp_path.rglob("documents.duckdb")
    with duckdb.connect(str(path), read_only=True) as documents:
        commits = documents.execute("select count(*) from raw.wikiversions_commits").fetchall()
        tasks = documents.execute("select count(*) from raw.phabricator_tasks").fetchall()
    assert (commits, tasks) == ([(1,)], [(0,)])


def test_where_every_source_fails_each_says_why(tmp_path: Path) -> None:
    environ = {
        "MEDIAWIKI_CONFIG_REPO": str(tmp_path / "missing.git"),
        "CONDUIT_URL": "http://127.0.0.1:9/",
        "CONDUIT_TOKEN": "api-abcdefghijklmnopqrstuvwxyz12",
    }
    said = dddcli_here(tmp_path, "refresh", **environ)
    assert said.returncode == 1
    assert "missing.git" in said.stderr
    assert "127.0.0.1:9" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("source", ["wikiversions", "gerrit", "delivery"])
def test_a_source_of_a_new_demo_can_be_read_alone(tmp_path: Path, source: str) -> None:
    said = dddcli_here(tmp_path, "extract", source, DDD_DEMO="1", DDD_DEMO_TASKS="50")
    assert said.returncode == 0, said.stderr
    assert f"{source}: full" in said.stdout
    assert "Warning" not in said.stdout + said.stderr
