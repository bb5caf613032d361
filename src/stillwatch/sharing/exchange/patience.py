"""Patience: how often, and after which pauses, something is tried again that may yet succeed.

Rules: each pause is up to twice as long as the one before, drawn at random below that, so that many clients of one server do not
come back at once; what the server asks for (``Retry-After``) is heeded, within reason.

>>> [round(pause, 1) for pause in Patience(tries=4, first_seconds=1, longest_seconds=3).pauses(lambda: 1.0)]
[1.0, 2.0, 3.0]
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

AGAIN = frozenset({408, 425, 429, 502, 503, 504})
"""The answers after which it is worth to try again."""


@dataclass(frozen=True)
class Patience:
    """``tries`` in all; the first pause is at most ``first_seconds``, none is longer than ``longest_seconds``."""

    tries: int = 5
    first_seconds: float = 0.25
    longest_seconds: float = 30.0

    def pauses(self, draw: Callable[[], float]) -> Iterator[float]:
        """The pauses between the tries, in seconds; ``draw`` gives numbers from 0 to 1."""
        for number in range(self.tries - 1):
            most = min(self.longest_seconds, self.first_seconds * 2**number)
            yield most * (0.5 + draw() / 2)

    def is_beyond(self, asked: str | None) -> bool:
        """Whether a server asks for more time than one has."""
        text = (asked or "").strip()
        return text.isascii() and text.isdigit() and float(text[:9]) > self.longest_seconds

    def heeded(self, asked: str | None) -> float:
        """The seconds that a server asks for, as far as one has them; 0 if it asks for none that can be read."""
        text = (asked or "").strip()
        return min(float(text[:9]), self.longest_seconds) if text.isascii() and text.isdigit() else 0.0
