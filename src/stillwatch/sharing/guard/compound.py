"""The policies that compose others: for the fields of an object, for the items of a list, for an object as a whole.

>>> from stillwatch.sharing.guard.gates import Flag
>>> report = Report(lambda text: [])
>>> Fields({"revoked": Flag()}).apply({"revoked": True, "x_note": "to all"}, "", report)
{'revoked': True}
>>> report.reasons[-1]
FieldReason(path='x_note', action='dropped', rule='policy/not-allowed', why='not allowed by the profile')
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stillwatch.sharing.guard.policy import Gate, Policy
from stillwatch.sharing.guard.report import DROPPED, Report, kept
from stillwatch.sharing.guard.ruling import FieldReason

_SHOWABLE = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
_MOST_FIELDS = 500
_STRINGS = {str}


def _all_pass(items: Collection[Any], test: Callable[[str], object]) -> bool:
    """Whether all of at least one item are strings that pass."""
    return set(map(type, items)) == _STRINGS and all(map(test, items))


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

    @cached_property
    def _test(self) -> Callable[[str], object] | None:
        return self.item.test if isinstance(self.item, Gate) else None

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """A new list."""
        if type(value) is not list and not isinstance(value, list | tuple):
            return report.drop(path, "policy/malformed", "not a list")
        if len(value) > self.most:
            return report.drop(path, "policy/too-large", f"more than {self.most} items")
        if self._test and _all_pass(value, self._test):
            return report.keep(f"{path}[]", list(value), self.form)
        passed, as_they_are = [], 0
        for number, item in enumerate(value):
            before = len(report.reasons)
            left = self.item.apply(item, f"{path}[{number}]", report)
            if left is not DROPPED:
                passed.append(left)
            if len(report.reasons) == before + 1 and report.reasons[-1].action == "kept":
                report.reasons.pop()
                as_they_are += 1
        if as_they_are:
            report.keep(f"{path}[]", value, self.form)
        return passed or report.drop(path, "policy/malformed", "no item of it passes" if value else "an empty list")


@dataclass(frozen=True)
class Fields:
    """An object passes with those of its fields that have a policy and pass it; never as an empty object.

    If one of ``required`` is there and does not pass, nothing passes. ``at`` is the path of the object where it always is the same,
    so that the reasons for what passes as it is can be made beforehand.
    """

    policies: Mapping[str, Policy]
    required: frozenset[str] = field(default=frozenset())
    at: str | None = None

    @property
    def form(self) -> str:
        """That it has fields of its own."""
        return "with the fields named below"

    def apply(self, value: Any, path: str, report: Report) -> Any:
        """A new object."""
        if type(value) is not dict and not isinstance(value, Mapping):
            return report.drop(path, "policy/malformed", "not an object")
        if len(value) > _MOST_FIELDS:
            return report.drop(path, "policy/too-large", f"more than {_MOST_FIELDS} fields")
        prefix = f"{path}." if path else ""
        gates, reasons = self._gates, report.reasons
        passed: dict[str, Any] = {}
        for name, content in value.items():
            if gate := gates.get(name):
                test, reason, of_list = gate
                if type(content) is str and not of_list and test(content):
                    reasons.append(reason)
                    passed[name] = content
                    continue
                if of_list and type(content) is list and len(content) <= _MOST_FIELDS and _all_pass(content, test):
                    reasons.append(reason)
                    passed[name] = content.copy()
                    continue
            policy = self.policies.get(name)
            if policy is None:
                report.drop(prefix + _shown(name, value, report), "policy/not-allowed")
                continue
            left = policy.apply(content, prefix + name, report)
            if left is not DROPPED:
                passed[name] = left
            elif name in self.required:
                return report.drop(path, "policy/required-field", f"{name} does not pass, and without it the rest says nothing")
        return passed or (report.drop(path, "policy/malformed", "no field of it passes") if path else passed)

    @cached_property
    def _gates(self) -> dict[str, tuple[Callable[[str], object], FieldReason, bool]]:
        """By field with a gate for strings, or for short lists of them: its test, the reason if it passes, and whether it is
        for lists; none where the path is not known yet."""
        if self.at is None:
            return {}
        prefix, found = f"{self.at}." if self.at else "", {}
        for name, policy in self.policies.items():
            of_list = isinstance(policy, Each) and policy.most >= _MOST_FIELDS
            gate = policy.item if isinstance(policy, Each) and of_list else policy
            if isinstance(gate, Gate) and gate.test:
                found[name] = gate.test, kept(f"{prefix}{name}[]" if of_list else prefix + name, gate.form), of_list
        return found


def _shown(name: object, among: Mapping[Any, Any], report: Report) -> str:
    """A field's name for a reason; of a name that tells something itself only the place among the fields."""
    if isinstance(name, str) and _SHOWABLE.fullmatch(name) and not report.judge(name):
        return name
    return f"<field {list(among).index(name)}>"


@dataclass(frozen=True)
class WholeObject:
    """An object of STIX as a whole: its fields, and two things that hold between them.

    Its id begins with its type. If a field among ``identified_by`` was there and did not pass unchanged, the object stays: the
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
