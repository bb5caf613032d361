"""The group ristretto255 and its scalars (RFC 9496), on libsodium through ``rbcl``.

Rules: elements and scalars are the 32 bytes of their encodings; a scalar is below ORDER; the identity is no element that anyone
may send. What comes from outside goes through ``multiply``, which refuses whatever is no element; ``add`` and ``subtract`` do not
look, so give them only what ``multiply`` gave. Scalars that are secret are computed on by libsodium, in constant time.

>>> multiply(scalar(2), base(scalar(3))) == base(scalar(6))
True
"""

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillwatch.errors import StillwatchError

ORDER = 2**252 + 27742317777372353535851937790883648493
"""The prime order of the group, which is also that of its scalars."""
SIZE = 32
"""Bytes of an element and of a scalar."""
WIDE = 64
"""Bytes of uniform randomness from which an element or a scalar is made."""


class InvalidElement(StillwatchError):
    """Bytes that encode no element of the group, or encode the identity."""


class InvalidScalar(StillwatchError):
    """Bytes that encode no scalar, or encode zero where zero is not allowed."""


@functools.cache
def _sodium() -> Any:
    """The functions of ``rbcl``, loaded when the first one is needed: most of what imports this module computes nothing.

    The copy of libsodium (2.7 MB) that ``rbcl`` unpacks into a temporary file to load it is removed at once.
    """
    import rbcl

    unpacked = getattr(sys.modules.get("rbcl._sodium"), "lib_path", None)
    if unpacked and sys.platform != "win32":
        Path(unpacked).unlink(missing_ok=True)
    return rbcl


def scalar(number: int) -> bytes:
    """The scalar of a whole number modulo ORDER."""
    return (number % ORDER).to_bytes(SIZE, "little")


def read_scalar(encoded: bytes) -> bytes:
    """A scalar that came from outside, zero excepted. Raises InvalidScalar if it is none."""
    if len(encoded) != SIZE or not 0 < int.from_bytes(encoded, "little") < ORDER:
        raise InvalidScalar(
            "no scalar of ristretto255 (32 bytes, little-endian, above 0 and below the order)", cure="send it as it was made"
        )
    return encoded


def reduced(uniform: bytes) -> bytes:
    """The scalar of 64 uniform bytes, little-endian (RFC 9497, section 4.1)."""
    return scalar(int.from_bytes(uniform, "little"))


def random_scalar() -> bytes:
    """A scalar from the operating system's randomness, never zero."""
    drawn: bytes = _sodium().crypto_core_ristretto255_scalar_random()
    return drawn


def element(uniform: bytes) -> bytes:
    """The element of 64 uniform bytes: the one-way map of RFC 9496, section 4.3.4."""
    mapped: bytes = _sodium().crypto_core_ristretto255_from_hash(uniform)
    return mapped


def base(factor: bytes) -> bytes:
    """The generator times a scalar. Raises InvalidScalar for zero."""
    try:
        product: bytes = _sodium().crypto_scalarmult_ristretto255_base(factor)
    except RuntimeError as error:
        raise InvalidScalar("the scalar is zero", cure="send it as it was made") from error
    return product


def multiply(factor: bytes, point: bytes) -> bytes:
    """An element times a scalar that is not zero. Raises InvalidElement if ``point`` is no element, or the identity."""
    try:
        product: bytes = _sodium().crypto_scalarmult_ristretto255(factor, point)
    except (RuntimeError, ValueError, TypeError) as error:
        what = "no element of ristretto255 (32 bytes, canonical, not the identity)"
        raise InvalidElement(what, cure="send it as it was made") from error
    return product


def add(first: bytes, second: bytes) -> bytes:
    """The sum of two elements; what is no element gives no error but nonsense."""
    total: bytes = _sodium().crypto_core_ristretto255_add(first, second)
    return total


def scalar_product(first: bytes, second: bytes) -> bytes:
    """The product of two scalars, in constant time."""
    product: bytes = _sodium().crypto_core_ristretto255_scalar_mul(first, second)
    return product


def scalar_difference(first: bytes, second: bytes) -> bytes:
    """The first scalar less the second, in constant time."""
    difference: bytes = _sodium().crypto_core_ristretto255_scalar_sub(first, second)
    return difference


def inverses(scalars: Sequence[bytes]) -> list[bytes]:
    """The inverse of each scalar, none of which is zero, by one inversion and three products each (Montgomery's trick)."""
    products = [scalar(1)]
    for each in scalars:
        products.append(scalar_product(products[-1], each))
    rest: bytes = _sodium().crypto_core_ristretto255_scalar_invert(products[-1])
    found = []
    for each, before in zip(reversed(scalars), reversed(products[:-1]), strict=True):
        found.append(scalar_product(rest, before))
        rest = scalar_product(rest, each)
    return found[::-1]
