"""Shell completion: what a shell is told when somebody presses Tab."""

import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import environment

SCRIPT = Path(sys.executable).with_name("dddcli")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "www").mkdir()
    with sqlite3.connect(home / "www" / "metrics.db") as published:
        published.execute("create table projects (project_phid, project_name, slug)")
        published.executemany(
            "insert into projects values (?, ?, ?)",
            [
                ("PHID-PROJ-one", "Mobile apps", "mobile-apps"),
                ("PHID-PROJ-two", "Search", "search"),
                ("PHID-PROJ-three", "2026 Q1", None),
            ],
        )
        published.execute("create table catalog_models (model_name, label)")
        published.execute("insert into catalog_models values ('metric_throughput', 'Throughput')")
    published.close()
    return home


def completions(home: Path, typed: str, **environ: str) -> list[str]:
    """What bash is offered for the last word of a line; an empty one after a blank."""
    done = subprocess.run(
        [str(SCRIPT)],
        env=environment(
            home,
            _DDDCLI_COMPLETE="complete_bash",
            COMP_WORDS=typed,
            COMP_CWORD=str(typed.count(" ")),
            **environ,
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_options_methods_and_projects_are_offered(home: Path) -> None:
    demo = {"DDD_DEMO": "1"}
    assert {"refresh", "report", "request"} == set(completions(home, "dddcli re"))
    assert "--mock" in completions(home, "dddcli metrics map --m")
    assert completions(home, "dddcli request project.") == ["project.column.search", "project.search"]
    assert completions(home, "dddcli metrics map --project m", **demo) == ["mobile-apps"]
    assert completions(home, "dddcli extract --project #s", **demo) == ["#search"]
    assert completions(home, "dddcli metrics dump --table m", **demo) == ["metric_throughput"]
    assert len(completions(home, "dddcli metrics map --project PHID-", **demo)) == 3


def test_nothing_is_offered_and_nothing_said_where_nothing_is_published(tmp_path: Path) -> None:
    assert completions(tmp_path, "dddcli metrics map --project m") == []


def test_it_can_be_installed_and_shown(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    subprocess.run(
        [str(SCRIPT), "--install-completion", "bash"], env=environ, capture_output=True, check=True
    )
    assert "dddcli" in (tmp_path / "home" / ".bashrc").read_text()
    shown = subprocess.run(
        [str(SCRIPT), "--show-completion", "zsh"], env=environ, capture_output=True, text=True, check=True
    )
    assert shlex.quote("dddcli") in shown.stdout
