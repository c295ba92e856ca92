"""Runs Node's programs: with a time limit, in a process group of their own, without our secrets."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ddd.errors import ReportError

NODE_LEAST = 18
_NODE_REMEDY = (
    f"Install Node.js {NODE_LEAST} or newer with npm (https://nodejs.org), or write the report as one file "
    "without it: dddcli report --format html"
)


def check_node(search_path: str | None = None) -> str:
    """The version of Node, which is new enough and has npm.

    Args:
        search_path: Folders to look in, the process's own PATH where none are given.

    Raises:
        ReportError: There is no Node or npm, or it is too old.
    """
    node, npm = (shutil.which(name, path=search_path) for name in ("node", "npm"))
    if not node or not npm:
        raise ReportError(
            f"The report site needs {'Node.js' if not node else 'npm'}, which is not installed", _NODE_REMEDY
        )
    try:
        answer = subprocess.run(  # noqa: S603 (a program found on PATH)
            [node, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
        version = answer.stdout.strip().removeprefix("v")
    except (OSError, subprocess.TimeoutExpired):
        version = ""
    major = re.match(r"\d+", version)
    if not major or int(major[0]) < NODE_LEAST:
        raise ReportError(
            f"The report site needs Node.js {NODE_LEAST}, this is {version or 'not running'}", _NODE_REMEDY
        )
    return version


def run(
    command: Sequence[str],
    *,
    folder: Path,
    log: Path,
    limit_seconds: float,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end; nothing that it started outlives this call.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        log: File that receives what it prints.
        limit_seconds: When it is killed.
        variables: Environment variables besides the process's own, of which our settings are left out.

    Raises:
        ReportError: It failed or took too long; the message ends with the last lines that it printed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    # A token has no business in programs from a package registry.
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("CONDUIT_", "DDD_"))
    }
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (programs named in this package)
            command, cwd=folder, env={**inherited, **(variables or {})},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            status = process.wait(timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    shown = " ".join((Path(command[0]).name, *command[1:]))
    if status is None:
        raise ReportError(
            f"{shown} did not end within {limit_seconds:.0f} seconds", f"What it printed is in {log}"
        )
    if status != 0:
        raise ReportError(
            f"{shown} failed with status {status}{_last_lines(log)}", f"All that it printed is in {log}"
        )


def _last_lines(log: Path) -> str:
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", log.read_text(errors="replace"))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ": " + " / ".join(lines[-4:])[-600:] if lines else ""
