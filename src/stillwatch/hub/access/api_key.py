"""API keys: made with 256 random bits, shown once, stored as one SHA-256.

A slow password hash protects secrets that people choose; these are not guessable, and one hash lets every request be checked
(design, section 6). The key names its own record: ``swk_<id>_<secret>``.

>>> made = make_key()
>>> secret_of(made.text) == (made.id, made.digest)
True
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

_FORM = re.compile(r"swk_([0-9a-f]{16})_([0-9A-Za-z_-]{43})", re.ASCII)


@dataclass(frozen=True)
class MadeKey:
    """A new key: its ``text`` is for the member and is kept nowhere; ``digest`` is what the hub keeps."""

    id: str
    text: str
    digest: bytes


def make_key() -> MadeKey:
    """A new random key."""
    name, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return MadeKey(name, f"swk_{name}_{secret}", _digest(secret))


def secret_of(text: str) -> tuple[str, bytes] | None:
    """The id of the key that a text is, and the digest of its secret; None if it is not written as a key."""
    found = _FORM.fullmatch(text)
    return (found[1], _digest(found[2])) if found else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()
