"""The simulated organisation: the same every time, true to the server's rules, and of the stated kind."""

from __future__ import annotations

import json
import socket
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ddd.demo import Organisation, demo_identity, simulate, stream_documents
from ddd.demo.organisation.calendar import founded
from ddd.settings import Demo

from .conftest import END_DATE, Caller, decoded, epoch_of
from .replay import Boards, replay

TYPES = {
    "core:create",
    "title",
    "description",
    "status",
    "priority",
    "reassign",
    "points",
    "core:columns",
    "core:edge",
    "core:subscribers",
    "core:comment",
    "core:customfield",
    "core:subtype",
    "core:space",
    "core:view-policy",
    "core:edit-policy",
    "unblock",
    "mergedinto",
    "mergedfrom",
}
EDGES = {3, 4, 41, 51, 52, 62, 63}
DAY = 86_400


def test_the_same_seed_gives_the_same_bytes(organisation: Organisation) -> None:
    assert simulate(1, END_DATE) == organisation
    assert simulate(2, END_DATE).tasks != organisation.tasks


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the simulation opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    assert simulate(3, END_DATE, 60).tasks


def test_its_size_is_about_what_is_stated(organisation: Organisation) -> None:
    assert 2_600 <= len(organisation.tasks) <= 3_400
    assert 36_000 <= len(organisation.transactions) <= 46_000
    projects = decoded(organisation.projects)
    roots = [project for project in projects if project["fields"]["depth"] == 0]
    assert Counter(project["fields"]["status"] for project in roots) == {"active": 8, "archived": 1}
    assert sum(project["fields"]["milestone"] is not None for project in projects) >= 20
    assert any(project["fields"]["depth"] == 1 and project["fields"]["slug"] for project in projects)
    assert 12 <= len(organisation.users) <= 20
    assert timedelta(days=3 * 365) <= END_DATE - organisation.started_date <= timedelta(days=3.6 * 365)


@pytest.mark.parametrize("tasks_count", [50, 500])
def test_a_smaller_one_is_smaller(tasks_count: int) -> None:
    assert 0.7 * tasks_count <= len(simulate(1, END_DATE, tasks_count).tasks) <= 1.3 * tasks_count


def test_another_day_adds_to_the_history_and_changes_nothing_of_it(organisation: Organisation) -> None:
    later = simulate(1, END_DATE + timedelta(days=1))
    assert later.transactions[: len(organisation.transactions)] == organisation.transactions
    new = decoded(later.transactions[len(organisation.transactions) :])
    assert new
    assert all(epoch_of(END_DATE) <= int(row["dateCreated"]) < epoch_of(END_DATE) + DAY for row in new)
    touched = {int(row["taskID"]) for row in new}
    before = dict(enumerate(organisation.tasks, start=1))
    after = dict(enumerate(later.tasks, start=1))
    changed = {task_id for task_id in after if after[task_id] != before.get(task_id)}
    assert touched <= changed
    for task_id in changed:
        assert msgspec.json.decode(after[task_id])["fields"]["dateModified"] >= epoch_of(END_DATE)


def test_the_beginning_moves_twice_a_year_and_the_identity_says_so() -> None:
    ends = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(730)]
    starts = {founded(epoch_of(end)) for end in ends}
    assert len(starts) in {4, 5}
    assert all(start.weekday() == 0 for start in starts)
    first, second = Demo(end_date=date(2026, 8, 1)), Demo(end_date=date(2026, 8, 2))
    assert demo_identity(first) == demo_identity(second)
    assert demo_identity(first) != demo_identity(Demo(end_date=date(2027, 8, 1)))
    assert demo_identity(first) != demo_identity(Demo(seed=2, end_date=date(2026, 8, 1)))


def test_every_type_of_transaction_occurs(rows: list[dict[str, Any]]) -> None:
    assert {row["transactionType"] for row in rows} == TYPES
    edges = [row for row in rows if row["transactionType"] == "core:edge"]
    assert {row["meta"]["edge:type"] for row in edges} == EDGES


def test_documents_are_what_their_transactions_lead_to(
    organisation: Organisation, tasks: list[dict[str, Any]], histories: dict[int, list[dict[str, Any]]]
) -> None:
    columns = decoded(organisation.columns)
    boards = Boards.of(columns)
    names = {column["phid"]: (column["id"], column["fields"]["name"]) for column in columns}
    default_space = Counter(task["fields"]["spacePHID"] for task in tasks).most_common(1)[0][0]
    for task in tasks:
        history = histories[task["id"]]
        fields, attachments = task["fields"], task["attachments"]
        state = replay(history, boards)
        values = state.values
        assert fields["name"] == values["title"]
        assert fields["description"]["raw"] == values["description"]
        assert fields["status"]["value"] == state.status
        assert (fields["dateClosed"], fields["closerPHID"]) == (state.closed, state.closer)
        assert fields["priority"]["value"] == int(values["priority"])
        assert fields["ownerPHID"] == values["reassign"]
        assert fields["points"] == (None if values["points"] is None else str(values["points"]))
        assert fields["subtype"] == values["core:subtype"]
        assert fields["policy"]["view"] == values["core:view-policy"]
        assert fields["policy"]["edit"] == values["core:edit-policy"]
        assert fields["spacePHID"] == (values["core:space"] or default_space)
        assert set(attachments["projects"]["projectPHIDs"]) == state.projects
        assert set(attachments["subscribers"]["subscriberPHIDs"]) == set(state.subscribers)
        shown = attachments["columns"]["boards"] or {}
        assert {board: found["columns"][0]["phid"] for board, found in shown.items()} == state.columns
        for found in shown.values():
            assert names[found["columns"][0]["phid"]] == (
                found["columns"][0]["id"],
                found["columns"][0]["name"],
            )
        for name in ("release.version", "release.date", "train.status", "deadline.due", "points.final"):
            assert fields[f"custom.{name}"] == values.get(name)
        if values.get("train.backup"):
            assert fields["custom.train.backup"] == json.loads(values["train.backup"])
        assert fields["authorPHID"] == history[0]["authorPHID"]
        assert fields["dateCreated"] == int(history[0]["dateCreated"])
        assert fields["dateModified"] >= int(history[-1]["dateCreated"])


