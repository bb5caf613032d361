"""The suite ristretto255-SHA512 of RFC 9497 (section 4.1) in its modes OPRF and VOPRF: hashing to the group and to scalars, keys.

Rules: everything hashed carries the context of protocol version, mode and suite, so that nothing made in one mode means anything
in the other. Inputs are at most 65,535 bytes long.

>>> hash_to_group(b"synthetic", Mode.VOPRF) == hash_to_group(b"synthetic", Mode.OPRF)
False
"""

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from stillwatch.errors import UsageError
from stillwatch.sharing.tokens.group import SIZE, WIDE, base, element, read_scalar, reduced

LONGEST_INPUT = 2**16 - 1
_BLOCK = bytes(128)
"""A block of SHA-512 in zeros: ``Z_pad`` of RFC 9380, section 5.3.1."""
_COUNTERS = 256


class Mode(Enum):
    """OPRF hides the input; VOPRF also proves which key answered (RFC 9497, section 3.1)."""

    OPRF = 0
    VOPRF = 1

    @property
    def context(self) -> bytes:
        """``contextString`` of the mode."""
        return b"OPRFV1-" + bytes([self.value]) + b"-ristretto255-SHA512"


class InputRefused(UsageError):
    """An input, a seed or an info that RFC 9497 does not allow."""


def prefixed(value: bytes) -> bytes:
    """A value behind its length in two bytes. Raises InputRefused if that does not hold it."""
    if len(value) > LONGEST_INPUT:
        raise InputRefused(f"{len(value):,} bytes are too long", cure=f"give at most {LONGEST_INPUT:,} bytes")
    return len(value).to_bytes(2, "big") + value


def _expanded(message: bytes, tag: bytes) -> bytes:
    """``expand_message_xmd`` with SHA-512 to 64 bytes, which one block gives (RFC 9380, section 5.3.1)."""
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha512(_BLOCK + message + WIDE.to_bytes(2, "big") + b"\0" + suffix).digest()
    return hashlib.sha512(first + b"\1" + suffix).digest()


def hash_to_group(message: bytes, mode: Mode) -> bytes:
    """The element that stands for a message."""
    return element(_expanded(message, b"HashToGroup-" + mode.context))


def hash_to_scalar(message: bytes, mode: Mode, tag: bytes = b"HashToScalar-") -> bytes:
    """The scalar that stands for a message."""
    return reduced(_expanded(message, tag + mode.context))


@dataclass(frozen=True)
class KeyPair:
    """A secret scalar, which ``repr`` does not show, and its public element."""

    secret: bytes = field(repr=False)
    public: bytes

    @staticmethod
    def of(secret: bytes) -> "KeyPair":
        """The pair of this secret scalar. Raises InvalidScalar if it is none, or zero."""
        return KeyPair(read_scalar(secret), base(secret))


def derive_key_pair(seed: bytes, info: bytes, mode: Mode) -> KeyPair:
    """``DeriveKeyPair`` (RFC 9497, section 3.2.1): the key pair of a secret seed of 32 bytes and a public info.

    Raises InputRefused if the seed has another length or the info is too long.
    """
    if len(seed) != SIZE:
        raise InputRefused(f"a seed has {SIZE} bytes, this one {len(seed)}", cure="draw 32 random bytes")
    material = seed + prefixed(info)
    for counter in range(_COUNTERS):
        secret = hash_to_scalar(material + bytes([counter]), mode, b"DeriveKeyPair")
        if any(secret):
            return KeyPair.of(secret)
    raise InputRefused("no key comes of this seed", cure="draw another seed")  # RFC 9497: DeriveKeyPairError, never seen
