"""Answers of many pages, also while somebody edits, hides and destroys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ddd.phab import ConduitError, CursorLostError, PHIDRef

from .loopback import failure, page, success


def row(number: int, **more):
    return {"id": number, "type": "TASK", "phid": f"PHID-TASK-{number:020d}", "fields": {"n": number, **more}}


class Tasks:
    """Tasks 1 to `count` in pages of two by id; the cursor's task is looked up again, as Conduit does."""

    def __init__(self, count: int) -> None:
        self.visible = dict.fromkeys(range(1, count + 1), "")
        self.before_page: dict[int, object] = {}
        self.pages_count = 0

    def __call__(self, request):
        self.pages_count += 1
        self.before_page.get(self.pages_count, lambda: None)()
        after = request.params.get("after")
        if after and int(after) not in self.visible:
            info = f'Cursor "{after}" does not identify a valid object in query "ManiphestTaskQuery".'
            return failure("ERR-CONDUIT-CORE", info)
        ids = [number for number in sorted(self.visible) if number > int(after or 0)]
        shown = ids[:2]
        return page([row(one, title=self.visible[one]) for one in shown], str(shown[-1]) if ids[2:] else None)


@pytest.fixture
def tasks():
    return Tasks(5)


@pytest.fixture
def result(serve, client, tasks):
    return client(serve(tasks)).request("maniphest.search", {"queryKey": "KpRagEN3fCBC", "limit": "2"})


def ids(rows):
    return [one["id"] for one in rows]


def test_pages_are_fetched_when_they_are_looked_at(result, tasks):
    assert (tasks.pages_count, result.has_more()) == (1, True)
    rows = iter(result)
    assert [next(rows)["id"], next(rows)["id"]] == [1, 2]
    assert tasks.pages_count == 1
    assert next(rows)["id"] == 3
    assert tasks.pages_count == 2
    assert repr(result) == "Result('maniphest.search', 4 rows, more to come)"
    assert ids(result.next_page()) == [5]
    assert not result.has_more()
    assert result.next_page() == []
    assert ids(result) == [1, 2, 3, 4, 5]
    assert tasks.pages_count == 3
    assert repr(result) == "Result('maniphest.search', 5 rows)"


def test_fetch_all_fetches_all_once(result, tasks):
    assert result.fetch_all() is result
    assert len(result.fetch_all()) == 5
    assert tasks.pages_count == 3


def test_len_counts_every_row(result):
    assert len(result) == 5
    assert ids(list(result)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("key", "expected", "pages_count"),
    [
        (0, 1, 1),
        (1, 2, 1),
        (2, 3, 2),
        (-1, 5, 3),
        (slice(0, 2), [1, 2], 1),
        (slice(1, 3), [2, 3], 2),
        (slice(2), [1, 2], 1),
        (slice(-2, None), [4, 5], 3),
        (slice(None, None, 2), [1, 3, 5], 3),
    ],
)
def test_index_and_slice_fetch_what_they_need(result, tasks, key, expected, pages_count):
    found = result[key]
    assert (ids(found) if isinstance(found, list) else found["id"]) == expected
    assert tasks.pages_count == pages_count


def test_an_index_beyond_the_end(result):
    with pytest.raises(IndexError):
        result[5]


def test_in_finds_rows_and_phids(result, tasks):
    assert "PHID-TASK-00000000000000000003" in result
    assert tasks.pages_count == 2
    assert PHIDRef("PHID-TASK-00000000000000000001") in result
    assert result[4] in result
    assert "PHID-TASK-00000000000000000009" not in result


def test_whether_there_is_anything_needs_one_page(result, tasks, serve, client):
    assert result
    assert tasks.pages_count == 1
    assert not client(serve(page([]))).request("maniphest.search")


def test_every_page_repeats_the_parameters(serve, client, tasks):
    server = serve(tasks)
    client(server).request("maniphest.search", {"queryKey": "k", "limit": "2"}).fetch_all()
    assert [request.params for request in server.seen] == [
        {"queryKey": "k", "limit": 2},
        {"queryKey": "k", "limit": 2, "after": "2"},
        {"queryKey": "k", "limit": 2, "after": "4"},
    ]


def test_a_cursor_that_vanished_is_replaced_by_the_row_before(result, tasks):
    tasks.before_page[2] = lambda: tasks.visible.pop(2)
    assert ids(result) == [1, 2, 3, 4, 5]


