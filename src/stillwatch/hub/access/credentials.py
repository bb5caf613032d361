"""Credentials: who a request comes from, by its ``Authorization`` header.

Taken are Basic (RFC 7617) with the member's name and its key, as third-party TAXII clients do it, and Bearer (RFC 6750) with the
key itself or with an access token. The name in Basic must be that of the key's member (or the key's id), so that a mixed-up pair
is noticed.
"""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import unquote_plus

from stillwatch.hub.access.api_key import secret_of
from stillwatch.hub.access.bearer import key_of
from stillwatch.hub.access.directory import Directory
from stillwatch.hub.access.member import ApiKey

CHALLENGE = 'Basic realm="Stillwatch hub", charset="UTF-8", Bearer realm="Stillwatch hub"'
"""What ``WWW-Authenticate`` says to who is not known."""

_LONGEST = 4096


def authenticate(header: str | None, directory: Directory, now: int) -> ApiKey | None:
    """The key that a header shows, if it holds now (microseconds); None for everything else, without saying why."""
    scheme, _, shown = (header or "")[:_LONGEST].partition(" ")
    reader = _SCHEMES.get(scheme.lower())
    return reader(shown.strip(), directory, now) if reader else None


def of_client(client: str, secret: str, directory: Directory, now: int) -> ApiKey | None:
    """The key ``secret`` of the client that names itself ``client`` (its member's name, or the key's id), perhaps encoded as in a
    form (RFC 6749, 2.3.1).
    """
    parts = secret_of(secret)
    key = directory.key_holds(*parts, now) if parts else None
    names = {directory.members[key.member].name, key.id} if key else set()
    return key if {client, unquote_plus(client)} & names else None


def _basic(shown: str, directory: Directory, now: int) -> ApiKey | None:
    try:
        name, _, secret = base64.b64decode(shown, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return of_client(name, secret, directory, now)


def _bearer(shown: str, directory: Directory, now: int) -> ApiKey | None:
    if parts := secret_of(shown):
        return directory.key_holds(*parts, now)
    key = key_of(directory.signing_secret, shown, now // 1_000_000)
    return directory.key_stands(key, now) if key else None


_SCHEMES: dict[str, Callable[[str, Directory, int], ApiKey | None]] = {"basic": _basic, "bearer": _bearer}
