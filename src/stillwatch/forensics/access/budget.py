"""The budget: what calls cost, and the limit that no call may pass.

Rules: before a call its worst case is set aside (a token for every two bytes sent and all tokens that may come back); afterwards
what the server counted is charged instead. Two calls at once cannot pass the limit together.

>>> budget = Budget(0.01)
>>> with budget.reserved(Price(input=1.0, output=1.0), sent_bytes=200, most_output=100) as usage:
...     usage.input_tokens, usage.output_tokens = 50, 10
>>> round(budget.spent, 6)
6e-05
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stillwatch.errors import RefusedByPolicy

_BYTES_PER_TOKEN = 2
_MILLION = 1_000_000


class BudgetSpent(RefusedByPolicy):
    """The next call could pass the limit."""


@dataclass(frozen=True)
class Price:
    """Per million tokens."""

    input: float
    output: float


@dataclass
class Usage:
    """Tokens of one call as the server counted them; the worst case until it did."""

    input_tokens: int
    output_tokens: int


class Budget:
    """What was ``spent`` of the ``limit`` (none if it is None), in the currency of the prices."""

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.spent = 0.0
        self.calls = 0
        self._reserved = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def reserved(self, price: Price, *, sent_bytes: int, most_output: int) -> Iterator[Usage]:
        """Set the worst case of one call aside while it runs. Raises BudgetSpent before the call if it could pass the limit."""
        usage = Usage(sent_bytes // _BYTES_PER_TOKEN + 1, most_output)
        worst = _cost(price, usage)
        with self._lock:
            if self.limit is not None and self.spent + self._reserved + worst > self.limit:
                raise BudgetSpent(
                    f"the next call could cost more than is left of {self.limit:g} ({self.spent:.4g} are spent)",
                    place="--budget",
                    cure="run again with a larger --budget; what was answered is kept and costs nothing",
                )
            self._reserved += worst
        try:
            yield usage
        finally:
            with self._lock:
                self._reserved -= worst
                self.spent += _cost(price, usage)
                self.calls += 1


def _cost(price: Price, usage: Usage) -> float:
    return (price.input * usage.input_tokens + price.output * usage.output_tokens) / _MILLION
