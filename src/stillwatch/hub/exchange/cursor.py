"""Cursors: places in the feed of changes, sealed for one member.

A place is a number that counts what every member did. Shown openly it would tell each of them how much it does not see; so a member
gets it under authenticated encryption with a key of its own (AES-SIV, RFC 5297; keys by HKDF, RFC 5869). Rules: the same place is
the same text for a member, another for any other; nobody can tell from two cursors how far apart they are, make one, or use
another's.

>>> cursors = Cursors(b"s" * 32, member=7)
>>> cursors.read(cursors.written(12)), len(cursors.written(12)) == len(cursors.written(2**40))
(12, True)
"""

import base64
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PLACE = struct.Struct(">Q")
_PURPOSE = b"stillwatch hub: places in the feed of changes, member %d"
_KEY_BYTES = 64
_LONGEST = 64


class CursorRefused(ValueError):
    """This hub gave this member no such cursor."""


class Cursors:
    """The cursors of one member, under the hub's ``secret``."""

    def __init__(self, secret: bytes, member: int) -> None:
        self._seal = AESSIV(HKDF(SHA512(), _KEY_BYTES, salt=None, info=_PURPOSE % member).derive(secret))

    def written(self, place: int) -> str:
        """The cursor of a place."""
        return base64.urlsafe_b64encode(self._seal.encrypt(_PLACE.pack(place), None)).decode()

    def read(self, text: str) -> int:
        """The place of a cursor. Raises CursorRefused if this hub did not give it to this member."""
        try:
            sealed = base64.b64decode(text[:_LONGEST].encode("ascii"), b"-_", validate=True)
            place = int(_PLACE.unpack(self._seal.decrypt(sealed, None))[0])
        except (ValueError, InvalidTag, struct.error) as error:
            raise CursorRefused("this hub gave you no such cursor; begin again without it") from error
        if self.written(place) != text:
            raise CursorRefused("this hub gave you no such cursor; begin again without it")
        return place
