"""Checkpoints (C2SP tlog-checkpoint): the size and root of a log at one moment, as the text of a signed note.

Rules: three lines, the log's name (its origin), its size, and its root in base64; the key's name is the origin. Whoever keeps a
checkpoint can later tell whether anything before it was changed or cut off, which the ledger alone could hide.

>>> from stillwatch.sharing.ledger.merkle import EMPTY_ROOT
>>> print(Checkpoint("ledger.example", 0, EMPTY_ROOT).text(), end="")
ledger.example
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from stillwatch.sharing.ledger.note import NoteRefused, Signer, Verifier, open_note, sign_note

_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)\n(?:[^\n]+\n)*")
"""32 bytes leave two bits of the last digit of base64 unused; only digits that have them zero are taken."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's name, its number of entries, and the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(size: int, root: bytes, signer: Signer) -> str:
    """The signed note of a log whose origin is the signer's name."""
    return sign_note(Checkpoint(signer.name, size, root).text(), signer)


def open_checkpoint(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in a note that one of these keys signed. Raises NoteRefused; extension lines are passed over."""
    body = _BODY.fullmatch(open_note(note, verifiers))
    if body is None:
        raise NoteRefused(
            "the signed note is no checkpoint", cure="give a note of a name, a size and a root (c2sp.org/tlog-checkpoint)"
        )
    return Checkpoint(body[1], int(body[2]), base64.b64decode(body[3]))
