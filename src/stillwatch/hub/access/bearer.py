"""Access tokens: what a member gets for its key by OAuth 2.0 client credentials (RFC 6749, 4.4), and shows as a bearer (RFC 6750).

A token is a JSON Web Token, signed with the hub's own secret (HS256), good for LIFETIME_SECONDS; it names the key for which it was
given, so that revoking the key ends its tokens too.

>>> token = issue(b"s" * 32, "0123456789abcdef", now=1_767_225_600)
>>> key_of(b"s" * 32, token, now=1_767_225_700)
'0123456789abcdef'
"""

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

LIFETIME_SECONDS = 900
_ALGORITHM = "HS256"
_AUDIENCE = "stillwatch-hub"


def issue(secret: bytes, key: str, now: int) -> str:
    """A token for the member with this key; ``now`` in seconds."""
    claims = {"sub": key, "aud": _AUDIENCE, "iat": now, "exp": now + LIFETIME_SECONDS}
    return jwt.encode({"alg": _ALGORITHM, "typ": "at+jwt"}, claims, OctKey.import_key(secret), algorithms=[_ALGORITHM])


def key_of(secret: bytes, token: str, now: int) -> str | None:
    """The id of the key for which the token was given; None if it is not ours, altered, or past its time."""
    try:
        found = jwt.decode(token, OctKey.import_key(secret), algorithms=[_ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    subject, end = found.claims.get("sub"), found.claims.get("exp")
    ours = found.claims.get("aud") == _AUDIENCE and isinstance(subject, str) and isinstance(end, int)
    return str(subject) if ours and now < int(end or 0) else None
