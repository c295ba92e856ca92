"""`dddcli metrics cache-columns`: boards of one project or of all, in the warehouse and by name."""

import sqlite3
from pathlib import Path

import duckdb
import pytest

from command_line import dddcli as dddcli_process
from command_line import dddcli_here as dddcli
from command_line import the_one_line
from ddd.demo import DocumentStore
from ddd.settings import site_name


def query(home: Path, server: dict[str, str], sql: str) -> list[tuple[object, ...]]:
    path = home / "data" / site_name(server["CONDUIT_URL"]) / "documents.duckdb"
    with duckdb.connect(str(path), read_only=True) as documents:
        return documents.execute(sql).fetchall()


@pytest.fixture
def platform(store: DocumentStore) -> str:
    """The project that has milestones."""
    parents = [row.fields["parent"]["phid"] for row in store.projects.values() if row.fields["milestone"]]
    return str(parents[0])


def test_one_project_with_its_milestones(
    tmp_path: Path, server: dict[str, str], store: DocumentStore, platform: str
) -> None:
    said = dddcli_process(tmp_path, "metrics", "cache-columns", "--project", platform, **server)
    assert said.returncode == 0, said.stderr
    family = {platform} | {
        phid for phid, row in store.projects.items() if (row.fields["parent"] or {}).get("phid") == platform
    }
    assert len(family) > 3
    columns = {phid: row for phid, row in store.columns.items() if row.fields["project"]["phid"] in family}
    assert {key for (key,) in query(tmp_path, server, "select key from raw.phabricator_projects")} == family
    assert {key for (key,) in query(tmp_path, server, "select key from raw.phabricator_columns")} == set(
        columns
    )
    modes = query(tmp_path, server, "select stream, mode from raw.runs order by stream")
    assert modes == [("columns", "partial"), ("projects", "partial")]
    name = store.projects[platform].fields["name"]
    proxies = [row for row in columns.values() if row.fields["proxyPHID"]]
    for row in proxies:
        proxy = store.projects[row.fields["proxyPHID"]].fields
        shown = f"{name} ({proxy['name']})" if proxy["milestone"] else proxy["name"]
        assert f"│ {shown} " in said.stdout
    assert proxies
    assert f"{len(family)} projects with {len(columns)} columns" in said.stdout


def test_all_projects_and_their_names(tmp_path: Path, server: dict[str, str], store: DocumentStore) -> None:
    said = dddcli(tmp_path, "metrics", "cache-columns", **server)
    assert f"{len(store.projects)} projects with {len(store.columns)} columns" in said.stdout.replace(
        "\n", " "
    )
    path = tmp_path / "data" / site_name(server["CONDUIT_URL"]) / "phobjects.db"
    with sqlite3.connect(path) as names:
        known = dict(names.execute("select phid, name from phobjects where type = 'PROJ'").fetchall())
    names.close()
    assert known == {phid: row.fields["name"] for phid, row in store.projects.items()}


def test_a_later_extraction_finds_the_same_documents(
    tmp_path: Path, server: dict[str, str], store: DocumentStore
) -> None:
    dddcli(tmp_path, "metrics", "cache-columns", **server)
    said = dddcli(tmp_path, "extract", **server)
    assert said.returncode == 0, said.stderr
    for stream, known in (("projects", store.projects), ("columns", store.columns)):
        rows = query(tmp_path, server, f"select key from raw.phabricator_{stream}")
        assert len(rows) == len(known)


def test_an_unknown_project_is_one_line(tmp_path: Path, server: dict[str, str]) -> None:
    for project in ("nonsense", "PHID-PROJ-nonsense"):
        line = the_one_line(dddcli(tmp_path, "metrics", "cache-columns", "--project", project, **server))
        assert "knows no project" in line
        assert project in line
