"""The client against a server that misbehaves in every way that was observed."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from ddd.errors import SettingsError
from ddd.phab import (
    AuthenticationError,
    BadRequestError,
    Conduit,
    ConduitError,
    NotConduitError,
    RateLimitedError,
    RetryPolicy,
    ServerTroubleError,
    UnreachableError,
    redact,
)
from ddd.phab.retries import is_read

from .loopback import TOKEN, Answer, failure, success

LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head><body>Who are you?</body></html>"
MEMORY = b">>> UNRECOVERABLE FATAL ERROR <<<\n\nAllowed memory size of 1073741824 bytes exhausted\n"


def test_sends_a_typed_post_with_the_token_in_the_body_only(serve, client):
    server = serve(success([]))
    client(server).call(
        "maniphest.search", {"limit": "40", "attachments": {"projects": True, "columns": False}}
    )
    (request,) = server.seen
    assert (request.verb, request.path) == ("POST", "/api/maniphest.search")
    assert request.params == {"limit": 40, "attachments": {"projects": True}}
    assert request.token == TOKEN
    assert request.form["output"] == ["json"]
    assert TOKEN not in request.path + str(request.headers)


def test_call_bytes_returns_the_body_byte_for_byte(serve, client):
    body = rb'{"result":{"a":"\/<\u00e9","n":1.0},  "error_code":null,"error_info":null}'
    phab = client(serve(Answer(body)))
    assert phab.call_bytes("conduit.ping") == body
    assert phab.call("conduit.ping") == {"a": "/<é", "n": 1.0}
    assert (phab.requests_count, phab.bytes_count) == (2, 2 * len(body))


def test_an_answer_that_is_broken_in_its_middle_is_trouble_too(serve, client):
    phab = client(serve(Answer(rb'{"result":["\x"],"error_code":null,"error_info":null}')))
    with pytest.raises(ServerTroubleError, match="not JSON"):
        phab.call("maniphest.search")


def test_a_text_that_looks_like_the_end_of_an_answer_is_not_its_end(serve, client):
    text = 'x","error_code":null,"error_info":null}'
    whole = success([text]).body
    cut = whole[: whole.index(b"}") + 1]
    assert cut.endswith(b"null}")
    with pytest.raises(ServerTroubleError, match="not whole JSON"):
        client(serve(Answer(cut)), attempts=1).call("maniphest.search")


def test_own_token_in_a_document_is_replaced(serve, client):
    phab = client(serve(success([f"my token is {TOKEN}, keep it"])))
    assert TOKEN.encode() not in phab.call_bytes("maniphest.search")
    assert phab.call("maniphest.search") == ["my token is [redacted], keep it"]


def test_a_lone_surrogate_does_not_cost_the_page(serve, client):
    body = rb'{"result":["\ud800"],"error_code":null,"error_info":null}'
    assert client(serve(Answer(body))).call_bytes("maniphest.search") == body


def test_gzip_is_asked_for_and_understood(serve, client):
    body = json.dumps({"result": "x" * 10_000, "error_code": None}).encode()
    server = serve(Answer(gzip.compress(body), headers={"Content-Encoding": "gzip"}))
    phab = client(server)
    assert phab.call_bytes("conduit.ping") == body
    assert server.seen[0].headers["Accept-Encoding"] == "gzip"
    assert phab.bytes_count == len(body)


def test_cookies_are_not_kept(serve, client):
    server = serve(Answer(success(1).body, headers={"Set-Cookie": "phsid=A%2Fx; path=/"}))
    phab = client(server)
    phab.call("conduit.ping")
    phab.call("conduit.ping")
    assert "Cookie" not in server.seen[1].headers


def test_server_time_is_that_of_the_last_answer(serve, client):
    date = "Fri, 14 Aug 2026 10:20:30 GMT"
    phab = client(serve(Answer(success(1).body, headers={"Date": date})))
    assert phab.server_time is None
    phab.call("conduit.ping")
    assert phab.server_time == datetime(2026, 8, 14, 10, 20, 30, tzinfo=UTC)
    assert phab.server_time.tzinfo is UTC


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (Answer(LOGIN_PAGE, content_type="text/html"), NotConduitError, "web page (Login)"),
        (Answer(b"<p>", 404, "text/html"), NotConduitError, "404"),
        (Answer(b"no", 401, "text/plain"), NotConduitError, "401"),
        (Answer(b'{"ok": true}'), NotConduitError, "other JSON"),
        (Answer(b"[1, 2]"), NotConduitError, "other JSON"),
        (Answer(b"", 302, headers={"Location": "https://sso.example/"}), NotConduitError, "sso.example"),
        (Answer(b"", 200), ServerTroubleError, "not whole JSON"),
        (Answer(b'{"result":{"data":[{"id"'), ServerTroubleError, "not whole JSON"),
        (Answer(b'{"result":[],"error_code":null}', cut_at=20), ServerTroubleError, "too early"),
        (Answer(MEMORY, 500, "text/plain"), ServerTroubleError, "memory"),
        (Answer(b"<title>502</title>", 502, "text/html"), ServerTroubleError, "HTTP 502"),
        (Answer(b'{"error":"down"}', 500), ServerTroubleError, "HTTP 500"),
        (Answer(resets=True), ServerTroubleError, "broke the connection"),
        (Answer(b"TOO MANY REQUESTS", 429, "text/plain"), RateLimitedError, "too many requests"),
        (failure("ERR-CONDUIT-CORE", "#2006: MySQL server has gone away"), ServerTroubleError, "database"),
        (failure("ERR-NEW-CODE", "Nobody knows."), BadRequestError, "Nobody knows"),
        (failure("ERR-NEW-CODE", ""), BadRequestError, "(ERR-NEW-CODE)"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_no_success_becomes_the_right_error(serve, client, answer, kind, says):
    with pytest.raises(ConduitError) as caught:
        client(serve(answer), attempts=1).call("maniphest.search")
    assert type(caught.value) is kind
    assert says in caught.value.what
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_wrong_token_is_not_echoed(serve, client, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = "zzz-not/the+usual form"
    server = serve(failure("ERR-INVALID-AUTH", f'API token "{wrong}" has the wrong format.'))
    with pytest.raises(AuthenticationError) as caught:
        client(server, token=wrong).call("maniphest.search")
    error = caught.value
    assert error.what == ('The server does not accept the token: API token "[redacted]" has the wrong format')
    assert "CONDUIT_TOKEN" in error.remedy
    shown = [str(error), repr(error), error.info, caplog.text, *traceback.format_exception(error)]
    assert not [text for text in shown if wrong in text]


@pytest.mark.parametrize(
    "answer",
    [Answer(resets=True), Answer(b"", 503), failure("ERR-INVALID-AUTH", f"API token {TOKEN} is bad")],
)
def test_no_error_carries_the_token_not_even_in_its_context(serve, client, caplog, answer):
    caplog.set_level(logging.DEBUG)
    phab = client(serve(answer), attempts=3)
    with pytest.raises(ConduitError) as caught:
        phab.call("maniphest.search")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert TOKEN not in repr(vars(caught.value)) + repr(phab) + repr(phab._transport) + caplog.text


def test_redact_hides_what_looks_like_a_token():
    text = f"api-{'x' * 28} cli-{'y' * 28} and s%26cret, s&cret but no api-v1 of apiary"
    assert redact(text, "s&cret") == (
        "api-[redacted] cli-[redacted] and [redacted], [redacted] but no api-v1 of apiary"
    )


def test_transient_trouble_is_retried_ever_more_slowly(serve, client, waits):
    down = Answer(b"", 502, "text/html")
    server = serve(down, down, down, success("fine"))
    assert client(server).call("maniphest.search") == "fine"
    assert len(server.seen) == 4
    first, second, third = waits.seconds
    assert 1 <= first <= 1.5
    assert 2 <= second <= 3
    assert 4 <= third <= 6


def test_attempts_are_limited_and_the_last_error_is_told(serve, client, waits):
    server = serve(Answer(resets=True))
    with pytest.raises(ServerTroubleError, match="broke the connection"):
        client(server, attempts=3).call("conduit.ping")
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(b"", 500, "text/html"),
        Answer(b"", 503, "text/html"),
        Answer(b"TOO MANY REQUESTS", 429, "text/plain"),
        Answer(resets=True),
        Answer(success("x" * 100).body, cut_at=50),
        Answer(success("x" * 100).body[:50]),
        failure("ERR-CONDUIT-CORE", "#2013: Lost connection to MySQL server during query"),
    ],
    ids=["500", "503", "429", "reset", "cut off", "not whole JSON", "database"],
)
def test_the_first_trouble_of_a_session_is_waited_out_too(serve, client, waits, trouble):
    server = serve(trouble, success("fine"))
    assert client(server).call("maniphest.search") == "fine"
    assert len(server.seen) == 2
    assert sum(waits.seconds) >= 1


def test_retry_after_is_honoured(serve, client, waits):
    banned = Answer(b"", 429, "text/plain", headers={"Retry-After": "42"})
    client(serve(banned, success(1))).call("conduit.ping")
    assert 42 <= sum(waits.seconds) <= 43


def test_retry_after_as_a_date(serve, client, waits):
    date = "Wed, 21 Oct 2015 07:28:00 GMT"  # long past: no need to wait
    maintenance = Answer(b"", 503, "text/html", headers={"Retry-After": date})
    client(serve(maintenance, success(1))).call("conduit.ping")
    assert 0 <= sum(waits.seconds) <= 1


def test_an_endless_retry_after_is_told_instead_of_waited_for(serve, client, waits):
    server = serve(Answer(b"", 429, "text/plain", headers={"Retry-After": "7200"}))
    with pytest.raises(RateLimitedError, match="Wait 7200 seconds"):
        client(server).call("conduit.ping")
    assert len(server.seen) == 1
    assert waits.seconds == []


def test_a_ban_without_retry_after_is_waited_for_longer_than_trouble(serve, client, waits):
    banned = Answer(b"TOO MANY REQUESTS", 429, "text/plain")
    phab = client(serve(banned, banned, success(1)))
    phab.call("conduit.ping")
    first, second = waits.seconds
    assert first >= 15
    assert second >= 30
    assert phab.rejections_count == 2


def test_a_ban_holds_for_the_other_requests_of_the_client(serve, client, waits):
    policy = RetryPolicy(attempts=1)
    server = serve(Answer(b"", 429, "text/plain"), success(1))
    phab = client(server, retries=policy)
    with pytest.raises(RateLimitedError):
        phab.call("conduit.ping")
    assert waits.seconds == []
    phab.call("conduit.ping")
    assert sum(waits.seconds) >= 15


def test_what_is_too_much_is_not_asked_again_and_again(serve, client):
    server = serve(Answer(MEMORY, 500, "text/plain"))
    with pytest.raises(ServerTroubleError) as caught:
        client(server).call("maniphest.gettasktransactions", {"ids": [1]})
    assert caught.value.is_too_much
    assert not caught.value.is_transient
    assert len(server.seen) == 1


def test_a_silent_server_is_given_up_on(serve, client):
    server = serve(Answer(is_silent=True))
    with pytest.raises(ServerTroubleError, match="did not answer in time") as caught:
        client(server, read_timeout_seconds=0.2).call("maniphest.search")
    assert caught.value.is_too_much
    assert len(server.seen) == 2


def test_an_answer_without_end_is_cut(serve, client):
    with pytest.raises(ServerTroubleError, match="more than 1,000 bytes") as caught:
        client(serve(success("x" * 2000)), answer_limit_bytes=1000).call("maniphest.search")
    assert caught.value.is_too_much


def test_no_server_is_told_at_once(waits):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    phab = Conduit(f"http://127.0.0.1:{port}", TOKEN, sleep=waits.sleep)
    with pytest.raises(UnreachableError, match="connection refused") as caught:
        phab.call("conduit.ping")
    assert "CONDUIT_URL" in caught.value.remedy
    assert waits.seconds == []


def test_a_server_that_does_not_take_the_connection_is_told_in_time(waits):
    with socket.socket() as full, ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _place in range(2):  # the queue holds one more than it says
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        phab = Conduit(url, TOKEN, sleep=waits.sleep, connect_timeout_seconds=0.2)
        with pytest.raises(UnreachableError, match="no connection in time"):
            phab.call("conduit.ping")


def test_histories_are_asked_for_in_smaller_batches_where_the_server_runs_out_of_memory(serve, client):
    def answer(request):
        ids = request.params["ids"]
        if len(ids) > 20 or 7 in ids:
            return Answer(MEMORY, 500, "text/plain")
        return success({str(number): [] for number in ids})

    phab = client(serve(answer))
    assert sorted(phab.histories(range(100, 220))) == list(range(100, 220))
    with pytest.raises(ServerTroubleError, match="memory"):
        phab.histories([6, 7, 8])


def test_a_redirect_is_not_followed(serve, client):
    elsewhere = serve(success("stolen"))
    server = serve(Answer(b"", 308, headers={"Location": elsewhere.url + "conduit.ping"}))
    with pytest.raises(NotConduitError, match="redirects"):
        client(server).call("conduit.ping")
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 503, "text/html"),
        Answer(b"", 429, "text/plain"),
        Answer(resets=True),
        Answer(success({"object": {"id": 1}}).body, cut_at=9),
        failure("ERR-CONDUIT-CORE", "#1205: Lock wait timeout exceeded"),
    ],
)
def test_a_write_is_never_repeated(serve, client, waits, answer):
    server = serve(answer)
    phab = client(server)
    with pytest.raises(ConduitError):
        phab.edit("maniphest.edit", {"title": "x"}, "T1")
    with pytest.raises(ConduitError):
        phab.call("maniphest.createtask", {"title": "x"})
    with pytest.raises(ConduitError):
        phab.request("maniphest.edit", {"transactions": []})
    assert len(server.seen) == 3
    # nothing is waited for, except that a ban holds for the next request
    assert bool(waits.seconds) == (answer.status == 429)


def test_edit_sends_its_transactions(serve, client):
    phid = "PHID-TASK-aaaaaaaaaaaaaaaaaaaa"
    server = serve(success({"object": {"id": 7, "phid": phid}, "transactions": []}))
    done = client(server).edit("maniphest.edit", {"title": "New", "points": 3})
    client(server).edit("maniphest.edit", [{"type": "projects.add", "value": ["PHID-PROJ-a"]}], "T7")
    assert done["object"]["phid"].object.phid == phid
    assert [request.params for request in server.seen] == [
        {"transactions": [{"type": "title", "value": "New"}, {"type": "points", "value": 3}]},
        {
            "transactions": [{"type": "projects.add", "value": ["PHID-PROJ-a"]}],
            "objectIdentifier": "T7",
        },
    ]


def test_reads_are_known_and_anything_else_counts_as_a_write():
    reads = "maniphest.search maniphest.gettasktransactions conduit.ping user.whoami phid.query phid.lookup "
    reads += (
        "maniphest.project.task.transactions maniphest.querystatuses project.column.search maniphest.info "
    )
    writes = "maniphest.edit maniphest.createtask maniphest.update conduit.getcertificate file.upload "
    writes += "differential.creatediff token.give user.disable flag.delete harbormaster.sendmessage x.unknown"
    assert [method for method in reads.split() if not is_read(method)] == []
    assert [method for method in writes.split() if is_read(method)] == []


@pytest.mark.parametrize("method", ["", "maniphest", "../admin", "maniphest.search/", "a.b?token=1", "a.b#"])
def test_a_method_name_cannot_lead_elsewhere(serve, client, method):
    server = serve(success(1))
    with pytest.raises(BadRequestError):
        client(server).call(method)
    assert server.seen == []


def test_threads_share_a_client_and_keep_their_connections(serve, client):
    server = serve(lambda request: success(request.params["number"]))
    phab = client(server)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: phab.call("conduit.ping", {"number": n}), range(200)))
    assert answers == list(range(200))
    assert phab.requests_count == len(server.seen) == 200
    assert server.connections_count <= 4


def test_a_proxy_is_not_asked_for_this_machine(serve, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert client(serve(success(1))).call("conduit.ping") == 1


def test_the_settings_name_the_server(serve, monkeypatch, tmp_path):
    server = serve(success("pong"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONDUIT_URL", server.url)
    monkeypatch.setenv("CONDUIT_TOKEN", TOKEN)
    assert Conduit().call("conduit.ping") == "pong"
    assert Conduit(server.url.removesuffix("api/")).call("conduit.ping") == "pong"
    assert [request.token for request in server.seen] == [TOKEN, TOKEN]


def test_the_token_of_one_server_is_not_sent_to_another(serve, monkeypatch, tmp_path):
    other = serve(success("pong"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONDUIT_URL", "https://phab.example.org/api/")
    monkeypatch.setenv("CONDUIT_TOKEN", TOKEN)
    with pytest.raises(SettingsError, match="No token"):
        Conduit(other.url)
    arcrc = {"hosts": {other.url: {"token": "api-of-the-other-server"}}}
    (tmp_path / ".arcrc").write_text(json.dumps(arcrc))
    assert Conduit(other.url).call("conduit.ping") == "pong"
    assert other.seen[0].token == "api-of-the-other-server"


def test_without_any_server_it_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONDUIT_URL", "CONDUIT_TOKEN", "DDD_DEMO"):
        monkeypatch.setenv(name, "")
    with pytest.raises(SettingsError, match="CONDUIT_URL"):
        Conduit()
