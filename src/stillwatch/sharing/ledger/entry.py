"""An entry of the ledger: who did what to what, when, and the bytes that stand for it in the tree.

Rules: ``kind`` is a lower-case word, its parts joined by hyphens; the ones in use are in KINDS, and others may come. The time is
UTC to the microsecond. ``details`` is a JSON object that has a canonical form (RFC 8785). A leaf of the tree is the canonical form
of the whole entry, so that anybody can compute it from the entry as it is exported.

>>> Entry(0, "2026-01-01T00:00:00.000000Z", "release", "analyst-1", "bundle--1", {}).leaf().decode()
'{"actor":"analyst-1","details":{},"index":0,"kind":"release","subject":"bundle--1","time":"2026-01-01T00:00:00.000000Z"}'
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from stillwatch.errors import UsageError
from stillwatch.sharing.signatures.canonical import NotCanonical, canonical

KINDS = (
    "release", "refusal", "text-read", "token-request", "decision", "approval", "pardon", "deletion", "deletion-held", "import",
)  # fmt: skip
"""What the parts of Stillwatch record."""

_KIND = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_KIND = 64
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class EntryRefused(UsageError):
    """What should be recorded is no entry; nothing was recorded."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry at its place in the log; ``index`` counts from 0."""

    index: int
    time: str
    kind: str
    actor: str
    subject: str
    details: dict[str, Any]

    def leaf(self) -> bytes:
        """The content of the entry's leaf. Raises NotCanonical if it has none."""
        return canonical(msgspec.structs.asdict(self))


class Draft(msgspec.Struct, frozen=True):
    """An entry that has no place yet."""

    kind: str
    subject: str
    details: Mapping[str, Any]
    actor: str

    def at(self, index: int, now: datetime) -> Entry:
        """The entry at this place and time (with its zone). Raises EntryRefused if a field breaks the rules."""
        if not isinstance(self.kind, str) or not _KIND.fullmatch(self.kind) or len(self.kind) > _LONGEST_KIND:
            raise _refused("kind", f"{self.kind!r:.80} is no lower-case word", f"use a word such as {', '.join(KINDS[:3])}")
        for name, text in (("subject", self.subject), ("actor", self.actor)):
            if not isinstance(text, str) or not text:
                raise _refused(name, "it is empty or no text", f"name the {name}")
        if not isinstance(self.details, Mapping):
            raise _refused("details", "they are no JSON object", "give a mapping of names to JSON values")
        if now.tzinfo is None:
            raise _refused("now", "the time has no zone", "give the time in UTC")
        entry = Entry(index, now.astimezone(UTC).strftime(_TIME), self.kind, self.actor, self.subject, dict(self.details))
        try:
            return msgspec.json.decode(entry.leaf(), type=Entry)
        except NotCanonical as error:
            raise _refused("text or details", error.what, error.cure) from error


def _refused(field: str, what: str, cure: str) -> EntryRefused:
    return EntryRefused(what, place=f"ledger entry, {field}", cure=cure)
