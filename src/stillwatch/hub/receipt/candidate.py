"""A candidate: one object of a request, with what the hub must know of it to store it; the rest is kept as it came.

Rules: an object needs a type and an id of that type. Its version is ``modified``, else ``created``; what has neither
(observables) is told apart by when it was added (TAXII 2.1, 3.4.1). Without ``spec_version``, what has ``created`` is of STIX
2.0, other things of 2.1.

>>> value = {"type": "note", "id": "note--00000000-0000-4000-8000-000000000001", "created": "2026-01-01T00:00:00Z"}
>>> found = candidate(0, b"", value)
>>> found.version, found.spec_version
('2026-01-01T00:00:00Z', '2.0')
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from stillwatch.hub.timestamps import version_key
from stillwatch.sharing.signatures.signature import without_signature

_ID = re.compile(r"([a-z0-9][a-z0-9-]{1,249})--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_SPEC_VERSION = re.compile(r"\d{1,3}\.\d{1,3}", re.ASCII)
_LONGEST_MESSAGE = 800


@dataclass(frozen=True)
class Candidate:
    """An object that could be stored; ``version`` and ``key`` are None for what has no version of its own."""

    position: int
    body: bytes
    value: Mapping[str, Any]
    stix_id: str
    type: str
    spec_version: str
    version: str | None
    key: str | None
    digest: bytes

    @property
    def revoked(self) -> bool:
        """Whether it takes back what its earlier versions said."""
        return self.value.get("revoked") is True

    @property
    def markings(self) -> list[str]:
        """The ids of the markings on it as a whole."""
        return texts(self.value.get("object_marking_refs"))


@dataclass(frozen=True)
class Refusal:
    """An object that is not taken, and why, in sentences for a person."""

    position: int
    stix_id: str
    version: str
    reasons: tuple[str, ...]

    @property
    def message(self) -> str:
        """The reasons as one text, safe to print."""
        return "; ".join(self.reasons).encode("ascii", "backslashreplace").decode()[:_LONGEST_MESSAGE]


def candidate(position: int, body: bytes, value: object) -> Candidate | Refusal:
    """What an entry of ``objects`` is: ``body`` its bytes, ``value`` what they mean."""
    if not isinstance(value, dict):
        return refusal(position, value, "not a JSON object")
    kind, name, spec = value.get("type"), value.get("id"), value.get("spec_version")
    named = _ID.fullmatch(name) if isinstance(name, str) else None
    if not isinstance(kind, str) or named is None or named[1] != kind:
        return refusal(position, value, "it needs a type, and an id that is this type, two hyphens and a UUID")
    if spec is not None and not (isinstance(spec, str) and _SPEC_VERSION.fullmatch(spec)):
        return refusal(position, value, "its spec_version is no version such as 2.1")
    version = value.get("modified", value.get("created"))
    try:
        key = version_key(version) if isinstance(version, str) else None
    except ValueError as error:
        return refusal(position, value, f"its version cannot be read: {error}")
    if version is not None and key is None:
        return refusal(position, value, "created or modified is no text")
    spec = spec or ("2.0" if "created" in value else "2.1")
    return Candidate(position, body, value, str(name), kind, spec, version, key, _digest(value))


def refusal(position: int, value: object, *reasons: str) -> Refusal:
    """A refusal of an entry, named by its id where it has one, else by its place."""
    found = value if isinstance(value, dict) else {}
    name, version = found.get("id"), found.get("modified", found.get("created"))
    shown = name if isinstance(name, str) and _ID.fullmatch(name) else f"objects[{position}]"
    return Refusal(position, shown, version[:40] if isinstance(version, str) else "", reasons)


def texts(value: object) -> list[str]:
    """The texts in a list; nothing for what is none."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _digest(value: Mapping[str, Any]) -> bytes:
    """Of the content, whatever its spelling (order of names, blanks, escapes) and its signature, which changes with each batch."""
    extensions = value.get("extensions")
    content = without_signature(value) if isinstance(extensions, dict) else value
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()
