"""Say in words which figures of the demo a change moves: docs/figures.csv before and now.

    python3 .ci/figures.py BASE OUT

BASE is a commit, such as origin/main; OUT is the Markdown file to write, which is also printed. Needs nothing
but Python and git.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

FIGURES = "docs/figures.csv"
CHANGELOG = "CHANGELOG.md"
SECTION = "Numbers that move"
SHOWN = 200

Figures = dict[tuple[str, str], dict[str, str]]


def at(commit: str, path: str) -> str:
    """A file as a commit has it; empty where it has none."""
    done = subprocess.run(  # noqa: S603 - git, with what CI names
        ["git", "show", f"{commit}:{path}"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else ""


def read(text: str) -> Figures:
    """The figures by metric and column."""
    return {(row["metric"], row["column"]): row for row in csv.DictReader(io.StringIO(text))}


def differences(before: Figures, now: Figures) -> list[str]:
    """A row of the table for each number that is another one."""
    lines = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        name = f"{key[0]} | {key[1]}"
        if old is None:
            lines.append(f"| {name} | | | *new* |")
        elif new is None:
            lines.append(f"| {name} | | *gone* | |")
        else:
            moved = [what for what in new if new[what] != old.get(what)]
            lines += [f"| {name} | {what} | {old.get(what, '')} | {new[what]} |" for what in moved]
    return lines


def section_of(changelog: str) -> str:
    """What the changelog says under "Numbers that move", before the first release."""
    unreleased = changelog.partition("## Unreleased")[2].partition("\n## ")[0]
    return unreleased.partition(SECTION)[2].partition("\n### ")[0].strip()


def report(base: str) -> str:
    """The whole text."""
    before, now = read(at(base, FIGURES)), read(Path(FIGURES).read_text(encoding="utf-8"))
    if not before:
        return f"# Figures of the demo\n\n{base} has no {FIGURES} to compare with.\n"
    lines = differences(before, now)
    if not lines:
        return f"# Figures of the demo\n\nAll {len(now)} are as in {base}.\n"
    text = [
        "# Figures of the demo\n",
        f"{len(lines)} differ from {base}:\n",
        "| metric | column | of its rows | before | now |",
        "|---|---|---|---|---|",
        *lines[:SHOWN],
    ]
    if len(lines) > SHOWN:
        text.append(f"\n... and {len(lines) - SHOWN} more.")
    if section_of(at(base, CHANGELOG)) == section_of(Path(CHANGELOG).read_text(encoding="utf-8")):
        text.append(f'\n**Write in {CHANGELOG}, under "{SECTION}", what moves and why.**')
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    base_commit, out = sys.argv[1], Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(report(base_commit), encoding="utf-8")
    sys.stdout.write(out.read_text(encoding="utf-8"))