def test_places_on_boards_outlive_tags_and_a_milestone_keeps_its_project_away() -> None:
    """Rare: with this seed, eight tasks are tagged with a project again, or with that of their milestone."""
    organisation = simulate(6, END_DATE)
    boards = Boards.of(decoded(organisation.columns))
    histories: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in decoded(organisation.transactions):
        histories[int(row["taskID"])].append(row)
    for task in decoded(organisation.tasks):
        shown = task["attachments"]["columns"]["boards"] or {}
        columns = {board: found["columns"][0]["phid"] for board, found in shown.items()}
        assert columns == replay(histories[task["id"]], boards).columns


def test_transactions_are_numbered_in_the_order_of_time(
    organisation: Organisation, rows: list[dict[str, Any]]
) -> None:
    assert [int(row["transactionID"]) for row in rows] == list(range(1, len(rows) + 1))
    times = [int(row["dateCreated"]) for row in rows]
    assert times == sorted(times)
    assert times[-1] < epoch_of(END_DATE)
    assert organisation.ended_at == datetime(END_DATE.year, END_DATE.month, END_DATE.day, tzinfo=UTC)
    assert len({row["transactionPHID"] for row in rows}) == len(rows)


def test_creation_and_closing_follow_the_servers_rules(
    tasks: list[dict[str, Any]], histories: dict[int, list[dict[str, Any]]]
) -> None:
    unowned = [task for task in tasks if task["fields"]["status"]["value"] == "resolved"]
    assert all(task["fields"]["ownerPHID"] is not None or _gave_up(histories[task["id"]]) for task in unowned)
    for history in histories.values():
        assert history[0]["transactionType"] == "core:create"
        assert history[1]["transactionType"] == "title"
        created = [row for row in history if row["meta"].get("core.create")]
        assert len({row["meta"]["core.groupID"] for row in created}) == 1
        for row in created:
            assert (row["transactionType"], row["newValue"]) != ("priority", "90")


def _gave_up(history: list[dict[str, Any]]) -> bool:
    return any(row["transactionType"] == "reassign" and row["newValue"] is None for row in history)


def test_what_ties_tasks_together_is_told_on_both_sides(rows: list[dict[str, Any]]) -> None:
    merged = [row for row in rows if row["transactionType"] == "mergedinto"]
    kinds = Counter(row["meta"]["edge:type"] for row in rows if row["transactionType"] == "core:edge")
    assert kinds[3] == kinds[4]
    assert kinds[51] == kinds[52]
    assert kinds[62] == kinds[63] == len(merged) > 20


def test_the_stream_is_the_same_each_time_and_complete() -> None:
    first, second = (list(stream_documents(1, END_DATE, 400)) for _ in range(2))
    assert first == second
    streams = Counter(stream for stream, _, _, _ in first)
    assert set(streams) == {
        "tasks",
        "transactions",
        "projects",
        "columns",
        "users",
        "statuses",
        "priorities",
    }
    assert len({(stream, key) for stream, key, _, _ in first}) == len(first)
    known = {key for stream, key, _, _ in first if stream == "tasks"}
    last: dict[str, int] = {}
    for stream, key, modified_at, document in first:
        found = msgspec.json.decode(document)
        if stream == "tasks":
            assert (str(found["id"]), found["fields"]["dateModified"]) == (key, modified_at)
        elif stream == "transactions":
            assert (found["transactionID"], int(found["dateCreated"])) == (key, modified_at)
            assert found["taskID"] in known
            assert int(key) > last.get(found["taskID"], 0)
            last[found["taskID"]] = int(key)
        elif stream in {"projects", "columns", "users"}:
            assert (found["phid"], found["fields"]["dateModified"]) == (key, modified_at)
        else:
            assert (str(found["value"]), None) == (key, modified_at)


def test_a_full_walk_over_http_finds_everything(
    demo: Caller, organisation: Organisation, tasks: list[dict[str, Any]]
) -> None:
    walked: list[dict[str, Any]] = []
    transactions = 0
    attachments = {"columns": True, "projects": True, "subscribers": True}
    for first in range(1, len(tasks) + 1, 100):
        window = {"ids": list(range(first, first + 100))}
        found = demo.result("maniphest.search", constraints=window, attachments=attachments, order="oldest")
        walked += found["data"]
        histories = demo.result("maniphest.gettasktransactions", ids=window["ids"])
        transactions += sum(len(history) for history in histories.values())
    assert walked == tasks
    assert transactions == len(organisation.transactions)
    every = demo.result("project.search", constraints={"status": "all"})
    assert len(every["data"]) == len(organisation.projects)
