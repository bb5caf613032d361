"""A release in preparation: for every object what we know, what the guard rules, and what would leave.

Rules: the guard sees every object but those that the project publishes for everybody. What it keeps back takes with it what cannot
stand without it (``stix/bundle.py``), and what consists of nothing any more. A release is *forbidden*, as a whole, if the guard
found in any object what may never be said: somebody must look at where it came from; an object that the profile merely does not
let out stays behind alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.ruling import FieldReason, Ruling
from stillwatch.sharing.stix.bundle import Loss, closed
from stillwatch.sharing.stix.definitions import constants

Json = dict[str, Any]

_ABSENT = None
_STEP = re.compile(r"([^.\[\]]+)|\[(\d*)\]")
_OF_THE_PROFILE = "policy/"
_READ = (
    "campaign", "attack-pattern", "indicator", "artifact", "observed-data", "user-account", "infrastructure", "ipv4-addr",
    "ipv6-addr", "sighting", "opinion", "note", "report",
)  # fmt: skip
"""The types in the order of reading: the campaign, its techniques and scaffolds, the accounts' tokens, where it came from."""


@dataclass(frozen=True)
class Line:
    """One field of one object: what we know, what would leave (None: nothing), and the reason."""

    id: str
    path: str
    known: Any
    leaving: Any
    action: str
    rule: str
    why: str


@dataclass(frozen=True)
class Prepared:
    """Objects with their rulings, in order, and those that would leave as they would leave; ``losses`` follow from the rulings."""

    known: tuple[Json, ...]
    rulings: tuple[Ruling, ...]
    leaving: tuple[Json, ...]
    losses: tuple[Loss, ...]

    @property
    def forbidden(self) -> tuple[tuple[str, FieldReason], ...]:
        """What may never be said and was found, with the id of the object in which it stood."""
        return tuple(
            (str(thing["id"]), reason)
            for thing, ruling in zip(self.known, self.rulings, strict=True)
            for reason in ruling.reasons
            if reason.action == "refused" and not reason.rule.startswith(_OF_THE_PROFILE)
        )

    @property
    def kept_back(self) -> tuple[tuple[str, FieldReason], ...]:
        """The objects that do not leave, each with the reason of the guard."""
        return tuple(
            (str(thing["id"]), next((r for r in ruling.reasons if r.action == "refused"), ruling.reasons[0]))
            for thing, ruling in zip(self.known, self.rulings, strict=True)
            if ruling.object is None
        )

    def lines(self) -> Iterator[Line]:
        """Every field that the guard saw, side by side, object by object in the order in which people read them; then what was
        lost with what was kept back."""
        for thing, ruling in sorted(zip(self.known, self.rulings, strict=True), key=lambda pair: _place(pair[0])):
            for reason in ruling.reasons:
                left = value_at(ruling.object, reason.path) if ruling.object is not None and reason.action != "dropped" else _ABSENT
                known = value_at(thing, reason.path)
                yield Line(str(thing["id"]), reason.path, known, left, reason.action, reason.rule, reason.why)
        for loss in self.losses:
            why = "what it refers to stays here" + (", so all of it does" if loss.whole else "")
            yield Line(loss.id, loss.field, loss.missing, _ABSENT, "dropped", "closure", why)


def _place(thing: Json) -> int:
    """Where an object stands among those that people read."""
    kind = thing.get("type")
    return _READ.index(kind) if kind in _READ else len(_READ)


def prepare(objects: Sequence[Mapping[str, Any]], guard: Guard, known_to_reader: Collection[str] = ()) -> Prepared:
    """Examine objects for release; ``known_to_reader`` are ids outside of them that may be referred to."""
    own = [dict(thing) for thing in objects if thing["id"] not in constants()]
    rulings = guard.examine_bundle(own)
    leaving, losses = closed([ruling.object for ruling in rulings if ruling.object is not None], known_to_reader)
    hollow = _wholes(own) - _wholes(leaving)
    leaving, further = closed([thing for thing in leaving if thing["id"] not in hollow], known_to_reader)
    emptied = [Loss(name, "consists-of", "all of it", True) for name in sorted(hollow)]
    return Prepared(tuple(own), tuple(rulings), tuple(leaving), (*losses, *emptied, *further))


def _wholes(objects: Sequence[Mapping[str, Any]]) -> set[str]:
    """The ids of what consists of something."""
    return {str(thing["source_ref"]) for thing in objects if thing.get("relationship_type") == "consists-of"}


def value_at(thing: Any, path: str) -> Any:
    """What stands at a path such as ``external_references[0].url``; a list for ``labels[]``; None if nothing does.

    >>> value_at({"a": [{"b": 1}, {"b": 2}]}, "a[1].b"), value_at({"a": [{"b": 1}, {"b": 2}]}, "a[].b"), value_at({}, "a")
    (2, [1, 2], None)
    """
    steps = _STEP.findall(path)
    for place, (name, index) in enumerate(steps):
        if name:
            thing = thing.get(name) if isinstance(thing, Mapping) else None
        elif not isinstance(thing, list):
            return None
        elif index:
            thing = thing[int(index)] if int(index) < len(thing) else None
        else:
            rest = "".join(f".{name}" if name else f"[{index}]" for name, index in steps[place + 1 :])
            return [value_at(item, rest) for item in thing]
    return thing
