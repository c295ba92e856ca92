"""`dddcli impact`: what came of declared changes, for people and as JSON."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from command_line import dddcli_here as dddcli
from command_line import the_one_line
from www.sample import build_sample
from www.sample_impact import LIMITS, RETREAT, TRAINS

DEMO = {"DDD_DEMO": "1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "www").mkdir()
    build_sample(home / "www" / "metrics.db", tasks_count=30)
    return home


def test_one_change_is_told_in_words_and_figures(home: Path) -> None:
    done = dddcli(home, "impact", "--change", LIMITS, **DEMO)
    assert done.returncode == 0
    said = (
        "Median cycle time went down from 12.4 to 7.4 days (−40 %; 95 % interval −6.5 to −3.1 days): better."
    )
    assert said in done.stdout
    assert "No evidence that anything else changed: closed tasks." in done.stdout
    assert "To mind: Few weeks." in done.stdout
    row = next(line for line in done.stdout.splitlines() if "median cycle time" in line)
    for cell in ("better", "12.4 days", "7.4 days", "−5 days", "−6.5 to −3.1 days", "0.008"):
        assert cell in row
    assert "No meetings" not in done.stdout


def test_json_has_every_figure_of_every_change(home: Path) -> None:
    rows = json.loads(dddcli(home, "impact", "--format", "json", **DEMO).stdout)
    with sqlite3.connect(home / "www" / "metrics.db") as published:
        published.row_factory = sqlite3.Row
        expected = [dict(row) for row in published.execute("select * from metric_change_impact")]
    published.close()

    def key(row: dict[str, str]) -> tuple[str, ...]:
        return row["change_key"], row["subject_key"], row["measure"]

    assert [row["change_key"] for row in rows][:1] == [LIMITS], "the newest first"
    found = [{name: row[name] for name in expected[0]} for row in rows]
    assert sorted(found, key=key) == sorted(expected, key=key)
    assert {row["subject"] for row in rows if row["change_key"] == RETREAT} == {
        "the whole site",
        "train/production",
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--change", "nothing; drop"), "There is no declared change 'nothing; drop'. There are "),
        (("--change", TRAINS), "Nothing was measured around the change small-trains yet"),
        (("--at", "2.3.2026", "--metric", "closed tasks"), "'2.3.2026' is no day. Write it as 2026-01-31"),
        (
            ("--at", "2026-03-02", "--metric", "happiness"),
            "'happiness' is no measure. There are closed tasks",
        ),
        (
            ("--at", "2026-03-02", "--metric", "Closed Tasks", "--project", "#nosuch"),
            "There is no project 'nosuch'",
        ),
    ],
)
def test_what_cannot_be_told_is_one_line(home: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in the_one_line(dddcli(home, "impact", *arguments, **DEMO))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--metric", "closed tasks"), "--at"),
        (("--at", "2026-03-02"), "--metric"),
        (("--at", "2026-03-02", "--change", LIMITS), "not both"),
        (("--at", "2026-03-02", "--metric", "closed tasks", "--weeks", "2"), "greater than or equal to 4"),
    ],
)
def test_what_makes_no_sense_is_refused(home: Path, arguments: tuple[str, ...], says: str) -> None:
    done = dddcli(home, "impact", *arguments, **DEMO)
    assert done.returncode == 2
    assert says in done.stderr


def test_nothing_published_or_declared_yet(home: Path, tmp_path: Path) -> None:
    assert "dddcli export" in the_one_line(dddcli(tmp_path, "impact", **DEMO))
    path = build_sample(tmp_path / "www" / "metrics.db", tasks_count=30)
    with sqlite3.connect(path) as published:
        published.execute("delete from process_changes")
    published.close()
    assert "docs/impact.md says how to begin" in dddcli(tmp_path, "impact", **DEMO).stdout
    line = the_one_line(dddcli(tmp_path, "impact", "--change", LIMITS, **DEMO))
    assert "None was declared" in line
