"""The policies that make a value coarser: numbers to powers of ten or to few decimals, times to days.

>>> report = Report(lambda text: [])
>>> PowerOfTen().apply(2751, "accounts", report), Day().apply("2026-09-10T17:21:00.000Z", "first_seen", report)
(1000, '2026-09-10T00:00:00.000Z')
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from stillwatch.sharing.guard.gates import TIME
from stillwatch.sharing.guard.report import Report

_MOST = 2**53
"""Up to here readers of JSON agree on whole numbers (RFC 8259, section 6)."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


@dataclass(frozen=True)
class PowerOfTen:
    """A number that is not negative leaves as the nearest power of ten (by its logarithm), at most ``most``; zero stays zero."""

    most: int = 10**15
    form: str = field(default="rounded to a power of ten", init=False)

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The power of ten, of the number's own type."""
        if not _is_number(value) or value < 0:
            return report.drop(path, "policy/malformed", "not a number that could be rounded")
        if value == 0:
            return report.keep(path, value, self.form)
        order = min(round(math.log10(value)), round(math.log10(self.most)))
        return report.coarsen(path, value, float(f"1e{order}") if isinstance(value, float) else 10 ** max(order, 0), self.form)


@dataclass(frozen=True)
class Rounded:
    """A number leaves rounded to so many decimals (0: to a whole one)."""

    decimals: int

    @cached_property
    def form(self) -> str:
        """To what it is rounded."""
        return f"rounded to {self.decimals} decimal" if self.decimals else "rounded to a whole number"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The rounded number, of the number's own type."""
        if not _is_number(value):
            return report.drop(path, "policy/malformed", "not a number that could be rounded")
        return report.coarsen(path, value, value if isinstance(value, int) else round(value, self.decimals) + 0.0, self.form)


@dataclass(frozen=True)
class Day:
    """A time leaves as the start of its day in UTC, or with ``up`` as the start of the day after, if it is not a day's start."""

    up: bool = False

    @property
    def form(self) -> str:
        """Which day."""
        return "moved up to the next day" if self.up else "cut to the day"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The time, coarser."""
        found = TIME.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return report.drop(path, "policy/malformed", "not a time of this century")
        date, clock, fraction = found.groups()
        if clock == "00:00:00" and not (fraction or "").strip(".0"):
            return report.keep(path, value, self.form)
        if self.up:
            date = f"{datetime.fromisoformat(date) + timedelta(days=1):%Y-%m-%d}"
        return report.coarsen(path, value, f"{date}T00:00:00{'.000' if fraction else ''}Z", self.form)
