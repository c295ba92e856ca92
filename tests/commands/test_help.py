"""What the commands say of themselves: help, examples, the written reference."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import dddcli, dddcli_here
from ddd.cli import app
from ddd.commands_page import commands_in, commands_page, example_of
from ddd.settings import PROJECT_DIR

COMMANDS = dict(commands_in(app))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_an_example_of_that_command(name: str) -> None:
    assert name in example_of(COMMANDS[name])


def test_the_example_is_the_last_line_of_the_help(tmp_path: Path) -> None:
    said = dddcli(tmp_path, "extract", "--help")
    assert said.returncode == 0
    lines = [line.strip() for line in said.stdout.splitlines() if line.strip()]
    assert lines[-1] == f"Example: {example_of(COMMANDS['dddcli extract'])}"


def test_the_written_reference_is_current() -> None:
    written = (PROJECT_DIR / "docs" / "commands.md").read_text()
    assert written == commands_page(app), "docs/commands.md is not current: run `dddcli docs`"


def test_starting_loads_nothing_that_is_slow_to_load() -> None:
    program = (
        "import sys, ddd.cli; "
        "print({'dbt', 'duckdb', 'datasette', 'requests', 'pyarrow', 'msgspec'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PROJECT_DIR / "extract")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "set()"


def test_a_command_line_without_sense_is_status_2(tmp_path: Path) -> None:
    said = dddcli(tmp_path, "extract", "--no-such-option")
    assert said.returncode == 2
    assert "--no-such-option" in said.stderr
    assert "Traceback" not in said.stderr


READS_ONLY = ["version", "request", "doctor", "metrics cache-columns", "extract"]


@pytest.mark.parametrize("name", READS_ONLY)
def test_examples_run_as_they_stand_against_the_demo(tmp_path: Path, name: str) -> None:
    program, *arguments = shlex.split(example_of(COMMANDS[f"dddcli {name}"]))
    assert program == "dddcli"
    demo = {"DDD_DEMO": "1", "DDD_DEMO_TASKS": "60", "DDD_DEMO_END": "2026-01-31"}
    said = dddcli_here(tmp_path, *arguments, **demo)
    assert said.returncode == 0, said.stderr
    assert said.stdout
