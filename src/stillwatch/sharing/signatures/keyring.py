"""The key ring: which public key belongs to which member, from when until when.

Rules: a key belongs to one member (a STIX identity) and is valid from ``valid_from`` until just before ``valid_until``, unless
it is revoked. A member may hold several keys at once, so that a new one is known before the old one ends. The id in the file
must be the digest of the public key: a slip of the pen in either is an error. An unknown field is an error. The ring is read from
JSON or TOML and written as JSON, whole or not at all; it is a value, and every change gives a new ring.

>>> KeyRing().find("0" * 32) is None
True
"""

import base64
import tomllib
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.signatures.keys import key_id
from stillwatch.sharing.signatures.whole_file import whole_file

SCHEMA = "stillwatch.keyring/1"

Member = Annotated[str, msgspec.Meta(pattern=r"^identity--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""The id of a member's STIX identity."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone."""


class MemberKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One public key of one member; ``public_key`` is base64 of the 32 bytes of RFC 8032."""

    key_id: str
    member: Member
    public_key: str
    valid_from: Moment
    valid_until: Moment
    revoked: bool = False

    def __post_init__(self) -> None:
        if key_id(self.public()) != self.key_id:
            raise ValueError(f"key id {self.key_id} is not that of its public key, {key_id(self.public())}")
        if self.valid_from >= self.valid_until:
            raise ValueError(f"key {self.key_id} ends before it begins")

    def public(self) -> Ed25519PublicKey:
        """The key itself."""
        raw = base64.b64decode(self.public_key, validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)


class KeyRing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys that a receiver knows, in the order in which they were added."""

    keys: tuple[MemberKey, ...] = ()
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise ValueError(f"schema {self.schema!r} is not {SCHEMA!r}")
        twice = [key for key, times in Counter(key.key_id for key in self.keys).items() if times > 1]
        if twice:
            raise ValueError(f"key {twice[0]} stands twice")

    def find(self, wanted: str) -> MemberKey | None:
        """The key with this id, if it is known."""
        return next((key for key in self.keys if key.key_id == wanted), None)

    def with_key(self, key: MemberKey) -> "KeyRing":
        """The ring with one key more. Raises UsageError if the key is in it already, under whatever name."""
        if self.find(key.key_id):
            raise UsageError("the key is in the ring already", place=key.key_id, cure="make a new key")
        return KeyRing((*self.keys, key))

    def rotated(self, successor: MemberKey, overlap: timedelta) -> "KeyRing":
        """The ring with a member's next key; earlier ones end ``overlap`` after that begins, if they did not end sooner.

        Raises UsageError if the overlap is negative or the key is in the ring already.
        """
        if overlap < timedelta(0):
            raise UsageError(
                f"an overlap of {overlap} leaves a gap", place=successor.key_id, cure="give an overlap of zero or more"
            )
        end = successor.valid_from + overlap

        def ends(key: MemberKey) -> bool:
            return key.member == successor.member and key.valid_from < successor.valid_from and key.valid_until > end

        kept = (msgspec.structs.replace(key, valid_until=end) if ends(key) else key for key in self.keys)
        return KeyRing(tuple(kept)).with_key(successor)

    def revoking(self, key: str) -> "KeyRing":
        """The ring with this key revoked. Raises UsageError if it is not known."""
        if not self.find(key):
            raise UsageError("no such key in the ring", place=key, cure="name the id of a key that is in the ring")
        return KeyRing(tuple(msgspec.structs.replace(k, revoked=True) if k.key_id == key else k for k in self.keys))


def member_key(member: str, public: Ed25519PublicKey, valid_from: datetime, valid_until: datetime) -> MemberKey:
    """A ring entry for a public key. Raises UsageError if the member is no identity's id or the times do not fit."""
    encoded = base64.b64encode(public.public_bytes_raw()).decode()
    fields = {"member": member, "public_key": encoded, "valid_from": valid_from, "valid_until": valid_until}
    try:
        return msgspec.convert({"key_id": key_id(public), **fields}, MemberKey)
    except msgspec.ValidationError as error:
        raise UsageError(str(error), place=member, cure="give an identity's id and two times with their zones, in order") from error


def read_ring(path: Path) -> KeyRing:
    """The ring in a JSON or TOML (``.toml``) file. Raises NoReadableInput, saying which field of which key is wrong."""
    try:
        return msgspec.convert(_parsed(path), KeyRing)
    except OSError as error:
        raise NoReadableInput(f"the key ring cannot be read ({error.strerror})", place=str(path), cure="name a key ring") from error
    except (ValueError, RecursionError) as error:
        cure = f"mend the file; its fields are those of {SCHEMA} (docs/signatures.md)"
        raise NoReadableInput(f"no key ring: {error}", place=str(path), cure=cure) from error


def write_ring(ring: KeyRing, path: Path) -> None:
    """Write a ring as JSON, in place of what was there. Raises OutputNotWritten."""
    text = msgspec.json.format(msgspec.json.encode(ring), indent=1) + b"\n"
    with whole_file(path, what="the key ring") as file:
        file.write(text)


def _parsed(path: Path) -> Any:
    content = path.read_bytes()
    return tomllib.loads(content.decode()) if path.suffix == ".toml" else msgspec.json.decode(content)
