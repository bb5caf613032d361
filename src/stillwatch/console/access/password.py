"""Passwords: Argon2id (RFC 9106) by argon2-cffi; at least LEAST characters, since length is what counts (NIST SP 800-63B, 3.1.1).

>>> hashed("correct horse battery").startswith("$argon2id$"), matches(None, "anything")
(True, False)
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from stillwatch.errors import UsageError

LEAST, MOST = 12, 512
"""Fewest and most characters of a password."""


def hashed(password: str) -> str:
    """What is stored of a password. Raises UsageError if it is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        what = f"a password has {LEAST} to {MOST} characters, this has {len(password)}"
        raise UsageError(what, place="password", cure="choose a longer one, such as four words")
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; takes as long where nothing is stored, so that names cannot be tried."""
    try:
        return _hasher().verify(stored or _nobodys(), password[:MOST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
