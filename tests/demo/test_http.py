"""The HTTP side: headers, encodings, connections, and trouble on purpose."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from ddd.demo.endpoint import DocumentStore, Trouble, serve, trouble

from .conftest import Caller


def _post(url: str, method: str = "maniphest.search", **headers: str) -> requests.Response:
    return requests.post(url + method, data={"api.token": "api-test"}, headers=headers, timeout=10)


def test_the_date_header_is_the_installations_time(small_store: DocumentStore) -> None:
    now = datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)
    small_store.clock = lambda: now
    with serve(small_store) as url:
        assert parsedate_to_datetime(_post(url).headers["Date"]) == now


def test_answers_are_compressed_for_those_who_take_it(small: Caller) -> None:
    address = urlsplit(small.url)
    assert address.hostname == "127.0.0.1"
    connection = HTTPConnection(address.hostname, address.port or 0, timeout=10)
    bodies = []
    for accepted in ("gzip", "identity"):
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": accepted}
        connection.request("POST", "/api/maniphest.search", urlencode({"api.token": "api-test"}), form)
        answer = connection.getresponse()  # the second answer comes over the same connection
        assert answer.getheader("Content-Encoding") == ("gzip" if accepted == "gzip" else None)
        bodies.append(answer.read())
    connection.close()
    assert gzip.decompress(bodies[0]) == bodies[1]
    assert len(bodies[0]) < len(bodies[1])


def test_a_compressed_request_is_understood(small: Caller) -> None:
    body = gzip.compress(b"api.token=api-test&limit=1")
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    answer = requests.post(small.url + "maniphest.search", data=body, headers=headers, timeout=10)
    assert len(answer.json()["result"]["data"]) == 1


def test_a_session_cookie_is_set_once(small: Caller) -> None:
    assert "phsid" in _post(small.url).cookies
    assert "Set-Cookie" not in _post(small.url, Cookie="phsid=abc").headers


def test_a_wrong_token_is_repeated_in_the_refusal(small_store: DocumentStore) -> None:
    small_store.token = "api-" + "a" * 28
    wrong = "api-" + "b" * 28
    with serve(small_store) as url:
        answer = requests.post(url + "user.whoami", data={"api.token": wrong}, timeout=10).json()
    assert answer["error_code"] == "ERR-INVALID-AUTH"
    assert wrong in answer["error_info"]


@pytest.mark.parametrize(
    ("made", "status", "content_type"),
    [
        (trouble.rate_limited(), 429, "text/plain; charset=utf-8"),
        (trouble.broken(), 500, "text/html; charset=UTF-8"),
        (trouble.out_of_memory(), 500, "text/plain; charset=utf-8"),
        (trouble.unavailable(), 503, "text/html"),
    ],
)
def test_trouble_happens_as_often_as_planned(
    small: Caller, small_store: DocumentStore, made: Trouble, status: int, content_type: str
) -> None:
    small_store.troubles.plan(made)
    answer = _post(small.url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type)
    assert "Retry-After" not in answer.headers
    assert _post(small.url).json()["error_code"] is None


def test_trouble_can_wait_for_a_method_and_a_number_of_calls(
    small: Caller, small_store: DocumentStore
) -> None:
    small_store.troubles.plan(Trouble(503, after_calls=1, method="user.search"))
    statuses = [
        _post(small.url, method).status_code for method in ("user.search", "conduit.ping", "user.search")
    ]
    assert statuses == [200, 200, 503]


def test_an_answer_can_break_off(small: Caller, small_store: DocumentStore) -> None:
    small_store.troubles.plan(trouble.truncated())
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _post(small.url)
    small_store.troubles.plan(trouble.dropped())
    with pytest.raises(requests.exceptions.ConnectionError):
        _post(small.url)
    assert _post(small.url).json()["error_code"] is None


def test_the_same_call_in_both_encodings_gives_the_same_tasks(small: Caller) -> None:
    form = {
        "api.token": "t",
        "constraints[ids][0]": "2",
        "constraints[ids][1]": "3",
        "attachments[projects]": "1",
    }
    by_form = requests.post(small.url + "maniphest.search", data=form, timeout=10).json()["result"]["data"]
    by_json = small.result("maniphest.search", constraints={"ids": [2, 3]}, attachments={"projects": True})
    assert json.dumps(by_form) == json.dumps(by_json["data"])
    assert set(by_form[0]["attachments"]) == {"projects"}
