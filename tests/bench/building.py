"""One build of the models by the public command, watched from outside: seconds and memory of every model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

_PAUSE_SECONDS = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_COMMAND = [sys.executable, "-m", "ddd.cli"]


@dataclass(frozen=True)
class ModelCost:
    """What one model cost.

    Attributes:
        seconds: Elapsed time, beside whatever was built at the same time.
        peak_bytes: The most memory that the whole process had in use meanwhile.
    """

    seconds: float
    peak_bytes: int


@dataclass
class BuildCost:
    """What one build cost.

    Attributes:
        seconds: Elapsed time of the command, start of Python and dbt included.
        peak_bytes: The most memory that its process had in use.
        load: What the machine had to do, as the mean of the last minute when it ended.
        models: Its models, by name.
        tests_seconds: Elapsed times of all data tests, added up; two run at a time.
    """

    seconds: float = 0.0
    peak_bytes: int = 0
    load: float = 0.0
    models: dict[str, ModelCost] = field(default_factory=dict)
    tests_seconds: float = 0.0

    @property
    def models_seconds(self) -> float:
        """Elapsed times of all models, added up; two are built at a time."""
        return sum(cost.seconds for cost in self.models.values())


def written(folder: Path, tasks_count: int) -> None:
    """Fill an empty folder with the documents of a simulated organisation."""
    subprocess.run(
        [*_COMMAND, "demo", "write", "--tasks", str(tasks_count)], env=_environ(folder), check=True
    )


def built(folder: Path) -> BuildCost:
    """Build the models of the documents in a folder, and watch it.

    Raises:
        subprocess.CalledProcessError: The build failed; what it says is on the console.
    """
    samples: list[tuple[float, int]] = []
    started = time.monotonic()
    with subprocess.Popen([*_COMMAND, "build"], env=_environ(folder)) as process:
        is_running = True
        while is_running:
            samples.append((time.time(), _resident_bytes(process.pid)))
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PAUSE_SECONDS)
                is_running = False
    seconds = time.monotonic() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "dddcli build")
    cost = BuildCost(seconds, max(size for _, size in samples), os.getloadavg()[0])
    results = json.loads((folder / "demo" / "dbt" / "target" / "run_results.json").read_text())["results"]
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        began, ended = _executed(result)
        if kind == "model":
            peak = max((size for at, size in samples if began <= at <= ended), default=0)
            cost.models[name] = ModelCost(ended - began, peak)
        elif kind == "test":
            cost.tests_seconds += ended - began
    return cost


def counted(folder: Path) -> tuple[int, int]:
    """Tasks and transactions that the documents in a folder are of."""
    with duckdb.connect(str(_documents(folder)), read_only=True) as documents:
        tasks, transactions = (
            documents.execute(f"select count(distinct key) from raw.phabricator_{stream}").fetchall()[0][0]
            for stream in ("tasks", "transactions")
        )
    return tasks, transactions


def edited(folder: Path, one_in: int) -> int:
    """Land a new document and a new transaction of one task in so many, as an extraction would after an edit.

    Returns:
        How many tasks were edited.
    """
    with duckdb.connect(str(_documents(folder))) as documents:
        documents.execute(_EDITS, {"one_in": one_in})
        documents.execute(_EDITED_TASKS)
        documents.execute(_EDIT_TRANSACTIONS)
        (found,) = documents.execute("select count(*) from edits").fetchall()
    return int(found[0])


_EDITS = """
create temp table edits as
select
    cast(tasks.key as bigint) as task_id,
    last.at as edited_at,
    last.batch as batch,
    last.transaction_id + row_number() over (order by cast(tasks.key as bigint)) as transaction_id
from raw.phabricator_tasks as tasks
cross join (
    select
        max(modified_at) as at,
        -- all streams count their landings together
        greatest(max(batch), (select max(batch) from raw.segments)) + 1 as batch,
        max(cast(key as bigint)) as transaction_id
    from raw.phabricator_transactions
) as last
where cast(tasks.key as bigint) % $one_in = 0
"""

_EDITED_TASKS = """
insert into raw.phabricator_tasks
select key, edited_at, document, sha256(document), batch, run_id, fetched_at
from (
    select
        tasks.key,
        edits.edited_at,
        cast(json_merge_patch(tasks.document, json_object('fields', json_object(
            'name', 'Edited ' || tasks.key, 'dateModified', epoch(edits.edited_at)::bigint
        ))) as varchar) as document,
        edits.batch,
        tasks.run_id,
        tasks.fetched_at
    from raw.phabricator_tasks as tasks
    inner join edits on tasks.key = cast(edits.task_id as varchar)
)
"""

_EDIT_TRANSACTIONS = """
insert into raw.phabricator_transactions
select cast(transaction_id as varchar), edited_at, document, sha256(document), batch, 1, edited_at
from (
    select
        *,
        cast(json_object(
            'taskID', cast(task_id as varchar), 'transactionID', cast(transaction_id as varchar),
            'transactionType', 'title', 'oldValue', 'Before', 'newValue', 'Edited ' || task_id,
            'meta', json_array(), 'authorPHID', 'PHID-USER-bench',
            'dateCreated', cast(epoch(edited_at)::bigint as varchar)
        ) as varchar) as document
    from edits
)
"""


def _documents(folder: Path) -> Path:
    return folder / "demo" / "documents.duckdb"


def _environ(folder: Path) -> dict[str, str]:
    chosen = {
        "DDD_DATA_DIR": str(folder),
        "DATASETTE_DIR": str(folder / "www"),
        "CONDUIT_URL": "",
        "DDD_DEMO": "1",
    }
    # whoever measures has servers and settings of their own; `HOME` may name a site too
    return {**os.environ, **chosen, "DDD_SETTINGS_DIR": "", "HOME": str(folder)}


def _resident_bytes(process_id: int) -> int:
    try:
        pages = Path(f"/proc/{process_id}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0
    return int(pages) * _PAGE_BYTES


def _executed(result: dict[str, Any]) -> tuple[float, float]:
    """When dbt began and ended to execute something, in seconds since 1970; twice 0 where it did not."""
    for timing in result["timing"]:
        if timing["name"] == "execute":
            began, ended = (datetime.fromisoformat(timing[key]) for key in ("started_at", "completed_at"))
            return began.timestamp(), ended.timestamp()
    return 0.0, 0.0
