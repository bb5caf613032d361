"""A parcel: a release on its way to a peer, taken apart into envelopes that the peer takes.

Rules: only what this member released is sent: the stamp beside the bundle must be its own and fit every byte. Objects keep their
bytes and their order. An envelope is no larger than the server takes, and no larger than MOST_BYTES.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stillwatch.errors import NoReadableInput, RefusedByPolicy
from stillwatch.sharing.release.stamp import beside, stamped_by
from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.verification import Valid
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.entries import NotABundle, entries
from stillwatch.sharing.stix.limits import Limits

MOST_BYTES = 4 * 2**20
MOST_OBJECTS = 500
_FRAME = len(b'{"objects":[]}')


@dataclass(frozen=True)
class Parcel:
    """A release: where it lies, the SHA-256 of its bytes in hex, and its objects, each with its id and its own bytes."""

    path: Path
    sha256: str
    objects: tuple[tuple[str, bytes], ...]

    @property
    def own(self) -> int:
        """How many objects are not those that the project publishes for everybody."""
        return sum(name not in constants() for name, _ in self.objects)

    def envelopes(self, largest: int, begin: int = 0) -> Iterator[tuple[int, bytes]]:
        """The objects from ``begin`` on in envelopes of at most ``largest`` bytes: the number of objects in each, and its bytes.

        An object that is larger than that alone goes alone: the server will say that it is.
        """
        bound = min(largest or MOST_BYTES, MOST_BYTES) - _FRAME
        held, size = list[bytes](), 0
        for _, text in self.objects[begin:]:
            if held and (size + len(text) + 1 > bound or len(held) == MOST_OBJECTS):
                yield len(held), _envelope(held)
                held, size = [], 0
            held.append(text)
            size += len(text) + 1
        if held:
            yield len(held), _envelope(held)


def read_parcel(path: Path, member: str, ring: KeyRing, now: datetime, *, own_only: bool = False) -> Parcel:
    """The release in a bundle's file; ``own_only``: without what the project publishes for everybody.

    Raises NoReadableInput if it is none, RefusedByPolicy if this member did not release it.
    """
    try:
        data = path.read_bytes()
        stamp = beside(path).read_bytes() if beside(path).exists() else b""
        whole = [entry for entry in entries(data.decode(), Limits()) if not entry.fault]
        listed = tuple((str(entry.value["id"]), entry.text.encode()) for entry in whole)
    except (OSError, ValueError, NotABundle, KeyError, TypeError) as error:
        raise NoReadableInput(
            f"it is no bundle that can be read ({error})", place=str(path), cure="name what share wrote"
        ) from error
    verdict = stamped_by(data, stamp, ring, now)
    if not isinstance(verdict, Valid) or verdict.member != member:
        why = "another member's stamp" if isinstance(verdict, Valid) else verdict.reason
        cure = "release it with `stillwatch share`, and leave the file and its .sig as they are"
        raise RefusedByPolicy(f"this member did not release it ({why})", place=str(path), cure=cure)
    sent = tuple(each for each in listed if not own_only or each[0] not in constants())
    return Parcel(path, hashlib.sha256(data).hexdigest(), sent)


def _envelope(texts: list[bytes]) -> bytes:
    return b'{"objects":[' + b",".join(texts) + b"]}"
