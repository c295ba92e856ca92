"""A run on disk: what it set out to do, and which parts of it are done, so that a killed run can go on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ddd.segments import SCHEMA, Segment, covered_ids, segment_path, stream_of, write_segment, write_table
from ddd.sources.shelf import Shelf

_STATE = "run.json"


@dataclass(frozen=True)
class Aims:
    """What a run set out to do; written down before its first page.

    Attributes:
        run_id: Its number in the warehouse.
        mode: `full` reads everything, `incremental` what changed since the last complete run, `partial` a
            choice of tasks.
        started_at: When it started, by this machine's clock, UTC.
        server_time_at: The same moment by the server's clock, UTC.
        watermark_epoch: Time of the newest change before the first page, in seconds since 1970; none where
            the run does not move the watermark.
        highest_id: The highest task id at the start; 0 where the run does not walk by ids.
        is_sweep: Whether it looks at all tasks, so that those it does not see are gone.
        since_epoch: Only tasks changed since then are known and wanted, in seconds since 1970; 0 for all.
        is_gone_accepted: Whether any number of objects may be gone.
    """

    run_id: int
    mode: str
    started_at: datetime
    server_time_at: datetime
    watermark_epoch: int | None = None
    highest_id: int = 0
    is_sweep: bool = False
    since_epoch: int = 0
    is_gone_accepted: bool = False


@dataclass
class Run:
    """One extraction of one source, from its first request until its segments are landed.

    Attributes:
        folder: Where its segments are.
        aims: What it set out to do.
        is_fetched: Whether everything is fetched, so that landing is all that is left to do.
        complete_streams: Streams that were read whole: what is not in them is gone.
    """

    folder: Path
    aims: Aims
    is_fetched: bool = False
    complete_streams: list[str] = field(default_factory=list)
    _parts_count: int = 0

    def save(self) -> None:
        """Write the run's state down, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            **asdict(self.aims),
            "is_fetched": self.is_fetched,
            "complete_streams": self.complete_streams,
        }
        beside = self.folder / f"{_STATE}.part"
        beside.write_text(json.dumps(state, default=datetime.isoformat))
        beside.replace(self.folder / _STATE)

    def has(self, stream: str, part: str) -> bool:
        """Whether a part of a stream has been fetched already, by this or an earlier process."""
        return segment_path(self.folder, stream, part).exists()

    def keep(self, part: str, segment: Segment) -> None:
        """Write a fetched segment to disk."""
        write_segment(self.folder, part, segment, datetime.now(UTC))

    def next_part(self) -> str:
        """A name for a segment that sorts after those of all earlier ones: later documents win."""
        if not self._parts_count:
            numbers = [path.name.split(".")[1].rpartition("-")[2] for path in self.folder.glob("*.parquet")]
            self._parts_count = max((int(number) for number in numbers if number.isdecimal()), default=0)
        self._parts_count += 1
        return f"{self._parts_count:09d}"

    @contextmanager
    def shelf(self, stream: str) -> Iterator[Shelf]:
        """Collect a stream's documents, and keep them in segments of sensible size, also after a failure."""
        shelf = Shelf(stream, lambda segment: self.keep(self.next_part(), segment))
        try:
            yield shelf
        finally:
            shelf.empty()

    def segments(self, stream: str) -> list[Path]:
        """The stream's segments, oldest first."""
        return sorted(path for path in self.folder.glob(f"{stream}.*.parquet") if stream_of(path) == stream)

    def covered(self, stream: str) -> set[int]:
        """All ids that were asked for in a stream."""
        return {number for path in self.segments(stream) for number in covered_ids(path)}

    def rejected_keys(self) -> list[tuple[str, str]]:
        """Stream and key of everything that could not be read; a key is empty where it is not known."""
        tables = (pq.read_table(path, columns=["stream", "key"]) for path in self.segments("quarantine"))
        return [(row["stream"], row["key"]) for table in tables for row in table.to_pylist()]

    def task_ids(self, *, also: Iterable[int] = (), without: Iterable[int] = ()) -> pa.Array:
        """Ids of the tasks that were fetched, and others, ascending, each once; 8 bytes a task."""
        columns = [pq.read_table(path, columns=["key"])["key"] for path in self.segments("tasks")]
        chunks = [chunk.cast(pa.int64()) for column in columns for chunk in column.chunks]
        found = pc.unique(pa.concat_arrays([*chunks, pa.array(list(also), pa.int64())]))
        wanted = found.filter(pc.invert(pc.is_in(found, value_set=pa.array(list(without), pa.int64()))))
        return wanted.take(pc.array_sort_indices(wanted))

    def keep_only_tasks(self, task_ids: Iterable[int]) -> None:
        """Take all other tasks out of the segments; done again after a crash, it does the same."""
        wanted = pa.array([str(number) for number in task_ids], pa.string())
        for path in self.segments("tasks"):
            table = pq.read_table(path)
            kept = table.filter(pc.is_in(table["key"], value_set=wanted))
            if len(kept) < len(table):
                write_table(path, SCHEMA, [kept[name].combine_chunks() for name in SCHEMA.names])

    def documents_counts(self) -> dict[str, int]:
        """Documents fetched per stream."""
        counts: dict[str, int] = {}
        for path in self.folder.glob("*.parquet"):
            rows = pq.read_metadata(path).num_rows
            counts[stream_of(path)] = counts.get(stream_of(path), 0) + rows
        return counts

    def bytes_count(self) -> int:
        """Size of the segments on disk."""
        return sum(path.stat().st_size for path in self.folder.glob("*.parquet"))

    def close(self) -> None:
        """Forget the run's folder; its segments are in the warehouse."""
        shutil.rmtree(self.folder)


def unfinished(segments_dir: Path) -> Iterator[Run]:
    """Runs that were killed, oldest first; a folder that never got its aims written is removed."""
    names = {one.name for one in fields(Aims)}
    for folder in sorted(segments_dir.glob("run-*")):
        try:
            state = json.loads((folder / _STATE).read_text())
        except (OSError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
            continue
        for stale in folder.glob("*.part"):
            stale.unlink()
        for name in ("started_at", "server_time_at"):
            state[name] = datetime.fromisoformat(state[name])
        aims = Aims(**{name: value for name, value in state.items() if name in names})
        yield Run(folder, aims, state.get("is_fetched", False), state.get("complete_streams", []))


def run_folder(segments_dir: Path, run_id: int) -> Path:
    """Where a run keeps its segments until they are landed."""
    return segments_dir / f"run-{run_id:08d}"


def in_slices(ids: pa.Array, size: int) -> Iterator[Sequence[int]]:
    """Ids in lists of a size."""
    for start in range(0, len(ids), size):
        yield ids.slice(start, size).to_pylist()
