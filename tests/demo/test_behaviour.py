"""How the simulated organisation behaves: its week, its trains, and what its changes truly did."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from ddd.demo import Organisation, simulate
from ddd.demo.truth import CYCLE_TIME_FACTOR

from .conftest import END_DATE, decoded, epoch_of

DAY = 86_400


def test_people_work_in_the_week_and_rest_in_winter(rows: list[dict[str, Any]]) -> None:
    weekdays: Counter[int] = Counter()
    months: Counter[tuple[int, int]] = Counter()
    for row in rows:
        at = datetime.fromtimestamp(int(row["dateCreated"]), UTC)
        weekdays[at.weekday()] += 1
        months[at.month, at.day] += 1
    assert weekdays[5] + weekdays[6] < 0.06 * sum(weekdays.values())
    christmas = sum(months[12, day] for day in range(24, 32)) / 8
    assert christmas < 0.15 * sum(months.values()) / 365


def test_some_tasks_are_private_and_some_texts_hostile(
    organisation: Organisation, tasks: list[dict[str, Any]]
) -> None:
    private = [task for task in tasks if task["fields"]["policy"]["view"] != "public"]
    assert 0.015 < len(private) / len(tasks) < 0.06
    assert {task["fields"]["policy"]["view"][:9] for task in private} == {"users", "PHID-PLCY", "PHID-PROJ"}
    titles = " ".join(task["fields"]["name"] for task in tasks)
    assert "<script>alert(1)</script>" in titles
    assert "javascript:" in titles
    assert all(len(task["fields"]["name"]) <= 255 for task in tasks)
    others = b" ".join(organisation.projects + organisation.columns + organisation.users)
    assert b"\\u003cscript\\u003e" in others
    assert b"javascript:alert" in others


def test_tasks_are_reopened_moved_and_left(
    tasks: list[dict[str, Any]], histories: dict[int, list[dict[str, Any]]]
) -> None:
    reopened = [
        task_id
        for task_id, history in histories.items()
        if any(
            row["transactionType"] == "status"
            and row["oldValue"] == "resolved"
            and row["newValue"] != "declined"
            for row in history
        )
    ]
    assert 0.02 < len(reopened) / len(tasks) < 0.08
    open_share = sum(task["fields"]["dateClosed"] is None for task in tasks) / len(tasks)
    assert 0.05 < open_share < 0.25
    boards = [len(task["attachments"]["columns"]["boards"]) for task in tasks]
    assert sum(count > 1 for count in boards) > 50


def _cycle_times(found: Organisation, project_name: str) -> list[tuple[int, float]]:
    """Start and duration in days of a project's closed tasks, from the moves on its boards."""
    names = {column["phid"]: column["fields"]["name"] for column in decoded(found.columns)}
    working = {"In progress", "Doing", "Code review", "QA"}
    phid = next(p["phid"] for p in decoded(found.projects) if p["fields"]["name"] == project_name)
    started: dict[int, int] = {}
    kinds = (b'"transactionType":"status"', b'"transactionType":"core:columns"')
    for row in decoded([text for text in found.transactions if any(kind in text for kind in kinds)]):
        is_start = row["transactionType"] == "status" and row["newValue"] == "progress"
        if row["transactionType"] == "core:columns":
            is_start = any(names[move["columnPHID"]] in working for move in row["newValue"])
        if is_start:
            started.setdefault(int(row["taskID"]), int(row["dateCreated"]))
    return [
        (started[task["id"]], (task["fields"]["dateClosed"] - started[task["id"]]) / DAY)
        for task in decoded(found.tasks)
        if task["id"] in started
        and task["fields"]["dateClosed"]
        and phid in task["attachments"]["projects"]["projectPHIDs"]
    ]


def test_the_team_that_limits_work_gets_faster_and_the_other_does_not() -> None:
    large = simulate(1, END_DATE, 9_000)
    effects = {}
    for change in large.changes:
        times = _cycle_times(large, change.project_name)
        before = [days for start, days in times if start < epoch_of(change.changed_date)]
        after = [days for start, days in times if start >= epoch_of(change.changed_date)]
        assert min(len(before), len(after)) > 350
        effects[change.project_name] = (
            statistics.median(after) / statistics.median(before) - 1 - change.true_effect_share
        )
        assert statistics.quantiles(before, n=100)[94] > 2 * statistics.median(before), "a heavy tail"
    assert large.changes[0].true_effect_share == pytest.approx(CYCLE_TIME_FACTOR - 1)
    assert large.changes[1].true_effect_share == 0
    assert effects == {name: pytest.approx(0, abs=0.1) for name in effects}


def test_trains_run_weekly_with_blockers_and_rollbacks(
    organisation: Organisation, tasks: list[dict[str, Any]], histories: dict[int, list[dict[str, Any]]]
) -> None:
    trains = [task for task in tasks if task["fields"]["subtype"] == "release"]
    weeks = (END_DATE - organisation.started_date).days / 7
    assert weeks - 12 <= len(trains) <= weeks + 1
    versions = [task["fields"]["custom.release.version"] for task in trains]
    assert len(set(versions)) == len(versions)
    assert all(
        task["fields"]["name"] == f"{version} deployment blockers"
        for task, version in zip(trains, versions, strict=True)
    )
    subtasks = [row for task in trains for row in histories[task["id"]] if row["meta"].get("edge:type") == 3]
    assert len(subtasks) > len(trains) * 0.5
    log = organisation.deployments
    assert [one.deployed_at for one in log] == sorted(one.deployed_at for one in log)
    first: dict[tuple[str, int], datetime] = {}
    for one in log:
        if one.action == "promote":
            first.setdefault((one.version, one.group_number), one.deployed_at)
    usual = Counter((group, at.weekday()) for (_, group), at in first.items())
    for group in range(3):
        assert usual[group, group + 1] > 0.75 * sum(n for (g, _), n in usual.items() if g == group)
    rollbacks = [one for one in log if one.action == "rollback"]
    assert 20 < len(rollbacks) < len(trains)
    by_id = {task["id"]: task for task in tasks}
    for one in rollbacks:
        assert one.blocker_task_id is not None
        assert by_id[one.blocker_task_id]["fields"]["name"].startswith(f"[{one.version}]")
        assert by_id[one.train_task_id]["fields"]["custom.release.version"] == one.version
