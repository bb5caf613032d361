"""A clock that does not jump: wall time as it was at the start, carried on by the monotonic clock.

Small corrections (time synchronisation) are followed at once. A jump is told as an alarm and followed only when it has lasted: a
clock that is set wrong for a moment neither ends windows and holds nor lets evidence lapse.

>>> wall, steady = [1000.0], [0.0]
>>> clock = SteadyClock(lambda: wall[0], lambda: steady[0])
>>> wall[0], steady[0] = 90_000.0, 1.0
>>> clock.check(), clock.now()
(88999.0, 1001.0)
"""

import time
from collections.abc import Callable

STEP_SECONDS = 5.0
"""A greater correction is a jump."""
PATIENCE_SECONDS = 60.0
"""How long a jump must last until it is believed."""


class SteadyClock:
    """Seconds since 1970."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()
        self._jumped_at: float | None = None

    def now(self) -> float:
        """The time."""
        return self._steady() + self._offset

    def check(self) -> float:
        """Compare with the wall clock; the seconds of a jump that has just been noticed, else 0.0."""
        drift = self._wall() - self.now()
        if abs(drift) <= STEP_SECONDS:
            self._offset += drift
            self._jumped_at = None
            return 0.0
        if self._jumped_at is None:
            self._jumped_at = self._steady()
            return drift
        if self._steady() - self._jumped_at >= PATIENCE_SECONDS:
            self._offset += drift
            self._jumped_at = None
        return 0.0
