"""The models against the second computation, task by task; what differs is shown small enough to read."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from built_warehouse import Warehouse
from reference.changes import changes_of
from reference.findings import Finding, severity
from reference.installation import Installation
from reference.spans import spans_of
from reference.work import history_of

_COUNTED = (
    "changes?",
    "tasks?",
    "deployments?",
    "incidents?",
    "documents?",
    "patch(?:es)?",
    "versions?",
    "wikis?",
)


def require_equal_spans(installation: Installation, warehouse: Warehouse) -> None:
    """Every span of every task."""
    rows = warehouse.query(
        "select task_id, span_kind, board_phid, span_value, "
        "epoch(started_at)::bigint, epoch(ended_at)::bigint from task_spans"
    )
    require_equal(installation, lambda task_id: spans_of(installation, task_id), _by_task(rows))


def require_equal_events(installation: Installation, warehouse: Warehouse) -> None:
    """Every change of every task; values of custom fields are not shown."""

    def expected(task_id: int) -> set[tuple[Any, ...]]:
        return {
            (
                *(change.transaction_id, change.index, change.kind, change.board, change.other, change.field),
                *((None, None) if change.kind == "custom_field" else (change.old, change.new)),
                change.occurred_at,
            )
            for change in changes_of(installation, task_id)
        }

    rows = warehouse.query(
        "select task_id, transaction_id, event_index, event_type, board_phid, object_phid, field_name, "
        "old_value, new_value, epoch(occurred_at)::bigint from task_events"
    )
    require_equal(installation, expected, _by_task(rows))


def require_equal_work(installation: Installation, warehouse: Warehouse) -> None:
    """When every task was started and closed, how often it was opened again, and its durations in seconds."""

    def expected(task_id: int) -> tuple[Any, ...]:
        history = history_of(installation, task_id)
        closed_at = history.last_closed_at if history.is_closed else None
        is_finished = closed_at is not None and history.started_at is not None
        cycle = closed_at - history.started_at if closed_at and is_finished else None
        return (
            *(history.started_at, history.first_closed_at, history.last_closed_at, closed_at),
            *(len(history.reopenings), history.is_closed),
            None if closed_at is None else closed_at - history.created_at,
            None if cycle is None or cycle < 0 else cycle,
        )

    rows = warehouse.query(
        "select task_id, epoch(started_at)::bigint, epoch(first_closed_at)::bigint, "
        "epoch(last_closed_at)::bigint, epoch(closed_at)::bigint, reopened_count, is_closed, "
        "round(lead_time_days * 86400), round(cycle_time_days * 86400) from tasks"
    )
    require_equal(installation, expected, {row[0]: row[1:] for row in rows})


def require_equal_findings(expected: set[Finding], warehouse: Warehouse) -> None:
    """Every row of data_quality, with the numbers and the kind of value that its detail names."""
    rows = warehouse.query(
        "select finding, object_kind, object_key, task_id, is_published, detail, severity from data_quality"
    )
    found = Counter(Finding(*row[:5], *_named_in(row[5])) for row in rows)
    assert max(found.values(), default=1) == 1
    differences = _differences(expected, set(found))
    assert not differences, differences
    assert {(row[0], row[6]) for row in rows} == {(one.finding, severity(one.finding)) for one in expected}


def _named_in(detail: str) -> tuple[tuple[int, ...], str]:
    """The numbers of things that a detail counts, and the kind of value or the group that it says differs."""
    numbers = re.findall(rf"\b(\d+) (?:of (\d+) )?(?:{'|'.join(_COUNTED)})\b", detail)
    counts = tuple(int(number) for of_one in numbers for number in of_one if number)
    differs = re.fullmatch(
        r"T\d+: (\w+) is .* by its history|\S+ (?:never ran on|came to) (\w+)\b.*, but .*",
        detail,
    )
    return counts, (differs[1] or differs[2]) if differs else ""


def require_equal(installation: Installation, expected: Callable[[int], Any], found: dict[int, Any]) -> None:
    """Fail with the shortest history for which both differ."""
    wrong = [
        (len(installation.transactions[task_id]), task_id)
        for task_id in sorted(installation.tasks)
        if expected(task_id) != found.get(task_id)
    ]
    if wrong:
        _, shortest = min(wrong)
        raise AssertionError(
            f"{len(wrong)} of {len(installation.tasks)} tasks differ; the one of the shortest history is\n"
            + shown(installation, shortest)
            + _differences(expected(shortest), found.get(shortest))
        )
    assert found.keys() == installation.tasks.keys()


def shown(installation: Installation, task_id: int) -> str:
    """A task and its transactions, one a line."""
    fields = installation.tasks[task_id]["fields"]
    lines = [
        f"T{task_id} created {_when(fields['dateCreated'])}, now {fields['status']['value']} "
        f"priority={fields['priority']['value']} owner={fields['ownerPHID']} "
        f"tags={installation.tags(task_id)}"
    ]
    for row in installation.transactions[task_id]:
        edge = row["meta"].get("edge:type", "") if row["meta"] else ""
        lines.append(
            f"  {row['transactionID']} {_when(int(row['dateCreated']))} {row['transactionType']} {edge} "
            f"{json.dumps(row['oldValue'])} -> {json.dumps(row['newValue'])}"
        )
    return "\n".join(lines) + "\n"


def _by_task(rows: list[tuple[Any, ...]]) -> dict[int, set[tuple[Any, ...]]]:
    """Rows whose first column is the task, as one set per task; fails where a row is there twice."""
    found: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    for task_id, *values in rows:
        found[task_id].add(tuple(values))
    assert sum(len(one) for one in found.values()) == len(rows)
    return dict(found)


def _differences(expected: Any, found: Any) -> str:
    if isinstance(expected, set) and isinstance(found, set):
        lines = [f"only the reference: {_readable(one)}" for one in sorted(expected - found, key=repr)]
        lines += [f"only the models:    {_readable(one)}" for one in sorted(found - expected, key=repr)]
    else:
        lines = [f"the reference: {_readable(expected)}", f"the models:    {_readable(found)}"]
    return "".join(f"  {line}\n" for line in lines)


def _readable(row: Any) -> str:
    if not isinstance(row, tuple):
        return repr(row)
    return ", ".join(
        _when(value) if isinstance(value, int) and value > 10**9 else repr(value) for value in row
    )


def _when(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%S")
