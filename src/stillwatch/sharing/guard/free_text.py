"""The policies for strings that may say anything: they pass as they are if no rule finds anything in them.

>>> from stillwatch.sharing.guard.report import DROPPED
>>> report = Report(lambda text: ["privacy/email"] if "@" in text else [])
>>> FreeText(100).apply("jane@mail.example", "name", report) is DROPPED, report.reasons[-1].rule
(True, 'privacy/email')
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stillwatch.sharing.guard.report import DROPPED, Report


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
        if broken := report.judge(value):
            for each in broken:
                report.drop(path, each)
            return DROPPED
        report.texts.append(value)
        return report.keep(path, value, "free text, examined")


@dataclass(frozen=True)
class JsonText:
    """A string that is JSON, such as a schema, passes as it is if every text in it would pass as free text, names of fields "
    "too."""

    longest: int

    @property
    def form(self) -> str:
        """How it is examined."""
        return f"JSON, all texts in it examined, at most {self.longest} characters; or free text"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """The string, if nothing is found in it. What is no JSON is free text."""
        if not isinstance(value, str) or len(value) > self.longest or not value.startswith("{"):
            return FreeText(self.longest).apply(value, path, report)
        try:
            document = json.loads(value, object_pairs_hook=_both)
        except (ValueError, RecursionError):
            return report.drop(path, "policy/malformed", "not JSON")
        for text in _texts(document):
            if broken := report.judge(text):
                return report.drop(path, broken[0])
        return report.keep(path, value, "JSON, examined")


def _both(pairs: list[tuple[str, Any]]) -> list[Any]:
    """An object as the list of its names and contents, so that none is lost where a name occurs twice."""
    return [part for pair in pairs for part in pair]


def _texts(document: Any) -> Iterator[str]:
    """All texts in a JSON value, names of fields too."""
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            todo += value


def _encodable(text: str) -> bool:
    """Whether a text can be written as UTF-8; one with half a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
