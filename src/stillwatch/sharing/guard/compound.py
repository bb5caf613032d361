"""The policies that compose others: for the fields of an object, for the items of a list, for an object as a whole.

>>> from stillwatch.sharing.guard.policies import Flag
>>> report = Report(lambda text: [])
>>> Fields({"revoked": Flag()}).apply({"revoked": True, "x_note": "to all"}, "", report)
{'revoked': True}
>>> report.reasons[-1]
FieldReason(path='x_note', action='dropped', rule='policy/not-allowed', why='not allowed by the profile')
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stillwatch.sharing.guard.policies import Policy
from stillwatch.sharing.guard.report import DROPPED, Report

_SHOWABLE = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
_MOST_FIELDS = 500


@dataclass(frozen=True)
class Dropped:
    """A field that the profile names in order to say that it stays."""

    form = "stays"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """Nothing."""
        return report.drop(path, "policy/dropped")


@dataclass(frozen=True)
class Each:
    """A list passes with those of its items that pass; at most ``most`` of them, and never as an empty list."""

    item: Policy
    most: int = 10_000

    @property
    def form(self) -> str:
        """The items' form."""
        return self.item.form

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """A new list."""
        if not isinstance(value, list | tuple):
            return report.drop(path, "policy/malformed", "not a list")
        if len(value) > self.most:
            return report.drop(path, "policy/too-large", f"more than {self.most} items")
        passed, as_they_are = [], 0
        for number, item in enumerate(value):
            before = len(report.reasons)
            kept = self.item.apply(item, f"{path}[{number}]", report)
            if kept is not DROPPED:
                passed.append(kept)
            if len(report.reasons) == before + 1 and report.reasons[-1].action == "kept":
                report.reasons.pop()
                as_they_are += 1
        if as_they_are:
            report.keep(f"{path}[]", value, self.form)
        return passed or report.drop(path, "policy/malformed", "no item of it passes" if value else "an empty list")


@dataclass(frozen=True)
class Fields:
    """An object passes with those of its fields that have a policy and pass it; never as an empty object.

    If one of ``required`` is there and does not pass, nothing passes.
    """

    policies: Mapping[str, Policy]
    required: frozenset[str] = field(default=frozenset())

    @property
    def form(self) -> str:
        """That it has fields of its own."""
        return "with the fields named below"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """A new object."""
        if not isinstance(value, Mapping):
            return report.drop(path, "policy/malformed", "not an object")
        if len(value) > _MOST_FIELDS:
            return report.drop(path, "policy/too-large", f"more than {_MOST_FIELDS} fields")
        prefix = f"{path}." if path else ""
        passed = {}
        for number, (name, content) in enumerate(value.items()):
            policy = self.policies.get(name) if isinstance(name, str) else None
            if policy is None:
                report.drop(prefix + _shown(name, number, report), "policy/not-allowed")
                continue
            kept = policy.apply(content, prefix + name, report)
            if kept is not DROPPED:
                passed[name] = kept
            elif name in self.required:
                return report.drop(path, "policy/required-field", f"{name} does not pass, and without it the rest says nothing")
        return passed or (report.drop(path, "policy/malformed", "no field of it passes") if path else passed)


def _shown(name: object, number: int, report: Report) -> str:
    """A field's name for a reason; a name that tells something itself is not repeated."""
    if isinstance(name, str) and _SHOWABLE.fullmatch(name) and not report.judge(name):
        return name
    return f"<field {number}>"


@dataclass(frozen=True)
class WholeObject:
    """An object of STIX as a whole: its fields, and two things that hold between them.

    Its id begins with its type. If a field among ``identified_by`` was there and did not pass unchanged, the object does not pass: the
    id of an observable is a hash of those (STIX 2.1, section 2.9).
    """

    type: str
    fields: Fields
    identified_by: frozenset[str] = frozenset()

    def apply(self, thing: Mapping[str, Any], report: Report) -> Any:
        """What may leave of the object, DROPPED if nothing."""
        passed = self.fields.apply(thing, "", report)
        if passed is DROPPED:
            return DROPPED
        name = passed.get("id")
        if name is not None and not name.startswith(f"{self.type}--"):
            return report.drop("id", "policy/required-field", "the id is not that of an object of this type")
        for each in self.identified_by & thing.keys():
            if each not in passed or passed[each] != thing[each]:
                return report.drop("id", "privacy/derived-id")
        return passed
