"""The gates: policies that let a value pass as it is if it is of a form in which it can say nothing else.

>>> Shape("a digest", re.compile("[0-9a-f]{32}")).passes("our price"), Moment().passes("2026-02-30T00:00:00Z")
(False, False)
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from stillwatch.sharing.guard.identifier import TOKEN
from stillwatch.sharing.guard.policy import Gate

_DATE = (
    r"20\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"|20(?:[02468][048]|[13579][26])-02-29"
)
TIME = re.compile(rf"({_DATE})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{{1,9}})?Z", re.ASCII)
"""A time of this century as STIX writes it (2.1, section 3.16), on a day that there is."""
_REMEMBERED = 4096
"""How many strings a gate remembers: the objects of a bundle name the same times and ids again and again."""
_time = lru_cache(_REMEMBERED)(TIME.fullmatch)
_TOKEN = re.compile(TOKEN)
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Shape(Gate):
    """A string passes if all of it has a published form."""

    name: str
    pattern: re.Pattern[str]

    @property
    def form(self) -> str:
        """The name of the form."""
        return self.name

    @property
    def test(self) -> Callable[[str], object]:  # type: ignore[override]
        """Whether all of a string has the form."""
        return self.pattern.fullmatch


@dataclass(frozen=True)
class Encoded(Gate):
    """A string passes if it is base64, in its one spelling, of a string of a published form."""

    name: str
    pattern: re.Pattern[str]

    @property
    def form(self) -> str:
        """The name of the form."""
        return f"base64 of {self.name}"

    def passes(self, value: Any) -> bool:
        """Whether it is such a string."""
        try:
            inner = base64.b64decode(value, validate=True)
            return base64.b64encode(inner).decode() == value and self.pattern.fullmatch(inner.decode("ascii")) is not None
        except (TypeError, ValueError, binascii.Error):
            return False


@dataclass(frozen=True)
class OneOf(Gate):
    """A string passes if it is one of a list."""

    values: frozenset[str]

    @cached_property
    def form(self) -> str:
        """The values."""
        return "one of " + ", ".join(sorted(self.values))

    @property
    def test(self) -> Callable[[str], object]:  # type: ignore[override]
        """Whether a string is listed."""
        return self.values.__contains__


@dataclass(frozen=True)
class Flag(Gate):
    """True or false passes."""

    form: str = field(default="true or false", init=False)

    def passes(self, value: Any) -> bool:
        """Whether it is a boolean."""
        return isinstance(value, bool)


@dataclass(frozen=True)
class Between(Gate):
    """A whole number between two bounds passes."""

    least: int
    most: int

    @cached_property
    def form(self) -> str:
        """The bounds."""
        return f"a whole number from {self.least} to {self.most}"

    def passes(self, value: Any) -> bool:
        """Whether it is whole and within the bounds."""
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most


@dataclass(frozen=True)
class Moment(Gate):
    """A time of this century passes: when a record was made, not when anything happened."""

    form: str = field(default="a time", init=False)

    @property
    def test(self) -> Callable[[str], object]:  # type: ignore[override]
        """Whether a string is a time."""
        return _time


@dataclass(frozen=True)
class Token(Gate):
    """A string passes only if it is a token of the oblivious function (``swt1:epoch:kind:value``), of one of these kinds."""

    kinds: frozenset[str]
    broken = "privacy/not-a-token"

    @cached_property
    def form(self) -> str:
        """Tokens of which kinds."""
        return "a token (RFC 9497) of " + ", ".join(sorted(self.kinds))

    def passes(self, value: Any) -> bool:
        """Whether it is a token of one of the kinds."""
        found = _TOKEN.fullmatch(value) if isinstance(value, str) else None
        return found is not None and found["kind"] in self.kinds


@dataclass(frozen=True)
class Reference(Gate):
    """The id of an object of one of these types passes."""

    types: frozenset[str]

    @cached_property
    def form(self) -> str:
        """To which types."""
        return "the id of an object that may leave" if len(self.types) > 3 else f"the id of {' or '.join(sorted(self.types))}"

    @cached_property
    def test(self) -> Callable[[str], object]:  # type: ignore[override]
        """Whether a string is such an id."""
        return lru_cache(_REMEMBERED)(re.compile(f"(?:{'|'.join(sorted(self.types))})--{_UUID}").fullmatch)
