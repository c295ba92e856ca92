"""How many requests are under way at once, as the server counts them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ddd.phab import RateLimitedError, RetryPolicy
from ddd.web.pacing import ANSWERS_A_STEP

from .loopback import Answer, success

BANNED = Answer(b"TOO MANY REQUESTS", 429, "text/plain")
MAINTENANCE = Answer(b"", 503, "text/html")


class Crowd:
    """Answers requests in groups that must be under way together, and counts how many really are."""

    def __init__(self, group_size: int, answer: Answer | None = None) -> None:
        self.most_count = self.seen_count = self._under_way_count = 0
        self._lock = threading.Lock()
        self.gather(group_size, answer)

    def gather(self, group_size: int, answer: Answer | None = None) -> None:
        self._answer = answer or success("fine")
        self._group = threading.Barrier(group_size, timeout=20)
        self.most_count = 0

    def __call__(self, _request) -> Answer:
        with self._lock:
            self.seen_count += 1
            self._under_way_count += 1
            self.most_count = max(self.most_count, self._under_way_count)
        answer = self._answer
        self._group.wait()
        with self._lock:
            self._under_way_count -= 1
        return answer


def ask(phab, count, threads_count=16):
    with ThreadPoolExecutor(threads_count) as pool:
        return list(pool.map(lambda number: phab.call("conduit.ping", {"number": number}), range(count)))


def test_so_many_are_under_way_and_no_more(serve, client):
    crowd = Crowd(4)
    phab = client(serve(crowd))
    assert ask(phab, 32) == ["fine"] * 32
    assert (crowd.most_count, phab.connections, phab.connections_now) == (4, 4, 4)


def test_the_number_is_the_callers(serve, client):
    crowd = Crowd(7)
    phab = client(serve(crowd), connections=7)
    ask(phab, 14)
    assert crowd.most_count == phab.connections_now == 7
    with pytest.raises(ValueError, match="0 connections"):
        client(serve(crowd), connections=0)


@pytest.mark.parametrize("refusal", [BANNED, MAINTENANCE], ids=["429", "503"])
def test_a_refusal_halves_it_once_for_all_that_were_under_way(serve, client, refusal):
    crowd = Crowd(8, refusal)
    phab = client(serve(crowd), connections=8, retries=RetryPolicy(attempts=1))
    with ThreadPoolExecutor(8) as pool:
        failed = list(pool.map(lambda _n: _error(phab), range(8)))
    assert [error.code for error in failed] == [str(refusal.status)] * 8
    assert (phab.connections_now, phab.rejections_count) == (4, 8)
    crowd.gather(4, refusal)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: _error(phab), range(4)))
    assert (crowd.most_count, phab.connections_now) == (4, 2)
    crowd.gather(2)
    assert ask(phab, 16) == ["fine"] * 16
    assert crowd.most_count == 2


def _error(phab):
    try:
        return phab.call("conduit.ping")
    except Exception as error:
        return error


def test_it_never_falls_below_one(serve, client):
    phab = client(serve(MAINTENANCE), retries=RetryPolicy(attempts=20))
    with pytest.raises(Exception, match="HTTP 503"):
        phab.call("conduit.ping")
    assert phab.connections_now == 1


def test_it_grows_back_slowly_and_never_beyond_what_was_asked_for(serve, client):
    answers = iter([MAINTENANCE])
    phab = client(serve(lambda _request: next(answers, success(1))))
    seen = []
    for _answer in range(6 * ANSWERS_A_STEP):
        phab.call("conduit.ping")
        seen.append(phab.connections_now)
    assert seen.index(3) + 1 == 2 * ANSWERS_A_STEP, "from two, each of which has had fifty good answers"
    assert seen.index(4) + 1 == 2 * ANSWERS_A_STEP + 3 * ANSWERS_A_STEP
    assert sorted(set(seen)) == [2, 3, 4]


def test_other_trouble_does_not_lower_it(serve, client):
    phab = client(serve(Answer(b"", 502, "text/html"), Answer(resets=True), success(1)))
    phab.call("conduit.ping")
    assert phab.connections_now == 4


def test_who_waits_for_a_place_waits_for_the_end_of_a_ban_too(serve, client, waits):
    arrived, both_ask = threading.Event(), threading.Event()
    asked_at = []

    def answer(request):
        asked_at.append(waits.now)
        if len(asked_at) > 1:
            return success(1)
        arrived.set()
        assert both_ask.wait(20)
        return Answer(b"", 429, "text/plain", headers={"Retry-After": "77"})

    phab = client(serve(answer), connections=1, retries=RetryPolicy(attempts=1))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(phab.call, "conduit.ping")
        assert arrived.wait(20)
        second = pool.submit(lambda: (both_ask.set(), phab.call("conduit.ping"))[1])
        assert second.result() == 1
        assert isinstance(first.exception(), RateLimitedError)
    assert asked_at == [0.0, 77.0]


def test_a_maintenance_that_says_how_long_it_takes_holds_for_all(serve, client, waits):
    maintenance = Answer(b"", 503, "text/html", headers={"Retry-After": "120"})
    phab = client(serve(maintenance, success(1)), retries=RetryPolicy(attempts=1))
    with pytest.raises(Exception, match="HTTP 503"):
        phab.call("conduit.ping")
    phab.call("conduit.ping")
    assert waits.seconds == [120.0]
