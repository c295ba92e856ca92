"""Several requests under way at once, without more of them waiting than memory should hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def in_parallel(
    work: Callable[[Item], Outcome], items: Iterable[Item], *, threads_count: int
) -> Iterator[tuple[Item, Outcome]]:
    """Do the same to every item in several threads, and give each outcome as soon as it is there.

    Items are taken one at a time, when a thread is about to be free: what is taken may depend on the
    outcomes so far. After a failure nothing more is begun; outcomes that were on their way are given first.

    Args:
        work: What to do; called in the threads.
        items: To what; read in the caller's thread.
        threads_count: How many threads.

    Raises:
        BaseException: The first thing that `work` raised.
    """
    waiting = iter(items)
    under_way: dict[Future[Outcome], Item] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(threads_count, thread_name_prefix="fetch") as pool:
        try:
            while True:
                # one more than there are threads, so that none of them waits for this one
                room = 0 if failure else threads_count + 1 - len(under_way)
                under_way.update((pool.submit(work, item), item) for item in islice(waiting, room))
                if not under_way:
                    break
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    item = under_way.pop(future)
                    error = future.exception()
                    if error is None:
                        yield item, future.result()
                    else:
                        failure = failure or error
                if failure:
                    under_way = {future: item for future, item in under_way.items() if not future.cancel()}
        finally:
            for future in under_way:
                future.cancel()
    if failure:
        raise failure
