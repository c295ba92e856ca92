"""The session that users of the first Data³ know, line by line."""

from __future__ import annotations

import duckdb

from ddd.phab import Conduit, DataCache, PHIDRef, PHObject

from .loopback import TOKEN, page, success
from .test_phids import PROJECT, handle


def answer(request):
    """Three tasks in two pages, and the name of the project that they are tagged with."""
    if request.method == "phid.query":
        return success({phid: handle(phid, "Release-Engineering-Team") for phid in request.params["phids"]})
    numbers, after = ([3], None) if request.params.get("after") else ([1, 2], "2")
    return page([task(number) for number in numbers], after)


def task(number):
    return {
        "id": number,
        "type": "TASK",
        "phid": f"PHID-TASK-{number:020d}",
        "fields": {"name": f"Task {number}"},
        "attachments": {"columns": {"boards": []}, "projects": {"projectPHIDs": [PROJECT]}},
    }


def test_the_session_that_users_know(serve, monkeypatch, tmp_path):
    server = serve(answer)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONDUIT_URL", server.url)
    monkeypatch.setenv("CONDUIT_TOKEN", TOKEN)
    db = duckdb.connect(str(tmp_path / "warehouse.duckdb"))

    phab = Conduit()
    r = phab.request(
        "maniphest.search",
        {"queryKey": "KpRagEN3fCBC", "limit": "40", "attachments": {"projects": True, "columns": True}},
    )
    assert server.seen[0].params == {
        "queryKey": "KpRagEN3fCBC",
        "limit": 40,
        "attachments": {"projects": True, "columns": True},
    }
    assert r.has_more()
    assert next(iter(r)) == r[0] == r[-3]
    assert r[0]["attachments"]["projects"]["projectPHIDs"] == [PROJECT]
    assert len(r) == len(r.fetch_all()) == 3
    assert r[2] in r
    assert not r.has_more()
    assert r.next_page() == []

    phid = PHIDRef(PROJECT)
    assert repr(phid.object) == f'Project(name="", phid="{PROJECT}")'
    found = PHObject.resolve_phids(phab, DataCache(db))
    assert set(found) == {PROJECT, *(one["phid"] for one in r)}, (
        "one call for all references, of the page too"
    )
    assert repr(found[PROJECT]) == f'Project(name="Release-Engineering-Team", phid="{PROJECT}")'
    assert server.methods.count("phid.query") == 1
    assert repr(phid.object) == f'Project(name="Release-Engineering-Team", phid="{PROJECT}")'
    assert repr(phid) == f"PHIDRef('{PROJECT}', object='Release-Engineering-Team')"
    assert (str(phid), str(phid.object)) == (PROJECT, "Release-Engineering-Team")
    kept = db.execute("select name, url, status from phobjects where phid = ?", [phid]).fetchall()
    assert kept == [("Release-Engineering-Team", "https://phab.example/Release-Engineering-Team", "open")]
