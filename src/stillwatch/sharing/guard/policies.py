"""The policies that a profile is made of: small objects that each let a value pass as it is, make it coarser, or keep it back.

Nothing passes that a policy does not let pass by what it is: every policy demands a form, a value of another form is kept back.
``compound.py`` composes them. What has passed a policy passes it again unchanged.

>>> report = Report(lambda text: [])
>>> PowerOfTen().apply(2751, "accounts", report), Day().apply("2026-09-10T17:21:00.000Z", "first_seen", report)
(1000, '2026-09-10T00:00:00.000Z')
"""

import base64
import binascii
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from stillwatch.sharing.guard.report import Report

_TIME = re.compile(r"(20\d\d-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,9})?Z", re.ASCII)


class Policy(Protocol):
    """One way to treat a value: ``form`` says in words in which form it leaves."""

    @property
    def form(self) -> str:
        """In which form the value leaves, for people."""

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """What leaves in place of ``value``, or DROPPED; the reason goes into the report."""


@dataclass(frozen=True)
class Shape:
    """A string passes as it is if it has a published form, all of it."""

    name: str
    pattern: re.Pattern[str]

    @property
    def form(self) -> str:
        """The name of the form."""
        return f"as it is: {self.name}"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The string, if it has the form."""
        if isinstance(value, str) and self.pattern.fullmatch(value):
            return report.keep(path, value, self.name)
        return report.drop(path, "policy/malformed", f"not of the form {self.name}")


@dataclass(frozen=True)
class Encoded:
    """A string passes as it is if it is base64 of a string of a published form."""

    name: str
    pattern: re.Pattern[str]

    @property
    def form(self) -> str:
        """The name of the form."""
        return f"as it is: base64 of {self.name}"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The string, if what it encodes has the form and it is the one spelling of that."""
        try:
            inner = base64.b64decode(value, validate=True)
            good = self.pattern.fullmatch(inner.decode("ascii")) is not None and base64.b64encode(inner).decode() == value
        except (TypeError, ValueError, binascii.Error):
            good = False
        return (
            report.keep(path, value, f"base64 of {self.name}")
            if good
            else report.drop(path, "policy/malformed", f"not base64 of {self.name}")
        )


@dataclass(frozen=True)
class OneOf:
    """A string passes as it is if it is one of a list."""

    values: frozenset[str]

    @property
    def form(self) -> str:
        """The values."""
        return "one of " + ", ".join(sorted(self.values))

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The value, if it is listed."""
        if isinstance(value, str) and value in self.values:
            return report.keep(path, value, "a listed value")
        return report.drop(path, "policy/malformed", "not one of the listed values")


@dataclass(frozen=True)
class Flag:
    """True or false passes as it is."""

    form = "true or false"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The value, if it is a boolean."""
        return (
            report.keep(path, value, "true or false")
            if isinstance(value, bool)
            else report.drop(path, "policy/malformed", "not true or false")
        )


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds passes as it is."""

    least: int
    most: int

    @property
    def form(self) -> str:
        """The bounds."""
        return f"a whole number from {self.least} to {self.most}"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The number, if it is whole and within the bounds."""
        if isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most:
            return report.keep(path, value, self.form)
        return report.drop(path, "policy/malformed", f"not {self.form}")


def _number(value: Any) -> bool:
    """Whether a value is a number within the bounds in which JSON readers agree."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 2**53


@dataclass(frozen=True)
class PowerOfTen:
    """A number that is not negative leaves as the nearest power of ten (by its logarithm), at most ``most``; zero stays zero."""

    most: int = 10**15
    form = "rounded to a power of ten"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The power of ten, of the number's own type."""
        if not _number(value) or value < 0 or math.isnan(value):
            return report.drop(path, "policy/malformed", "not a number that could be rounded")
        if value == 0:
            return report.keep(path, value, self.form)
        order = round(math.log10(value))
        coarse: int | float = float(f"1e{order}") if isinstance(value, float) else 10 ** max(order, 0)
        return report.coarsen(path, value, min(coarse, self.most), self.form)


@dataclass(frozen=True)
class Rounded:
    """A number leaves rounded to so many decimals (0: to a whole one)."""

    decimals: int

    @property
    def form(self) -> str:
        """To what it is rounded."""
        return f"rounded to {self.decimals} decimal" if self.decimals else "rounded to a whole number"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The rounded number, of the number's own type."""
        if not _number(value) or math.isnan(value):
            return report.drop(path, "policy/malformed", "not a number that could be rounded")
        return report.coarsen(path, value, value if isinstance(value, int) else round(value, self.decimals) + 0.0, self.form)


@dataclass(frozen=True)
class Moment:
    """A time (STIX 2.1, section 3.16) of this century passes as it is: when a record was made, not when anything happened."""

    form = "as it is: a time"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The time."""
        return (
            report.keep(path, value, "a time")
            if _day(value)
            else report.drop(path, "policy/malformed", "not a time of this century")
        )


@dataclass(frozen=True)
class Day:
    """A time leaves as the start of its day in UTC, or with ``up`` as the start of the day after, if it is not a day's start."""

    up: bool = False

    @property
    def form(self) -> str:
        """Which day."""
        return "moved to the start of the next day" if self.up else "cut to the day"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The time, coarser."""
        day = _day(value)
        if day is None:
            return report.drop(path, "policy/malformed", "not a time of this century")
        _, clock, fraction = _TIME.fullmatch(value).groups()  # type: ignore[union-attr]
        exact = clock == "00:00:00" and not (fraction or "").strip(".0")
        if exact:
            return report.keep(path, value, self.form)
        start = day + timedelta(days=self.up)
        return report.coarsen(path, value, f"{start:%Y-%m-%d}T00:00:00{'.000' if fraction else ''}Z", self.form)


def _day(value: Any) -> datetime | None:
    """The day of a time, None if it is no time."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return None
    return datetime.fromisoformat(found[1])
