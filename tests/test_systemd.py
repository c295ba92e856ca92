"""The units of `etc/systemd/`: systemd understands them, they are locked down, and what they start exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from ddd.cli import app
from ddd.commands_page import commands_in
from ddd.settings import PROJECT_DIR

UNITS_DIR = PROJECT_DIR / "etc" / "systemd"
UNITS = sorted(path.name for path in UNITS_DIR.iterdir())
SERVICES = [name for name in UNITS if name.endswith(".service")]
HIGHEST_EXPOSURE = 25
"""In tenths, of 100: systemd calls up to 40 "OK" and a service without any such setting 96 "UNSAFE"."""

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine"
)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they are, but for the program, which is not installed here."""
    program = tmp_path / "dddcli"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in UNITS:
        text = (UNITS_DIR / name).read_text(encoding="utf-8")
        text = text.replace("/opt/data3/.venv/bin/dddcli", str(program))
        text = text.replace("/usr/bin/systemctl", str(program))
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@needs_systemd
def test_systemd_understands_them(units: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(units / name) for name in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "data3" in line or str(units) in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(units: Path, name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", units / name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_started_is_a_command_with_these_options(name: str) -> None:
    commands = dict(commands_in(app))
    started = re.findall(
        r"^ExecStart=/opt/data3/\.venv/bin/dddcli (.*)$", (UNITS_DIR / name).read_text(), re.M
    )
    for line in started:
        words = shlex.split(line)
        assert words[:2] == ["--log-format", "json"]
        command = commands[f"dddcli {words[2]}"]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words[3:] if word.startswith("--")} <= known
    assert started or name == "data3-web-restart.service"


def test_the_web_server_is_told_no_token() -> None:
    text = (UNITS_DIR / "data3-web.service").read_text()
    assert "EnvironmentFile" not in text
    assert "CONDUIT" not in text
    assert "--public" in text
