"""One build of the models by the public command, watched from outside: seconds and memory of every model."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

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
        processor_seconds: What it used of the processor's cores, which other programs do not lengthen.
        peak_bytes: The most memory that its process had in use.
        load: What the machine had to do, as the mean of the last minute when it ended.
        models: Its models, by name.
        tests_seconds: Elapsed times of all data tests, added up; two run at a time.
    """

    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_bytes: int = 0
    load: float = 0.0
    models: dict[str, ModelCost] = field(default_factory=dict)
    tests_seconds: float = 0.0

    @property
    def models_seconds(self) -> float:
        """Elapsed times of all models, added up; two are built at a time."""
        return sum(cost.seconds for cost in self.models.values())


def written(folder: Path, tasks_count: int) -> None:
    """Fill an empty folder with the documents of a simulated organisation, ten changes a task."""
    subprocess.run(
        [*_COMMAND, "demo", "write", "--no-talk", "--tasks", str(tasks_count)],
        env=_environ(folder),
        check=True,
    )


def built(folder: Path, *options: str) -> BuildCost:
    """Build the models of the documents in a folder, and watch it.

    Args:
        folder: Where the documents are.
        options: Of `dddcli build`.

    Raises:
        subprocess.CalledProcessError: The build failed; what it says is on the console.
    """
    samples: list[tuple[float, int]] = []
    started, used_before = time.monotonic(), _processor_seconds()
    with subprocess.Popen([*_COMMAND, "build", *options], env=_environ(folder)) as process:
        is_running = True
        while is_running:
            samples.append((time.time(), _resident_bytes(process.pid)))
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PAUSE_SECONDS)
                is_running = False
    seconds = time.monotonic() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "dddcli build")
    processor_seconds = _processor_seconds() - used_before
    cost = BuildCost(seconds, processor_seconds, max(size for _, size in samples), os.getloadavg()[0])
    for node in json.loads((folder / "demo" / "dbt" / "times.json").read_text()):
        began, ended = node["began"], node["ended"]
        if node["kind"] == "model":
            peak = max((size for at, size in samples if began <= at <= ended), default=0)
            cost.models[node["name"]] = ModelCost(ended - began, peak)
        elif node["kind"] == "test":
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


def edited(folder: Path, one_in: int, *, round_number: int = 0) -> int:
    """Edit one task in so many as people would, and extract that an hour after the extraction before.

    Each of them gets another title; those that are open are resolved.

    Args:
        folder: Where the documents are.
        one_in: One task of so many.
        round_number: Which of them; another number edits others.

    Returns:
        How many tasks were edited.
    """
    with duckdb.connect(str(_documents(folder))) as documents:
        documents.execute(_EDITS, {"one_in": one_in, "round_number": round_number})
        for sql in (_EDITED_TASKS, _TITLE_TRANSACTIONS, _STATUS_TRANSACTIONS, _RUNS):
            documents.execute(sql)
        (found,) = documents.execute("select count(*) from edits").fetchall()
    return int(found[0])


_EDITS = """
create temp table edits as
select
    tasks.task_id,
    tasks.document,
    tasks.status = 'open' as is_resolved,
    last.at as edited_at,
    last.batch,
    last.run_id,
    last.transaction_id + 2 * row_number() over (order by tasks.task_id) as transaction_id
from (
    select cast(key as bigint) as task_id, document, document ->> '$.fields.status.value' as status
    from raw.phabricator_tasks
    where cast(key as bigint) % $one_in = $round_number
    qualify row_number() over (partition by key order by batch desc) = 1
) as tasks
cross join (
    select
        (select max(server_time_at) from raw.runs where source = 'phabricator') as at,
        (select max(run_id) + 1 from raw.runs) as run_id,
        -- all streams count their landings together
        greatest(max(batch), (select max(batch) from raw.segments)) + 1 as batch,
        max(cast(key as bigint)) as transaction_id
    from raw.phabricator_transactions
) as last
"""

_EDITED_TASKS = """
insert into raw.phabricator_tasks
select cast(task_id as varchar), edited_at, edited, sha256(edited), batch, run_id, edited_at
from (
    select
        *,
        cast(json_merge_patch(
            document,
            json_object('fields', json_object(
                'name', 'Edited ' || task_id, 'dateModified', epoch(edited_at)::bigint
            )),
            case when is_resolved then json_object('fields', json_object(
                'status', json_object('value', 'resolved', 'name', 'Resolved', 'color', null),
                'dateClosed', epoch(edited_at)::bigint,
                'closerPHID', 'PHID-USER-bench'
            )) else json_object() end
        ) as varchar) as edited
    from edits
)
"""

_TRANSACTIONS = """
insert into raw.phabricator_transactions
select cast(transaction_id as varchar), edited_at, document, sha256(document), batch, run_id, edited_at
from (
    select
        batch, run_id, edited_at, {number} as transaction_id,
        cast(json_object(
            'taskID', cast(task_id as varchar), 'transactionID', cast({number} as varchar),
            'transactionType', '{kind}', 'oldValue', {before}, 'newValue', {after},
            'meta', json_array(), 'authorPHID', 'PHID-USER-bench',
            'dateCreated', cast(epoch(edited_at)::bigint as varchar)
        ) as varchar) as document
    from edits
    where {condition}
)
"""

_TITLE_TRANSACTIONS = _TRANSACTIONS.format(
    number="transaction_id", kind="title", before="'Before'", after="'Edited ' || task_id", condition="true"
)

_STATUS_TRANSACTIONS = _TRANSACTIONS.format(
    number="transaction_id + 1", kind="status", before="'open'", after="'resolved'", condition="is_resolved"
)

_RUNS = """
insert into raw.runs
select * replace (
    edits.run_id as run_id,
    'incremental' as mode,
    started_at + interval 1 hour as started_at,
    finished_at + interval 1 hour as finished_at,
    server_time_at + interval 1 hour as server_time_at
)
from (from raw.runs where source = 'phabricator' and run_id = (
    select max(run_id) from raw.runs where source = 'phabricator'
))
cross join (select any_value(run_id) as run_id from edits) as edits
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


def _processor_seconds() -> float:
    """Of all programs that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident_bytes(process_id: int) -> int:
    try:
        pages = Path(f"/proc/{process_id}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0
    return int(pages) * _PAGE_BYTES
