"""Alarms: what an operator must know while requests go on. Never an exception in the request path.

An alarm of one kind is raised once a minute at most; how often it came in between is counted.

>>> bell = Alarms(clock=lambda: 0.0)
>>> bell.raise_alarm("snapshot", "it is damaged (synthetic)"); bell.raise_alarm("snapshot", "again")
>>> bell.counts()
{'snapshot': 2}
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

_LOG = logging.getLogger("stillwatch.gateway")
_QUIET_SECONDS = 60.0


class Alarm(Protocol):
    """Whatever hears alarms."""

    def raise_alarm(self, kind: str, text: str) -> None:
        """Tell of something wrong; ``kind`` is a word such as ``snapshot``, ``text`` says what and what to do. Never raises."""
        ...


class Alarms:
    """Alarms go to the log ``stillwatch.gateway`` as errors, and are counted by kind."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._told: dict[str, float] = {}

    def raise_alarm(self, kind: str, text: str) -> None:
        """Count it, and log it if none of its kind was in the last minute."""
        self._counts[kind] += 1
        now = self._clock()
        if now - self._told.get(kind, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._told[kind] = now
            _LOG.error("%s: %s (%d so far)", kind, text, self._counts[kind])

    def counts(self) -> dict[str, int]:
        """How often each kind was raised since the start."""
        return dict(self._counts)
