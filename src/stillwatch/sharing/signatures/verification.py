"""Verification on receipt: an object is signed validly, refused for a reason, or not signed; nothing received makes it raise.

The steps of ``verify``, each of which can refuse:

1. the object and its ``extensions`` are JSON objects, and there is exactly one signature, of our four fields;
2. the key is in the ring, not revoked, and valid now (a signature holds as long as its key: renew it before the key ends);
3. ``created_by_ref``, if there is one, names the member whose key it is;
4. the object has a canonical form (RFC 8785), and the signature fits it (RFC 8032), or the root to which its proof leads
   (RFC 9162).

Whether an unsigned object is taken at all is the receiver's policy, not decided here. A name that stands twice in one JSON
object is invisible after parsing; the parser must refuse it.

>>> verify({"type": "note"}, KeyRing(), now=datetime(2026, 1, 1, tzinfo=UTC))
Unsigned()
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.sharing.signatures.batch import signed_statement
from stillwatch.sharing.signatures.canonical import NotCanonical
from stillwatch.sharing.signatures.keyring import KeyRing, MemberKey
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, BatchSignature, Signature, signed_bytes


class Fault(StrEnum):
    """What is wrong with a signed object, one word for each step that refuses."""

    MALFORMED = "malformed"
    TWO_SIGNATURES = "two-signatures"
    UNKNOWN_KEY = "unknown-key"
    REVOKED_KEY = "revoked-key"
    KEY_NOT_YET_VALID = "key-not-yet-valid"
    KEY_EXPIRED = "key-expired"
    OTHER_MEMBER = "other-member"
    NOT_CANONICAL = "not-canonical"
    ALTERED = "altered"


@dataclass(frozen=True)
class Valid:
    """The object is as this member signed it."""

    key_id: str
    member: str


@dataclass(frozen=True)
class Refused:
    """The object carries a signature that does not hold; ``reason`` is a sentence for a person."""

    reason: str
    fault: Fault


@dataclass(frozen=True)
class Unsigned:
    """The object carries no signature."""


Verdict = Valid | Refused | Unsigned


def verify(received: object, ring: KeyRing, now: datetime) -> Verdict:
    """What the signature of a parsed JSON object is worth at the time ``now`` (with its zone); see the steps above."""
    if not isinstance(received, dict):
        return Refused("not a JSON object", Fault.MALFORMED)
    found = _signature(received.get("extensions", {}))
    if not isinstance(found, Signature):
        return found
    key = ring.find(found.key_id)
    if key is None:
        return Refused(f"key {found.key_id} is not in the key ring", Fault.UNKNOWN_KEY)
    return (
        _key_fault(key, now) or _claim_fault(received, key) or _content_fault(received, found, key) or Valid(key.key_id, key.member)
    )


def _signature(extensions: object) -> Signature | Refused | Unsigned:
    """Step 1."""
    if not isinstance(extensions, dict):
        return Refused("extensions is not a JSON object", Fault.MALFORMED)
    spellings = [name for name in extensions if isinstance(name, str) and name.strip().lower() == SIGNATURE_EXTENSION_ID]
    if not spellings:
        return Unsigned()
    if len(spellings) > 1 or isinstance(extensions[spellings[0]], list):
        return Refused("more than one signature", Fault.TWO_SIGNATURES)
    try:
        return msgspec.convert(extensions.get(SIGNATURE_EXTENSION_ID), Signature | BatchSignature)
    except msgspec.ValidationError as error:
        said = str(error).encode("ascii", "backslashreplace").decode()[:200]  # may quote what was received
        return Refused(f"the signature is malformed: {said}", Fault.MALFORMED)


def _key_fault(key: MemberKey, now: datetime) -> Refused | None:
    """Step 2."""
    if key.revoked:
        return Refused(f"key {key.key_id} is revoked", Fault.REVOKED_KEY)
    if now < key.valid_from:
        return Refused(f"key {key.key_id} is valid from {_day(key.valid_from)} only", Fault.KEY_NOT_YET_VALID)
    if now >= key.valid_until:
        return Refused(f"key {key.key_id} ended {_day(key.valid_until)}", Fault.KEY_EXPIRED)
    return None


def _claim_fault(received: dict[str, Any], key: MemberKey) -> Refused | None:
    """Step 3."""
    if received.get("created_by_ref", key.member) == key.member:
        return None
    return Refused(f"created_by_ref names another than {key.member}, whose key signed", Fault.OTHER_MEMBER)


def _content_fault(received: dict[str, Any], signature: Signature, key: MemberKey) -> Refused | None:
    """Step 4."""
    try:
        content = signed_bytes(received)
    except NotCanonical as error:
        return Refused(error.what, Fault.NOT_CANONICAL)
    if isinstance(signature, BatchSignature):
        statement = signed_statement(content, signature.proof)
        fits = statement is not None and _fits_root(key.public_key, signature.value, statement)
    else:
        fits = _fits(key.public_key, signature.value, content)
    return None if fits else Refused(f"the object is not as key {key.key_id} signed it", Fault.ALTERED)


def _fits(public_key: str, value: str, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(base64.b64decode(value), content)
    except InvalidSignature:
        return False
    return True


_fits_root = lru_cache(4096)(_fits)
"""Whether a signature fits the root of a batch, which its objects have in common. (That its key is good now is not remembered.)"""


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes")
