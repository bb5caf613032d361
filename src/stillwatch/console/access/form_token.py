"""The token of a form: shows that a form that comes back was handed out to the same browser, so that no other page can send it.

Rules: it is an HMAC-SHA256 of the browser's cookie under a key that never leaves the server (OWASP, signed double submit): without
the cookie it cannot be made, for another cookie it does not fit, and signing in changes it.

>>> fits(b"key", "cookie", form_token(b"key", "cookie")), fits(b"key", "other", form_token(b"key", "cookie"))
(True, False)
"""

import hashlib
import hmac

from stillwatch.console.access.database import Database


def form_token(key: bytes, cookie: str) -> str:
    """The token for forms of the browser with this cookie."""
    return hmac.new(key, cookie.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def fits(key: bytes, cookie: str, token: str) -> bool:
    """Whether the token belongs to the cookie."""
    return hmac.compare_digest(form_token(key, cookie).encode(), token.encode("utf-8", "surrogateescape"))


def forms_key(database: Database) -> bytes:
    """The server's key for form tokens."""
    with database.reading() as connection:
        return bytes(connection.execute("SELECT value FROM secrets WHERE name = 'forms'").fetchone()[0])
