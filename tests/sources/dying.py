"""Runs an extraction in a process of its own that kills itself, with SIGKILL, at a chosen moment.

Moments are counted: before each file that is renamed or removed, and before each statement to DuckDB. So
every step of fetching, landing and recording can be the last one.

    python dying.py DATA_DIR URL MOMENT SITE [sweep|full]
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from ddd.settings import PROJECT_DIR, Settings, Site
from ddd.sources import Wanted, phabricator

_FILE_EVENTS = {"os.rename", "os.remove"}


def extract_and_die(settings: Settings, moment: int, *, sweep: bool = False, full: bool = False) -> int:
    """Extract until a moment; how many moments there were is returned, where it was finished before."""
    wanted = "sweep" if sweep else "full" if full else ""
    site = settings.site
    done = subprocess.run(
        [sys.executable, __file__, str(settings.data_dir), site.url, str(moment), site.name, wanted],
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR / "extract")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return int(done.stdout) if done.stdout else 0


def _main(data_dir: str, url: str, moment: str, site: str, wanted: str) -> None:
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1
        if counted == int(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, _: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS:
            count()

    def profile(_: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and getattr(called, "__name__", "") == "execute":
            count()

    settings = Settings(
        Site(site, url, "api-test"), data_dir=Path(data_dir), lock_wait_seconds=5, connections=2
    )
    sys.addaudithook(audit)
    sys.setprofile(profile)
    phabricator.extract(settings, Wanted(sweep=wanted == "sweep", full=wanted == "full"))
    sys.setprofile(None)
    sys.stdout.write(str(counted))


if __name__ == "__main__":
    _main(*sys.argv[1:])
