"""A bundle received from strangers: what of it is taken, and why the rest is not.

The steps, each of which can refuse an object:

1. the text is JSON and a bundle within the limits (else all of it is refused); the entry is a JSON object, each name once, numbers
   finite, not too deep (``entries.py``);
2. it has a type and an id of that type; what stands in properties of a known type, or in an extension of ours, has the right type
   (``objects.py``); a type that is not known is carried along;
3. its markings, dates and references can be, and it does not contradict itself (``judgement.py``);
4. no other object of the same id and version says something else (else all of them are refused), and it is no part of a circle.

Signatures and the guard come after. What is taken keeps its text as it came, unknown properties and extensions included.

>>> from datetime import UTC
>>> reading = read_bundle(b'{"type":"bundle","id":"bundle--1","objects":[{"type":[],"id":5}]}', datetime(2026, 11, 20, tzinfo=UTC))
>>> reading.accepted, reading.refused[0].reason
((), 'it has no type, or one that is no word')
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from stillwatch.sharing.signatures.signature import without_signature
from stillwatch.sharing.stix.circles import in_circles
from stillwatch.sharing.stix.entries import Entry, NotABundle, entries
from stillwatch.sharing.stix.judgement import wrong
from stillwatch.sharing.stix.limits import Limits, Times
from stillwatch.sharing.stix.objects import (
    TYPES,
    Foreign,
    Grouping,
    MarkingDefinition,
    Note,
    Object,
    Opinion,
    Report,
    decode,
    decode_foreign,
)

_LONGEST = 240
_SMALL = 8 << 20
"""Bytes of a bundle whose objects are kept as JSON values too, which takes several times as much memory."""

_Version = tuple[str, datetime | None]


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """An object that was taken: its place in the bundle, its text as it came, and its type as far as it is understood.

    ``parsed`` is its JSON value where the bundle is small enough to keep them all.
    """

    position: int
    text: str
    thing: Object | Foreign
    parsed: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """Its STIX id."""
        return self.thing.id

    @property
    def modified(self) -> datetime | None:
        """Its version; None for what has none."""
        return getattr(self.thing, "modified", None)

    @property
    def value(self) -> dict[str, Any]:
        """It as a JSON value."""
        value: dict[str, Any] = msgspec.json.decode(self.text) if self.parsed is None else self.parsed
        return value


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """What was not taken: its place (None for the bundle as a whole), its id if it has one, and one sentence why."""

    position: int | None
    id: str | None
    reason: str


@dataclass(frozen=True)
class Reading:
    """What became of a bundle; each in the order of the bundle."""

    accepted: tuple[Accepted, ...]
    refused: tuple[Refusal, ...]


def read_bundle(data: bytes, now: datetime, limits: Limits | None = None) -> Reading:
    """Read what came in; never raises for what is in it. ``now`` has its zone."""
    bounds = limits or Limits()
    try:
        times, ids = bounds.at(now), set[str]()
        keep = len(data) <= _SMALL
        judged = [_judged(entry, times, ids, keep) for entry in entries(_text(data, bounds), bounds)]
    except NotABundle as error:
        return Reading((), (Refusal(None, None, _sentence(f"no bundle: {error}")),))
    refused = [one for one in judged if isinstance(one, Refusal)]
    unique = list(_unique([one for one in judged if isinstance(one, Accepted)], refused))
    kept = list(_without_circles(unique, refused))
    return Reading(tuple(kept), tuple(sorted(refused, key=lambda refusal: refusal.position or 0)))


def _text(data: bytes, limits: Limits) -> str:
    if len(data) > limits.bundle_bytes:
        raise NotABundle(f"it is larger than {limits.bundle_bytes} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotABundle(f"no UTF-8 at byte {error.start}") from error


def _judged(entry: Entry, times: Times, ids: set[str], keep: bool) -> Accepted | Refusal:
    """Steps 1 to 3."""
    if entry.fault:
        return Refusal(entry.position, _id_of(entry.value), entry.fault)
    value = entry.value
    try:
        reason = _unfit(value)
        thing = None if reason else decode(entry.text) if value["type"] in TYPES else decode_foreign(entry.text)
    except msgspec.DecodeError as error:
        reason, thing = str(error), None
    if thing is None or (reason := wrong(value, thing, times, ids)):
        return Refusal(entry.position, _id_of(value), _sentence(reason or ""))
    return Accepted(entry.position, entry.text, thing, value if keep else None)


def _unfit(value: dict[str, Any]) -> str | None:
    """What keeps an object from being recognised at all."""
    kind, name = value.get("type"), value.get("id")
    if not isinstance(kind, str) or not kind:
        return "it has no type, or one that is no word"
    if not isinstance(name, str) or not name.startswith(f"{kind}--"):
        return "its id is not one of its type"
    return "a bundle in a bundle" if kind == "bundle" else None


def _unique(taken: Sequence[Accepted], refused: list[Refusal]) -> Iterator[Accepted]:
    """Step 4, first half: each version of an object once; the reasons against the others are added to ``refused``."""
    if len({one.thing.id for one in taken}) == len(taken):
        yield from taken
        return
    versions: dict[_Version, list[Accepted]] = {}
    for one in taken:
        versions.setdefault((one.thing.id, one.modified), []).append(one)
    for same in versions.values():
        first, *others = same
        if len({_content(one) for one in same}) > 1:
            reason, others = "several objects of this id and version say different things", same
        else:
            reason = "it stands twice; the first is taken"
            yield first
        refused += [Refusal(one.position, one.id, reason) for one in others]


def _content(one: Accepted) -> bytes:
    """What an object says, whatever its spelling and whoever signed it."""
    return msgspec.json.encode(without_signature(one.value), order="deterministic")


def _without_circles(accepted: Iterable[Accepted], refused: list[Refusal]) -> Iterator[Accepted]:
    """Step 4, second half."""
    held = list(accepted)
    listed: dict[str, list[str]] = {}
    for one in held:
        if targets := _listed(one.thing):
            listed.setdefault(one.id, []).extend(targets)
    circling = in_circles(listed)
    for one in held:
        if one.id in circling:
            refused.append(Refusal(one.position, one.id, "it is part of a circle of objects that list each other"))
        else:
            yield one


def _listed(thing: Object | Foreign) -> tuple[str, ...]:
    """What an object contains or is marked by, as far as that can lead back to it."""
    if isinstance(thing, Report | Grouping | Note | Opinion):
        return thing.object_refs
    return (thing.object_marking_refs or ()) if isinstance(thing, MarkingDefinition) else ()


def _id_of(value: Any) -> str | None:
    named = value.get("id") if isinstance(value, dict) else None
    return _sentence(named) if isinstance(named, str) else None


def _sentence(text: str) -> str:
    """A text that quotes what came in, made fit to be printed and recorded."""
    return text.encode("ascii", "backslashreplace").decode()[:_LONGEST]
