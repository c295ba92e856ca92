"""A report that is killed or finds no room leaves the one that was there, whole."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import environment

from .published import write_published

KILLS = 8
COMMANDS = {
    "html": ("report", "--format", "html", "--out"),
    "text": ("report", "--format", "text", "--out"),
}
DEMO = {"DDD_DEMO": "1"}


def start(
    home: Path, command: tuple[str, ...], out: Path, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ddd.cli", *command, str(out)],
        env=environment(home, **DEMO),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 - no threads here
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", COMMANDS)
def test_a_killed_or_starved_report_leaves_the_old_one(tmp_path: Path, form: str) -> None:
    (tmp_path / "www").mkdir()
    write_published(tmp_path / "www" / "metrics.db")
    out = tmp_path / "out" / f"report.{form}"
    began = time.monotonic()
    assert start(tmp_path, COMMANDS[form], out).wait() == 0
    usual_seconds = time.monotonic() - began
    whole = out.read_bytes()
    chance = random.Random(5)
    for _ in range(KILLS):
        process = start(tmp_path, COMMANDS[form], out)
        try:
            process.wait(chance.uniform(0.3, 1.0) * usual_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert out.read_bytes() == whole

    def starve() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    starved = start(tmp_path, COMMANDS[form], out, starve)
    said = " ".join(starved.communicate()[1].split())
    assert starved.returncode == 1
    assert "could not be written" in said
    assert "Traceback" not in said
    assert out.read_bytes() == whole
    assert start(tmp_path, COMMANDS[form], out).wait() == 0
    assert [path.name for path in out.parent.iterdir()] == [out.name]
