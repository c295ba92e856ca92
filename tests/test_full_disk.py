"""The disk fills up in the middle of each step: a line says so, nothing is lost, the next refresh goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import dddcli, environment
from published_tables import DEMO, published

SIZE_MB = 700
MARKERS = {
    "extract": {"event": "step started", "step": "extract phabricator"},
    "land": {"event": "landing"},
    "build": {"event": "step started", "step": "build"},
    "export": {"event": "step started", "step": "export"},
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if not done or done.returncode:
        pytest.skip("no right to mount a tmpfs here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 1_000_000)
        except OSError:
            pass
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            return filler


def run_and_fill(disk: Path, command: str, marker: dict[str, str]) -> list[dict[str, object]]:
    """Run a command on a disk that is full from some moment on; its log."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ddd.cli", "--log-format", "json", command],
        env=environment(disk, **DEMO), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    log: list[dict[str, object]] = []
    filler: Path | None = None
    for line in process.stderr:
        log.append(json.loads(line))
        if filler is None and marker.items() <= log[-1].items():
            filler = fill(disk)
    assert process.wait() == 1, log[-5:]
    assert filler
    filler.unlink()
    return log


@pytest.mark.proof
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_disk_that_fills_up_in_each_step_loses_nothing(small_disk: Path) -> None:
    first = dddcli(small_disk, "refresh", **DEMO)
    assert first.returncode == 0, first.stderr
    expected = published(small_disk / "www")
    documents = small_disk / "data" / "demo" / "documents.duckdb"
    for step, marker in MARKERS.items():
        kept_bytes = documents.stat().st_size if documents.exists() else 0
        if step in {"extract", "land"}:
            documents.unlink(missing_ok=True)  # so that there is something to fetch and to land
        log = run_and_fill(small_disk, "export" if step == "export" else "refresh", marker)
        assert not [line for line in log if "Traceback" in str(line)], step
        failed = [line for line in log if line["event"] in {"command failed", "step failed"}]
        assert failed, step
        assert published(small_disk / "www") == expected, step
        if step in {"build", "export"}:
            assert documents.stat().st_size >= kept_bytes
    last = dddcli(small_disk, "refresh", **DEMO)
    assert last.returncode == 0, last.stderr
    assert published(small_disk / "www") == expected
