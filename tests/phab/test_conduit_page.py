"""`docs/conduit.md` shows every public name, and every example in it gives what it says."""

from __future__ import annotations

import ast
import doctest
import json
import re
from datetime import date
from pathlib import Path

import pytest

import ddd.phab
from ddd.demo import organisation_store, serve, simulate
from ddd.demo.endpoint.methods import Methods
from ddd.settings import PROJECT_DIR

PAGE = Path(PROJECT_DIR) / "docs" / "conduit.md"
TOKEN = "api-of-the-simulated-organisation"[:32]


def blocks() -> list[doctest.DocTest]:
    """The page's examples, with the line that each begins at."""
    text = PAGE.read_text()
    parser = doctest.DocTestParser()
    return [
        parser.get_doctest(found[1], {}, PAGE.name, str(PAGE), text[: found.start(1)].count("\n"))
        for found in re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    ]


@pytest.fixture
def surroundings(monkeypatch, tmp_path):
    """A server, its settings and an empty folder, as the page says."""
    store = organisation_store(simulate(seed=1, end_at=date(2026, 11, 1), tasks=60))
    store.token = TOKEN
    _let_it_be_edited(monkeypatch)
    with serve(store) as url:
        monkeypatch.setenv("CONDUIT_URL", url)
        monkeypatch.setenv("CONDUIT_TOKEN", TOKEN)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        yield


def _let_it_be_edited(monkeypatch):
    """The simulated server is for reading: here it answers `maniphest.edit` as a recorded server did."""
    require, call = Methods.require, Methods.call
    recorded = {
        "object": {"id": 5, "phid": "PHID-TASK-npr6wit4wxkdmpc5ad6s"},
        "transactions": [{"phid": "PHID-XACT-TASK-wk456tw2apxlbly"}],
    }
    answer = json.dumps({"result": recorded, "error_code": None, "error_info": None}).encode()

    def is_edit(name):
        return name == "maniphest.edit"

    monkeypatch.setattr(Methods, "require", lambda self, name: is_edit(name) or require(self, name))
    monkeypatch.setattr(
        Methods, "call", lambda self, name, request: answer if is_edit(name) else call(self, name, request)
    )


def test_every_example_gives_what_it_says(surroundings):
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    for block in blocks():
        block.globs = names  # the page is one session
        runner.run(block, out=said.append, clear_globs=False)
    assert runner.summarize(verbose=False).attempted > 60
    assert said == [], "".join(said)


def test_every_public_name_has_an_example():
    used: set[str] = set()
    for block in blocks():
        tree = ast.parse("".join(example.source for example in block.examples))
        imported = {id(one) for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
        used |= {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and id(one) not in imported}
    assert set(ddd.phab.__all__) - used == set()


def test_every_way_to_ask_is_shown():
    shown = "".join(example.source for block in blocks() for example in block.examples)
    ways = [name for name in dir(ddd.phab.Conduit) if not name.startswith("_")]
    assert [name for name in ways if not re.search(rf"\.{name}\b", shown)] == []
