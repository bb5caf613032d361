"""Dating: when the objects of one request were added, so that no date tells of another object.

Dates are unique and grow from request to request, so that pages lose nothing (TAXII 2.1, 3.3). Within a request, dates that
followed each other without a gap would tell who sees the first and the third that there is a second. So

1. objects for one audience have their dates in the order of the envelope, one in each *step* of STEP microseconds, counted for this
   audience alone: what is for others moves nothing;
2. where in its step a date lies is drawn, among what is free;
3. before each object as many steps are left free as a coin falls heads in a row. What is held for its contributor alone
   (``admission.py``) must have a step among those of its audience, which others see empty: one empty step is then just as likely
   where nothing is held as where something is, two are twice as likely where something is.

>>> from stillwatch.sharing.stix.tlp import TLP
>>> dates = Dating(1_000, 0, draw=lambda below: 0)
>>> green, red = Audience(TLP.GREEN), Audience(TLP.RED)
>>> [dates.next(audience) - dates.start for audience in (green, red, red, green)]
[0, 1, 32, 33]
"""

import secrets
from collections import Counter
from collections.abc import Callable

from stillwatch.hub.access.audience import Audience

STEP = 32
"""Microseconds; so many objects that are for as many audiences find room in one."""

Draw = Callable[[int], int]
"""A random number from 0 to below the one given."""


class Dating:
    """The dates of one request, from ``start`` on: ``now``, or just after the ``last`` one given if that is not before now."""

    def __init__(self, now: int, last: int, draw: Draw = secrets.randbelow) -> None:
        self.start = max(now, last + 1)
        self.last = last
        self._draw = draw
        self._steps: Counter[Audience] = Counter()
        self._taken: set[int] = set()

    def next(self, audience: Audience) -> int:
        """The date of the next object for this audience."""
        while self._draw(2):
            self._steps[audience] += 1
        while True:
            begin = self.start + STEP * self._steps[audience]
            self._steps[audience] += 1
            if free := [date for date in range(begin, begin + STEP) if date not in self._taken]:
                return self.take(free[self._draw(len(free))])

    def given(self, date: int) -> int:
        """The date that an archive gives, moved on to one that no other has."""
        while date in self._taken:
            date += 1
        return self.take(date)

    def know(self, dates: set[int]) -> None:
        """Take in dates that others have."""
        self._taken |= dates

    def take(self, date: int) -> int:
        """Give this date out."""
        self._taken.add(date)
        self.last = max(self.last, date)
        return date
