"""A stamp: one signature over all bytes of a bundle, in a file beside it, so that a receiver checks one and not thousands.

Rules: a stamp is a small object that names the SHA-256 of the bundle and its member, and is signed as any object is (Ed25519 over
canonical JSON). It holds for these bytes and no others; a bundle that was altered or written anew has lost it, and every object in
it stands again on its own signature. It also shows that nothing was taken out.

>>> from stillwatch.sharing.signatures.keyring import KeyRing
>>> from datetime import UTC
>>> stamped_by(b"{}", b"no stamp", KeyRing(), datetime(2026, 1, 1, tzinfo=UTC)).reason
'the stamp is no JSON'
"""

import hashlib
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.signatures.verification import Fault, Refused, Unsigned, Valid, verify

SUFFIX = ".sig"
_LARGEST = 4096


def stamp(data: bytes, member: str, key: Ed25519PrivateKey) -> bytes:
    """The stamp of a bundle's bytes by a member."""
    said = {"type": "stillwatch-stamp", "created_by_ref": member, "sha256": hashlib.sha256(data).hexdigest()}
    return msgspec.json.encode(sign(said, key)) + b"\n"


def stamped_by(data: bytes, stamped: bytes, ring: KeyRing, now: datetime) -> Valid | Refused:
    """Whose stamp it is, or why it does not hold for these bytes at ``now``; never raises for what is in it."""
    try:
        said = msgspec.json.decode(stamped[: _LARGEST + 1])
    except (msgspec.DecodeError, RecursionError):
        return Refused("the stamp is no JSON", Fault.MALFORMED)
    verdict = verify(said, ring, now)
    if isinstance(verdict, Unsigned):
        return Refused("the stamp is not signed", Fault.MALFORMED)
    if isinstance(verdict, Refused):
        return verdict
    if said.get("type") != "stillwatch-stamp" or said.get("sha256") != hashlib.sha256(data).hexdigest():
        return Refused("the stamp is for other bytes", Fault.ALTERED)
    return verdict


def beside(path: Path) -> Path:
    """Where the stamp of a bundle's file stands."""
    return path.with_name(path.name + SUFFIX)
