"""Runs the real command `dddcli`, apart from this machine's settings and data."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from rich.console import Console

from ddd import cli
from ddd.commands import terminal
from ddd.settings import PROJECT_DIR

Done = subprocess.CompletedProcess[str]


def environment(home: Path, **environ: str) -> dict[str, str]:
    """Variables of a command whose data, published file and home are under `home`; the demo is off."""
    plain = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CONDUIT_", "DDD_", "DATASETTE_"))
    }
    (home / "home").mkdir(parents=True, exist_ok=True)
    (home / "www").mkdir(parents=True, exist_ok=True)
    return {
        **plain,
        "PYTHONPATH": str(PROJECT_DIR / "extract"),
        "HOME": str(home / "home"),
        "DDD_DATA_DIR": str(home / "data"),
        "DATASETTE_DIR": str(home / "www"),
        "DDD_DEMO": "0",
        "COLUMNS": "200",
        **environ,
    }


def dddcli(home: Path, *arguments: str, **environ: str) -> Done:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ddd.cli", *arguments],
        env=environment(home, **environ),
        capture_output=True,
        text=True,
        check=False,
    )


def dddcli_here(home: Path, *arguments: str, stdin: str = "", **environ: str) -> Done:
    """The same in this process, from the same entry: ten times as fast."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        mock.patch.dict(os.environ, environment(home, **environ), clear=True),
        mock.patch.object(sys, "argv", ["dddcli", *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO(stdin)),
        redirect_stdout(output),
        redirect_stderr(errors),
        _wide(terminal.console),
        _wide(terminal.error_console),
    ):
        try:
            cli.main()
            status: int | str | None = 0
        except SystemExit as ended:
            status = ended.code
    assert isinstance(status, int)
    for stream in (output, errors):
        stream.flush()
        stream.seek(0)
    return subprocess.CompletedProcess(arguments, status, output.read(), errors.read())


@contextmanager
def _wide(console: Console) -> Iterator[None]:
    """Consoles are made once for a process, with the width of what was run first."""
    with mock.patch.multiple(console, _width=200, _height=50):
        yield


def the_one_line(done: Done) -> str:
    """The one line that says what went wrong, of a command that failed as expected."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("dddcli: ")
    return line
