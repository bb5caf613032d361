"""Receipt: refusals are recorded, whatever came in (all objects are synthetic)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import OutputNotWritten
from stillwatch.sharing.ledger.entry import Draft, Entry
from stillwatch.sharing.signatures.keyring import KeyRing, member_key
from stillwatch.sharing.signatures.receipt import receive
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.signatures.verification import Refused, Unsigned, Valid

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MEMBER = "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RING = KeyRing((member_key(MEMBER, KEY.public_key(), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),))
NOTE = {"type": "note", "id": "note--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061", "content": "synthetic"}
SIGNED = sign(NOTE, KEY)


class Kept:
    """A recorder that keeps entries in memory, under the ledger's own rules."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> Entry:
        self.entries.append(Draft(kind, subject, details, actor).at(len(self.entries), now))
        return self.entries[-1]


class Full:
    """A recorder that takes nothing."""

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> Entry:
        raise OutputNotWritten("nothing was recorded: the disk is full")


def test_a_refusal_is_recorded() -> None:
    kept = Kept()
    assert isinstance(receive(SIGNED | {"content": "altered"}, RING, kept, "feed", NOW), Refused)
    (entry,) = kept.entries
    assert (entry.kind, entry.actor, entry.subject) == ("refusal", "feed", NOTE["id"])
    assert (entry.details["because"], entry.details["fault"]) == ("signature", "altered")
    assert "synthetic" not in str(entry.details)


def test_what_is_not_refused_is_not_recorded_here() -> None:
    kept = Kept()
    assert isinstance(receive(SIGNED, RING, kept, "feed", NOW), Valid)
    assert receive(NOTE, RING, kept, "feed", NOW) == Unsigned()
    assert kept.entries == []


def test_no_verdict_without_its_record() -> None:
    with pytest.raises(OutputNotWritten):
        receive(SIGNED | {"content": "altered"}, RING, Full(), "feed", NOW)


ANY_TEXT = st.text(st.characters())  # halves of characters too
ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | ANY_TEXT,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(ANY_TEXT, v, max_size=3),
    max_leaves=6,
)


@given(
    ANYTHING
    | st.builds(lambda name, signature: {"id": name, "extensions": {SIGNATURE_EXTENSION_ID: signature}}, ANYTHING, ANYTHING)
)
def test_every_refusal_can_be_recorded(received: Any) -> None:
    kept = Kept()
    verdict = receive(received, RING, kept, "feed", NOW)
    assert len(kept.entries) == isinstance(verdict, Refused)
