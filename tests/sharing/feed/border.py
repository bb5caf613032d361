"""A border to test with: members with keys, and what they say once the guard has seen it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.signatures.keyring import KeyRing, member_key
from stillwatch.sharing.signatures.keys import generate
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.objects import Identity, Object, as_json, decode
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of

NOW = datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC)


GUARD = Guard("member-standard")


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

    def told(self, what: Disclosure, days_ago: int = 0) -> list[Object]:
        """The objects of a disclosure, as they leave the guard."""
        said = objects_of(what, Terms(self.identity, TLP.AMBER, NOW - timedelta(days=days_ago)))
        passed = [as_json(thing) if thing.id in constants() else GUARD.examine(as_json(thing)).object for thing in said]
        return [decode(msgspec.json.encode(thing)) for thing in passed if thing]

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
