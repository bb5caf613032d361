"""A contribution without a name: the record says that some member made it, and the operator alone can show which.

For each object the hub draws 256 random bits, the *opening*, and records the SHA-256 of opening, member and content: the
*commitment*. It stands in the ledger in place of the member. Nobody can tell two members apart by it; whoever is shown the
opening can check that it was this member and this content, and nobody can find an opening for another member.

>>> check(commitment(bytes(32), "synthetic-member", b"digest"), bytes(32), "synthetic-member", b"digest")
True
"""

import hashlib
import secrets

_PURPOSE = b"stillwatch-hub contribution/1"


def opening() -> bytes:
    """A new opening."""
    return secrets.token_bytes(32)


def commitment(opening: bytes, member: str, digest: bytes) -> str:
    """The commitment, in hexadecimal; ``digest`` is the SHA-256 of the object's content."""
    parts = _PURPOSE, opening, member.encode(), digest
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def check(recorded: str, opening: bytes, member: str, digest: bytes) -> bool:
    """Whether a recorded commitment is opened by this."""
    return commitment(opening, member, digest) == recorded
