"""A run on disk: what it set out to do, and which parts of it are done, so that a killed run can go on."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ddd.segments import Segment, segment_path, write_segment

_STATE = "run.json"
_AIMS = {"run_id", "mode", "started_at", "server_time_at", "watermark_epoch", "highest_id"}


@dataclass
class Run:
    """One extraction of one source, from its first request until its segments are landed.

    Attributes:
        run_id: Its number in the warehouse.
        mode: `full` reads everything, `incremental` what changed since the last complete run.
        started_at: When it started, by this machine's clock, UTC.
        server_time_at: The same moment by the server's clock, UTC.
        watermark_epoch: Time of the newest change before the first page, in seconds since 1970.
        highest_id: The highest task id at the start.
    """

    folder: Path
    run_id: int
    mode: str
    started_at: datetime
    server_time_at: datetime
    watermark_epoch: int | None
    highest_id: int
    landed: set[str] = field(default_factory=set)
    documents_counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def save(self) -> None:
        """Write the run's aims down, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in _aims(self).items()
        }
        beside = self.folder / f"{_STATE}.part"
        beside.write_text(json.dumps(state))
        beside.replace(self.folder / _STATE)

    def has(self, stream: str, part: str) -> bool:
        """Whether a part of a stream has been fetched already, by this or an earlier process."""
        path = segment_path(self.folder, stream, part)
        return path.name in self.landed or path.exists()

    def keep(self, part: str, segment: Segment) -> None:
        """Write a fetched segment to disk; may be called from several threads."""
        write_segment(self.folder, part, segment, datetime.now(UTC))
        with self._lock:
            known = self.documents_counts.get(segment.stream, 0)
            self.documents_counts[segment.stream] = known + len(segment.documents)

    def close(self) -> None:
        """Forget the run's folder; its segments are in the warehouse."""
        shutil.rmtree(self.folder)


def _aims(run: Run) -> dict[str, object]:
    return {key: value for key, value in vars(run).items() if key in _AIMS}


def unfinished(segments_dir: Path) -> Iterator[Run]:
    """Runs that were killed, oldest first; a folder that never got its aims written is removed."""
    for folder in sorted(segments_dir.glob("run-*")):
        try:
            state = json.loads((folder / _STATE).read_text())
        except (OSError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
            continue
        for stale in folder.glob("*.part"):
            stale.unlink()
        yield Run(
            folder=folder,
            run_id=state["run_id"],
            mode=state["mode"],
            started_at=datetime.fromisoformat(state["started_at"]),
            server_time_at=datetime.fromisoformat(state["server_time_at"]),
            watermark_epoch=state["watermark_epoch"],
            highest_id=state["highest_id"],
        )


def run_folder(segments_dir: Path, run_id: int) -> Path:
    """Where a run keeps its segments until they are landed."""
    return segments_dir / f"run-{run_id:08d}"
