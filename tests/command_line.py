"""Runs the real command `dddcli` in a process of its own, apart from this machine's settings and data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ddd.settings import PROJECT_DIR


def dddcli(
    home: Path, *arguments: str, stdin: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run a command; data, published file and home folder are under `home`, and the demo is off."""
    plain = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CONDUIT_", "DDD_", "DATASETTE_"))
    }
    for folder in ("home", "www"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "ddd.cli", *arguments],
        env={
            **plain,
            "PYTHONPATH": str(PROJECT_DIR / "extract"),
            "HOME": str(home / "home"),
            "DDD_DATA_DIR": str(home / "data"),
            "DATASETTE_DIR": str(home / "www"),
            "DDD_DEMO": "0",
            "COLUMNS": "200",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
        input=stdin,
    )


def the_one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says what went wrong, of a command that failed as expected."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("dddcli: ")
    return line
