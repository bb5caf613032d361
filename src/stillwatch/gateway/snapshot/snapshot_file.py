"""A snapshot as a file: arrays that can be memory-mapped, under a signed head.

Layout: the line ``stillwatch snapshot 1``, four bytes with the length of the head (little-endian), the head (JSON), 64 bytes of
Ed25519 signature (RFC 8032) over all before it, then the arrays, each at a multiple of 64 bytes. The head names the body's size
and SHA-256, so the signature covers everything. A file that is cut short, damaged or signed by somebody else is refused whole.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> key, path = Ed25519PrivateKey.generate(), getfixture("tmp_path") / "a.snapshot"
>>> write(path, {"numbers": np.arange(3)}, {"name": "synthetic"}, key)
>>> about, arrays = read(path, [key.public_key()])
>>> about["name"], arrays["numbers"].tolist()
('synthetic', [0, 1, 2])
"""

import hashlib
import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.errors import NoReadableInput, OutputNotWritten

Arrays = Mapping[str, npt.NDArray[Any]]
_MAGIC = b"stillwatch snapshot 1\n"
_SIGNATURE_BYTES = 64
_ALIGNED = 64
_HEAD_LIMIT = 16 << 20
_CURE = "build the snapshot again, or go back with `stillwatch gateway rollback`"


class SnapshotRefused(NoReadableInput):
    """The file is no whole snapshot by somebody trusted; nothing of it is used."""


class _Array(msgspec.Struct, frozen=True):
    """Where an array stands: ``offset`` from the beginning of the body, ``length`` in items, ``dtype`` as numpy writes it."""

    name: str
    dtype: str
    length: int
    offset: int


class _Head(msgspec.Struct, frozen=True):
    about: dict[str, Any]
    arrays: list[_Array]
    size: int
    sha256: str


def write(path: Path, arrays: Arrays, about: Mapping[str, Any], key: Ed25519PrivateKey) -> None:
    """Write a snapshot, whole or not at all, read-only. ``about`` is a JSON object. Raises OutputNotWritten."""
    places, size = _places(arrays)
    digest = hashlib.sha256()
    for piece in _pieces(arrays, places):
        digest.update(piece)
    head = msgspec.json.encode(_Head(dict(about), places, size, digest.hexdigest()))
    signed = _MAGIC + len(head).to_bytes(4, "little") + head
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(_padded(signed + key.sign(signed)))
            for piece in _pieces(arrays, places):
                file.write(piece)
            os.fchmod(file.fileno(), 0o444)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError as error:
        cure = "free some space or choose another folder"
        raise OutputNotWritten(f"the snapshot could not be written ({error.strerror})", place=str(path), cure=cure) from error


def _places(arrays: Arrays) -> tuple[list[_Array], int]:
    places, at = [], 0
    for name, array in arrays.items():
        places.append(_Array(name, array.dtype.str, len(array), at))
        at += -(-array.nbytes // _ALIGNED) * _ALIGNED
    return places, at


def _pieces(arrays: Arrays, places: Sequence[_Array]) -> list[memoryview]:
    """The body in order: each array's bytes, then zeros up to the next place."""
    found = []
    for place in places:
        data = np.ascontiguousarray(arrays[place.name]).view(np.uint8).data
        found += [data, memoryview(bytes(-len(data) % _ALIGNED))]
    return found


def _padded(head: bytes) -> bytes:
    return head + bytes(-len(head) % _ALIGNED)


def read(path: Path, trusted: Sequence[Ed25519PublicKey]) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """What a snapshot says about itself, and its arrays, memory-mapped and read-only.

    Steps: (1) the head is whole; (2) it is signed by one of ``trusted``; (3) the body has the size and (4) the digest that the head
    names. Raises SnapshotRefused.
    """
    try:
        with path.open("rb") as file:
            head, begin = _head(file, path, trusted)
            if os.fstat(file.fileno()).st_size != begin + head.size:
                raise SnapshotRefused("it is cut short or has more than it should", place=str(path), cure=_CURE)
            file.seek(begin)
            if hashlib.file_digest(file, "sha256").hexdigest() != head.sha256:
                raise SnapshotRefused("it is damaged: its digest is another", place=str(path), cure=_CURE)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise SnapshotRefused(f"it cannot be read ({error.strerror})", place=str(path), cure=_CURE) from error
    return head.about, {place.name: _array(mapped, begin, place) for place in head.arrays}


def _head(file: IO[bytes], path: Path, trusted: Sequence[Ed25519PublicKey]) -> tuple[_Head, int]:
    """The head of a signed file and where its body begins."""
    start = file.read(len(_MAGIC) + 4)
    length = int.from_bytes(start[len(_MAGIC) :], "little")
    if not start.startswith(_MAGIC) or len(start) < len(_MAGIC) + 4 or length > _HEAD_LIMIT:
        raise SnapshotRefused("this is no snapshot of this version", place=str(path), cure=_CURE)
    signed = start + file.read(length)
    signature = file.read(_SIGNATURE_BYTES)
    if not any(_signs(key, signature, signed) for key in trusted):
        cure = "name the publisher's key in gateway.toml, or build the snapshot with that key"
        raise SnapshotRefused("it is signed by nobody who is trusted here, or was changed", place=str(path), cure=cure)
    try:
        head = msgspec.json.decode(signed[len(start) :], type=_Head)
    except msgspec.MsgspecError as error:
        raise SnapshotRefused(f"its head cannot be read: {error}", place=str(path), cure=_CURE) from error
    return head, len(_padded(signed + signature))


def _signs(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _array(mapped: mmap.mmap, begin: int, place: _Array) -> npt.NDArray[Any]:
    if not place.length:
        return np.empty(0, place.dtype)
    return np.frombuffer(mapped, place.dtype, place.length, begin + place.offset)
