"""Work on batches in threads, with results in the order of the batches and few of them in memory at a time.

>>> list(in_order(len, iter(["a", "bc"]), threads=2))
[1, 2]
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_order(work: Callable[[Given], Made], batches: Iterator[Given], threads: int) -> Iterator[Made]:
    """``work`` over the batches, in order, with at most two batches a thread in memory."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Future[Made]] = [pool.submit(work, batch) for batch in islice(batches, 2 * threads)]
        while waiting:
            yield waiting.pop(0).result()
            waiting.extend(pool.submit(work, batch) for batch in islice(batches, 1))
