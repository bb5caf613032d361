"""Granular markings: parts of an object that only a narrower audience may see (STIX 2.1, 7.2.3).

Rules: who may not see a part is served the object without it, and without the markings that point to it and the signature that no
longer fits; everything else keeps its bytes. If the object would no longer be what its type demands, or its type is not known
here, nothing can be cut, and the narrower audience holds for the whole. ``lang`` markings say nothing about who may see.

>>> cut(b'{"type":"note","abstract":"secret","n":1.50}', ["abstract"])
b'{"type":"note","n":1.50}'
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID
from stillwatch.sharing.stix.objects import TYPES, decode

_STEP = re.compile(r"\.?(\[\d{1,6}\]|[^.\[\]]+)")
_WHOLE = frozenset({"id", "type", "spec_version", "created", "modified", "object_marking_refs", "granular_markings", "extensions"})
"""Properties without which an object is none, or would be shown to others than it was made for."""


class Marked(msgspec.Struct, frozen=True):
    """A marking and the parts that it is on."""

    marking: str
    selectors: tuple[str, ...]


def granular_markings(value: Mapping[str, Any]) -> list[Marked] | None:
    """The granular markings of an object, without those of language; None if they cannot be read, which nobody may then ignore."""
    found = value.get("granular_markings", [])
    if not isinstance(found, list):
        return None
    read: list[Marked] = []
    for item in found:
        selectors = item.get("selectors") if isinstance(item, dict) else None
        if not isinstance(selectors, list) or not selectors or not all(isinstance(text, str) for text in selectors):
            return None
        if isinstance(item.get("marking_ref"), str):
            read.append(Marked(item["marking_ref"], tuple(selectors)))
        elif "lang" not in item:
            return None
    return read


def can_be_cut(body: bytes, value: Mapping[str, Any], selectors: Sequence[str]) -> bool:
    """Whether the object is still one of its type without these parts, each of which must be there."""
    paths = [_path(selector) for selector in selectors]
    if value.get("type") not in TYPES or any(not path or path[0] in _WHOLE or not _is_there(value, path) for path in paths):
        return False
    try:
        decode(cut(body, selectors))
    except (msgspec.DecodeError, ValueError):
        return False
    return True


def cut(body: bytes, selectors: Iterable[str]) -> bytes:
    """The object without these parts; what is not touched keeps its bytes."""
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    gone = set(selectors)
    paths = sorted((path for selector in gone if (path := _path(selector))), key=_order, reverse=True)
    for name in dict.fromkeys(str(path[0]) for path in paths):
        _replace(members, name, [path[1:] for path in paths if path[0] == name])
    if "granular_markings" in members:
        _replace_markings(members, gone)
    if "extensions" in members:
        _replace(members, "extensions", [[SIGNATURE_EXTENSION_ID]])
    return msgspec.json.encode(members)


def shown(body: bytes, cuts: str | None, audiences: Collection[int] | None) -> bytes:
    """The object for who belongs to these audiences (None: to all); ``cuts`` in JSON: audiences, and the parts for them alone."""
    if cuts is None or audiences is None:
        return body
    hidden = [selector for audience, selectors in msgspec.json.decode(cuts) if audience not in audiences for selector in selectors]
    return cut(body, hidden) if hidden else body


def _replace(members: dict[str, msgspec.Raw], name: str, inner: list[list[str | int]]) -> None:
    """Take a member out, or parts of it."""
    if not all(inner):
        members.pop(name, None)
        return
    if name not in members:
        return
    value = msgspec.json.decode(members[name])
    removed = [_remove(value, path) for path in inner]
    if any(removed):
        if value:
            members[name] = msgspec.Raw(msgspec.json.encode(value))
        else:
            del members[name]


def _replace_markings(members: dict[str, msgspec.Raw], gone: set[str]) -> None:
    left = [item for item in msgspec.json.decode(members["granular_markings"]) if not gone.intersection(item.get("selectors", ()))]
    if left:
        members["granular_markings"] = msgspec.Raw(msgspec.json.encode(left))
    else:
        del members["granular_markings"]


def _remove(value: Any, path: Sequence[str | int]) -> bool:
    """Take out what stands at a path; whether it was there."""
    *way, last = path
    for step in way:
        if not _has(value, step):
            return False
        value = value[step]
    if not _has(value, last):
        return False
    del value[last]
    return True


def _is_there(value: Any, path: Iterable[str | int]) -> bool:
    for step in path:
        if not _has(value, step):
            return False
        value = value[step]
    return True


def _has(value: Any, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _path(selector: str) -> list[str | int]:
    """``external_references.[0].url`` as its steps; none if it is no selector."""
    steps = list(_steps(selector))
    return steps if steps and isinstance(steps[0], str) else []


def _steps(selector: str) -> Iterator[str | int]:
    at = 0
    while at < len(selector):
        found = _STEP.match(selector, at)
        if found is None:
            return
        yield int(found[1][1:-1]) if found[1].startswith("[") else found[1]
        at = found.end()


def _order(path: Sequence[str | int]) -> list[tuple[bool, int, str]]:
    """An order in which later items of a list come after earlier ones."""
    return [(isinstance(step, int), step if isinstance(step, int) else 0, str(step)) for step in path]
