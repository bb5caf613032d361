"""Bundles on their way out: closed under reference, with all that their readers need, written whole or not at all.

Rules: nothing points to what the guard kept back: a list loses the missing ids, an object whose subject is missing is left out,
and each loss is said. Markings, extension definitions, techniques and the project's identity are added as the constants that they
are. A bundle's id follows from its content.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.sharing.signatures.canonical import canonical
from stillwatch.sharing.signatures.whole_file import whole_file
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.ids import statement_id

Json = dict[str, Any]

_DISPENSABLE = frozenset({"created_by_ref", "where_sighted_refs", "observed_data_refs"})
"""References that an object can do without."""


@dataclass(frozen=True)
class Loss:
    """An object or a reference in it that was left out because what it refers to did not leave."""

    id: str
    field: str
    missing: str
    whole: bool


def closed(objects: Sequence[Json], known: Collection[str] = ()) -> tuple[list[Json], list[Loss]]:
    """The objects that stand without what is missing, and what was lost; ``known`` are ids that the reader has already."""
    kept, losses = list(objects), list[Loss]()
    while True:
        present = {thing["id"] for thing in kept} | constants().keys() | set(known)
        judged = [_without_missing(thing, present) for thing in kept]
        news = [loss for _, lost in judged for loss in lost]
        kept = [thing for thing, _ in judged if thing is not None]
        losses += news
        if not any(loss.whole for loss in news):
            return kept, losses


def assembled(objects: Sequence[Mapping[str, Any]]) -> Json:
    """A bundle of these objects, before them all constants that they use."""
    needed = _needed(objects)
    told = {thing["id"] for thing in objects}
    content = [dict(constants()[name]) for name in needed if name not in told] + [dict(thing) for thing in objects]
    digest = hashlib.sha256(canonical(content)).hexdigest()
    return {"type": "bundle", "id": statement_id("bundle", digest), "objects": content}


def encoded(bundle: Mapping[str, Any]) -> bytes:
    """A bundle as the bytes that leave: JSON, one object a line."""
    head = msgspec.json.encode({"type": bundle["type"], "id": bundle["id"]})[:-1]
    lines = b",\n".join(msgspec.json.encode(thing) for thing in bundle["objects"])
    return head + b',"objects":[\n' + lines + b"\n]}\n"


def write(bundle: Mapping[str, Any], path: Path) -> None:
    """Write a bundle in place of what was there. Raises OutputNotWritten."""
    with whole_file(path, what="the bundle") as file:
        file.write(encoded(bundle))


def references(thing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every reference in an object to another, with the property that holds it."""
    for name in _reference_names(tuple(thing)):
        content = thing[name]
        if isinstance(content, str):
            yield name, content
        elif isinstance(content, list):
            for target in content:
                if isinstance(target, str):
                    yield name, target


@lru_cache(4096)
def _reference_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names of properties that hold references; most objects have the same properties in the same order."""
    return tuple(name for name in names if name.endswith(("_ref", "_refs")))


def _needed(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of all constants that the objects use, directly or through each other, in the constants' own order."""
    found: set[str] = set()
    waiting = list(objects)
    while waiting:
        thing = waiting.pop()
        used = {target for _, target in references(thing)} | set(thing.get("extensions", ()))
        news = (used & constants().keys()) - found
        found |= news
        waiting += [constants()[name] for name in news]
    return [name for name in constants() if name in found]


def _without_missing(thing: Json, present: Collection[str]) -> tuple[Json | None, list[Loss]]:
    """The object without the references that lead nowhere, None if it cannot do without them; and what was lost."""
    missing = [(field, target) for field, target in references(thing) if target not in present]
    if not missing:
        return thing, []
    left = {field: _left(thing[field], present) for field, _ in missing}
    whole = any(not rest and field not in _DISPENSABLE for field, rest in left.items())
    losses = [Loss(thing["id"], field, target, whole) for field, target in missing]
    return (None if whole else {name: left.get(name, value) for name, value in thing.items() if left.get(name, True)}), losses


def _left(value: str | list[str], present: Collection[str]) -> list[str]:
    return [target for target in value if target in present] if isinstance(value, list) else []
