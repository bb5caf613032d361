"""The policies for strings that may say anything, and for identifiers: examined, or tokens.

>>> from stillwatch.sharing.guard.report import DROPPED, Report
>>> report = Report(lambda text: [])
>>> Token(frozenset({"account"})).apply("jane@mail.example", "user_id", report) is DROPPED, report.reasons[-1].rule
(True, 'privacy/not-a-token')
"""

import re
from dataclasses import dataclass
from typing import Any

from stillwatch.sharing.guard.identifier import TOKEN
from stillwatch.sharing.guard.report import Report

_TOKEN = re.compile(TOKEN)


@dataclass(frozen=True)
class FreeText:
    """A string of at most ``longest`` characters passes as it is if no rule finds anything in it (``examination.py``).

    A string of one of the published ``forms``, or one of the ``known`` values, passes unexamined.
    """

    longest: int
    forms: tuple[tuple[str, re.Pattern[str]], ...] = ()
    known: frozenset[str] = frozenset()

    @property
    def form(self) -> str:
        """How it is examined."""
        forms = "".join(f", or {name}" for name, _ in self.forms)
        return f"free text, examined, at most {self.longest} characters{forms}"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The text, if nothing is found in it."""
        if not isinstance(value, str) or not _encodable(value):
            return report.drop(path, "policy/malformed", "not a text")
        if value in self.known:
            return report.keep(path, value, "a listed value")
        for name, pattern in self.forms:
            if pattern.fullmatch(value):
                return report.keep(path, value, name)
        if len(value) > self.longest:
            return report.drop(path, "policy/too-large", f"longer than {self.longest} characters")
        broken = report.judge(value)
        if broken:
            for each in broken[1:]:
                report.drop(path, each)
            return report.drop(path, broken[0])
        report.texts.append(value)
        return report.keep(path, value, "free text, examined")


@dataclass(frozen=True)
class Token:
    """A string passes only if it is a token of the oblivious function (``swt1:epoch:kind:value``), of one of these kinds."""

    kinds: frozenset[str]

    @property
    def form(self) -> str:
        """Tokens of which kinds."""
        return "only as a token (RFC 9497) of " + ", ".join(sorted(self.kinds))

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The token."""
        found = _TOKEN.fullmatch(value) if isinstance(value, str) else None
        if found and found["kind"] in self.kinds:
            return report.keep(path, value, "a token")
        return report.drop(path, "privacy/not-a-token")


@dataclass(frozen=True)
class Reference:
    """The id of an object of one of these types passes as it is."""

    types: frozenset[str]

    @property
    def form(self) -> str:
        """To which types."""
        return (
            "as it is: the id of an object that may leave"
            if len(self.types) > 3
            else f"as it is: the id of {' or '.join(sorted(self.types))}"
        )

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The id."""
        if isinstance(value, str) and _ID.fullmatch(value) and value[:-38] in self.types:
            return report.keep(path, value, "the id of an object")
        return report.drop(path, "policy/malformed", "not the id of an object that may leave")


_ID = re.compile(r"[a-z][a-z0-9-]{1,60}--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def _encodable(text: str) -> bool:
    """Whether a text can be written as UTF-8; one with half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
