"""Signed notes (C2SP signed-note, version 1.0.0): a text that people can read, with Ed25519 signatures under it.

Rules: a text counts only once a signature by a key that the reader knows is checked. Lines by unknown keys are ignored; one by a
known key that does not fit refuses the note, as does a malformed line. A key is known by its name and its id, the first four bytes
of SHA-256(name, line feed, 0x01, 32 bytes of public key). A public key is written ``name+id+base64``, as Go's ``sumdb/note`` does.

>>> signer = Signer("ledger.example", Ed25519PrivateKey.generate())
>>> open_note(sign_note("a synthetic text\\n", signer), [signer.verifier])
'a synthetic text\\n'
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.errors import StillwatchError, UsageError

MOST_SIGNATURES = 100
"""More signature lines than this refuse the note, as in Go; the specification asks for 16 at least."""

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteRefused(StillwatchError):
    """A note is malformed, or no known key signed it."""


@dataclass(frozen=True)
class Verifier:
    """A public key and its name. Raises UsageError if the name is none that a note can carry."""

    name: str
    public: Ed25519PublicKey

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(c.isspace() or not c.isprintable() for c in self.name):
            raise UsageError(
                "no name for a key: it is empty or holds a blank, a plus or a control character",
                place=self.name,
                cure="use a name such as example.com/ledger",
            )

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public.public_bytes_raw()).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public.public_bytes_raw()).decode()}"


@dataclass(frozen=True)
class Signer:
    """A private key and its name."""

    name: str
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        Verifier(self.name, self.private.public_key())  # refuses a bad name at once

    @property
    def verifier(self) -> Verifier:
        """What readers need to check this signer's notes."""
        return Verifier(self.name, self.private.public_key())


def read_verifier(text: str) -> Verifier:
    """The public key written ``name+id+base64``. Raises UsageError if it is none, or its id is not its own."""
    name, _, rest = text.strip().partition("+")
    claimed, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        verifier = Verifier(name, Ed25519PublicKey.from_public_bytes(raw[1:]))
    except ValueError as error:
        raise _no_verifier(text) from error
    if raw[:1] != _ED25519 or claimed != verifier.key_id.hex():
        raise _no_verifier(text)
    return verifier


def sign_note(text: str, signer: Signer) -> str:
    """The text, which ends with a line feed, with the signer's line under it. Raises UsageError for a text no note can carry."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise UsageError("no text for a note", cure="end it with a line feed, and leave out control characters")
    signature = signer.verifier.key_id + signer.private.sign(text.encode())
    return f"{text}\n— {signer.name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, verifiers: Iterable[Verifier]) -> str:
    """The text of a note that one of the verifiers' keys signed. Raises NoteRefused."""
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n") or _CONTROL.search(note):
        raise _refusal("it is not a text, an empty line and signature lines")
    text += "\n"
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signatures = lines[:-1].split("\n")
    if len(signatures) > MOST_SIGNATURES:
        raise _refusal(f"it has more than {MOST_SIGNATURES} signatures")
    checked = [_checked(text, known.get((name, key_id)), signature) for name, key_id, signature in map(_parsed, signatures)]
    if not any(checked):
        raise _refusal("no known key signed it")
    return text


def _parsed(line: str) -> tuple[str, bytes, bytes]:
    parts = line.split(" ")
    try:
        dash, name, encoded = parts
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _refusal("a signature line is malformed") from error
    if dash != "—" or not name or len(raw) <= _KEY_ID_BYTES or base64.b64encode(raw).decode() != encoded:
        raise _refusal("a signature line is malformed")
    return name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]


def _checked(text: str, verifier: Verifier | None, signature: bytes) -> bool:
    if verifier is None:
        return False
    try:
        verifier.public.verify(signature, text.encode())
    except (InvalidSignature, UnicodeEncodeError) as error:
        raise _refusal(f"the signature of {verifier.name} does not fit the text") from error
    return True


def _refusal(reason: str) -> NoteRefused:
    return NoteRefused(
        f"the signed note is refused: {reason}", cure="get the note and the public key again from whoever keeps the log"
    )


def _no_verifier(text: str) -> UsageError:
    return UsageError(
        "no public key of a log", place=text.strip()[:80], cure="give it as name+id+base64, as the log's keeper published it"
    )
