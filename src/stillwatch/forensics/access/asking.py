"""Asking: many questions at a time, answers in the order of the questions.

>>> asked([1, 2, 3], lambda n: n * n, parallel=2, progress=lambda done: None)
[1, 4, 9]
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

Progress = Callable[[int], None]
"""Told how many questions were answered since it was last told."""


def asked(questions: Sequence[Q], ask: Callable[[Q], A], *, parallel: int, progress: Progress) -> list[A]:
    """``ask`` applied to every question, ``parallel`` at a time. The first exception ends it; what was under way is let finish."""
    answers: list[A] = []
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        try:
            for answer in pool.map(ask, questions):
                answers.append(answer)
                progress(1)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return answers
