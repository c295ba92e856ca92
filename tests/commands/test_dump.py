"""`dddcli metrics dump`: a published table in a pipe."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from command_line import dddcli_here as dddcli
from command_line import the_one_line
from www.sample import build_sample

DEMO = {"DDD_DEMO": "1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "www").mkdir()
    build_sample(home / "www" / "metrics.db")
    return home


def test_both_forms_hold_every_row(home: Path) -> None:
    with sqlite3.connect(home / "www" / "metrics.db") as published:
        published.row_factory = sqlite3.Row
        rows = [dict(row) for row in published.execute("select * from projects")]
    published.close()
    assert rows
    arguments = ("metrics", "dump", "--table", "projects", "--format")
    assert json.loads(dddcli(home, *arguments, "json", **DEMO).stdout) == rows
    printed = list(csv.DictReader(io.StringIO(dddcli(home, *arguments, "csv", **DEMO).stdout)))
    assert printed == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]


def test_an_unknown_table_is_one_line_that_names_the_others(home: Path) -> None:
    line = the_one_line(dddcli(home, "metrics", "dump", "--table", "nonsense; drop", **DEMO))
    assert "projects" in line


def test_nothing_published_yet(tmp_path: Path) -> None:
    line = the_one_line(dddcli(tmp_path, "metrics", "dump", "--table", "tasks", **DEMO))
    assert "dddcli export" in line
