"""A border to test with: members with keys, and a guard of a few plain rules that implements the real one's interface."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from stillwatch.sharing.guard.ruling import FieldReason, Ruling
from stillwatch.sharing.signatures.keyring import KeyRing, member_key
from stillwatch.sharing.signatures.keys import generate
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.objects import Identity, Object, as_json

NOW = datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC)


class PlainGuard:
    """Keeps everything, but refuses what speaks of prices and drops ``confidence``."""

    def examine(self, thing: Mapping[str, Any]) -> Ruling:
        if "price" in msgspec.json.encode(thing).decode():
            return Ruling("refused", None, (FieldReason("name", "refused", "antitrust/price", "it speaks of prices"),))
        rest = {name: value for name, value in thing.items() if name != "confidence"}
        kept = tuple(FieldReason(name, "kept", "policy/allowed", "allowed") for name in rest)
        dropped = (FieldReason("confidence", "dropped", "policy/not-allowed", "not named"),) if "confidence" in thing else ()
        return Ruling("redacted" if dropped else "released", rest, kept + dropped)


class Member:
    """A member with an identity and a key."""

    def __init__(self, name: str, number: int) -> None:
        self.key = generate()
        self.identity = Identity(
            id=f"identity--00000000-0000-4000-8000-{number:012d}",
            spec_version="2.1",
            created=NOW - timedelta(days=40),
            modified=NOW - timedelta(days=40),
            name=name,
            identity_class="organization",
        )

    @property
    def id(self) -> str:
        return self.identity.id

    def bundle(self, things: Iterable[Object | Mapping[str, Any]]) -> bytes:
        """The objects, signed but for what is the same for everybody, as bytes."""
        values = [dict(thing) if isinstance(thing, Mapping) else as_json(thing) for thing in things]
        return encoded(assembled([value if value["id"] in constants() else sign(value, self.key) for value in values]))


ADA, BEN = Member("Synthetic provider A", 1), Member("Synthetic provider B", 2)


def ring(*members: Member) -> KeyRing:
    made = KeyRing()
    for member in members:
        made = made.with_key(member_key(member.id, member.key.public_key(), NOW - timedelta(days=30), NOW + timedelta(days=30)))
    return made