def test_a_page_of_which_nothing_is_left_is_an_error_that_can_be_repeated(result, tasks):
    def hide():
        tasks.visible.pop(1, None)
        tasks.visible.pop(2, None)

    tasks.before_page[2] = hide
    with pytest.raises(CursorLostError):
        result.fetch_all()
    assert result.has_more()
    tasks.visible[2] = ""  # made visible again
    assert ids(result) == [1, 2, 3, 4, 5]


def test_a_repeated_object_occurs_once_with_its_newer_row(serve, client):
    pages = iter([page([row(1), row(2)], "2"), page([row(2, title="edited"), row(3)])])
    result = client(serve(lambda _request: next(pages))).request("maniphest.search", {"order": "updated"})
    assert ids(result) == [1, 2, 3]
    assert result[1]["fields"]["title"] == "edited"


def test_a_page_without_anything_new_does_not_end_the_walk(serve, client):
    """In the order of modification: after two pages, tasks 3 and 4 are edited and come to the front."""
    pages = iter(
        [
            page([row(1), row(2)], "2"),
            page([row(3), row(4)], "4"),
            page([row(1), row(2)], "2"),
            page([row(5)]),
        ]
    )
    result = client(serve(lambda _request: next(pages))).request("maniphest.search", {"order": "updated"})
    assert ids(iter(result)) == [1, 2, 3, 4, 5]


def test_an_empty_page_does_not_end_the_walk(serve, client):
    pages = iter([page([row(1)], "1"), page([], "7"), page([row(9)])])
    assert ids(client(serve(lambda _request: next(pages))).request("maniphest.search")) == [1, 9]


@pytest.mark.parametrize("following", [{None: "1", "1": "2", "2": "1"}, {None: "1", "1": "1"}])
def test_a_circle_is_an_error(serve, client, following):
    def answer(request):
        asked = request.params.get("after")
        return page([row(int(following[asked]))], following[asked])

    server = serve(answer)
    with pytest.raises(ConduitError, match="goes in circles"):
        client(server).request("maniphest.search").fetch_all()
    assert len(server.seen) < 20


def test_threads_that_go_through_one_result_all_see_every_row(serve, client):
    phab = client(serve(Tasks(60)))
    for _repetition in range(5):
        result = phab.request("maniphest.search", {"limit": 2})
        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda _thread, found=result: ids(iter(found)), range(8)))
        assert seen == [list(range(1, 61))] * 8
        assert result.pages_count == 30


def test_the_tail_of_a_log_is_read_with_before(serve, client):
    above = {"10": ([12, 11], "12"), "12": ([14, 13], "14"), "14": ([15], None)}

    def tail(request):
        numbers, before = above[request.params["before"]]
        return page([row(number) for number in numbers], after="0", before=before)

    result = client(serve(tail)).request("transaction.search", {"objectType": "TASK", "before": "10"})
    assert ids(result) == [12, 11, 14, 13, 15]


def test_rows_without_an_identity_are_all_kept(serve, client):
    edge = {"sourcePHID": "PHID-TASK-a", "edgeType": "task.parent", "destinationPHID": "PHID-TASK-b"}
    pages = iter([page([edge], "1_2"), page([edge])])
    result = client(serve(lambda _request: next(pages))).request("edge.search")
    assert len(result) == 2


def test_an_answer_that_is_a_map_behaves_like_one(serve, client):
    phid = "PHID-USER-aaaaaaaaaaaaaaaaaaaa"
    result = client(serve(success({phid: {"name": "alice"}}))).request("phid.query", {"phids": [phid]})
    assert dict(result) == {phid: {"name": "alice"}}
    assert (len(result), phid in result, result[phid]["name"]) == (1, True, "alice")
    (key,) = result
    assert isinstance(key, PHIDRef)
    empty = client(serve(success([]))).request("phid.query", {"phids": [phid]})
    assert (len(empty), phid in empty) == (0, False)
    with pytest.raises(KeyError):
        empty[phid]
    with pytest.raises(TypeError, match="list"):
        client(serve(page([]))).request("maniphest.search").keys()


def test_an_answer_without_rows(serve, client):
    result = client(serve(success("vm"))).request("conduit.ping")
    assert (result.value, list(result), result.has_more()) == ("vm", ["vm"], False)
    assert list(client(serve(success(None))).request("conduit.ping")) == []


def test_empty_maps_are_maps(serve, client):
    task = row(1) | {"attachments": {"columns": {"boards": []}, "projects": {"projectPHIDs": []}}}
    (found,) = client(serve(page([task]))).request("maniphest.search")
    assert found["attachments"] == {"columns": {"boards": {}}, "projects": {"projectPHIDs": []}}
