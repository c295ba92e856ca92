"""What CI runs: the files of both services name what there is, and moved figures are put in words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ddd.settings import PROJECT_DIR

FIGURES = PROJECT_DIR / ".ci" / "figures.py"
HEAD = "metric,column,unit,rows,values,lowest,highest,sum\n"
BEFORE = (
    HEAD
    + "metric_a,days,days,10,9,0,4,20\nmetric_a,tasks_count,tasks,10,10,1,2,15\nmetric_old,x,,1,1,1,1,1\n"
)
NOW = (
    HEAD
    + "metric_a,days,days,10,9,0,5,21.5\nmetric_a,tasks_count,tasks,10,10,1,2,15\nmetric_new,x,,1,1,1,1,1\n"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "figures.csv").write_text(BEFORE)
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n### Numbers that move\n\n* none\n"
    )
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=before"]):
        git(tmp_path, *words)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True)


def said(repository: Path, base: str = "HEAD") -> str:
    done = subprocess.run(
        [sys.executable, str(FIGURES), base, "out/figures.md"],
        cwd=repository, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (repository / "out" / "figures.md").read_text() == done.stdout
    return done.stdout


def test_moved_figures_are_put_in_words_and_asked_for_in_the_changelog(repository: Path) -> None:
    assert "All 3 are as in HEAD." in said(repository)
    (repository / "docs" / "figures.csv").write_text(NOW)
    text = said(repository)
    assert "4 differ from HEAD" in text
    assert "| metric_a | days | highest | 4 | 5 |" in text
    assert "| metric_a | days | sum | 20 | 21.5 |" in text
    assert "| metric_new | x | | | *new* |" in text
    assert "| metric_old | x | | *gone* | |" in text
    assert "tasks_count" not in text
    assert 'Write in CHANGELOG.md, under "Numbers that move"' in text
    changelog = repository / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("* none", "* days are longer"))
    assert "Write in" not in said(repository)
    assert "has no docs/figures.csv" in said(repository, "no-such-commit")


def commands_of(node: Any) -> list[str]:
    """All texts of a file that are run."""
    if isinstance(node, dict):
        return [
            line
            for key, value in node.items()
            for line in (
                str(value).splitlines()
                if key == "run"
                else [str(each) for each in value]
                if key in {"script", "before_script"}
                else commands_of(value)
            )
        ]
    return [line for each in node for line in commands_of(each)] if isinstance(node, list) else []


@pytest.mark.parametrize("name", [".gitlab-ci.yml", ".github/workflows/ci.yml"])
def test_what_a_service_runs_is_there(name: str) -> None:
    text = (PROJECT_DIR / name).read_text(encoding="utf-8")
    commands = commands_of(yaml.safe_load(text))
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_DIR / "Makefile").read_text(), re.MULTILINE))
    made = {target for line in commands for target in re.findall(r"^make ([a-z-]+)", line)}
    assert {"refresh", "reports"} <= made <= targets
    assert any(".ci/run" in line for line in commands)
    named = re.findall(r"[\w./-]+(?:\.lock|lock\.json)\b", text)
    assert named
    assert [path for path in named if not (PROJECT_DIR / path).is_file()] == []
    assert "artifacts/report" in text
    assert "artifacts/dbt-docs" in text


def test_the_script_of_ci_is_sound() -> None:
    subprocess.run(["bash", "-n", str(PROJECT_DIR / ".ci" / "run")], check=True)
