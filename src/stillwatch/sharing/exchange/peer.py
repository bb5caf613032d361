"""A peer: the server that a member exchanges with, and what the member shows there.

Rules: a key travels over TLS only, or to the member's own machine; whoever has another way that nobody listens on says so with
``in_clear``. A file that holds a key is for its owner only. A URL carries no user, no password and no query.

>>> Peer.at("https://hub.example").origin
'https://hub.example'
"""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from stillwatch.errors import NoReadableInput, UsageError

_CURE = "write it as https://hub.example/"


@dataclass(frozen=True)
class Peer:
    """A server and the means to be known there.

    ``url`` is its discovery, an API root or a collection, with a slash at the end. ``member`` and ``key`` are shown as Basic,
    ``key`` alone as a bearer; with ``token_url`` they are shown there, and the access token that it gives at the peer.
    ``authority`` is a PEM file of who may vouch for the server instead of the usual
    ones; ``certificate`` a PEM file with certificate and key that the client shows.
    """

    url: str
    member: str = ""
    key: str = field(default="", repr=False)
    authority: Path | None = None
    certificate: Path | None = None
    token_url: str = ""

    @classmethod
    def at(
        cls,
        url: str,
        member: str = "",
        key: str = "",
        *,
        authority: Path | None = None,
        certificate: Path | None = None,
        in_clear: bool = False,
        token_url: str = "",
    ) -> Self:
        """The peer at a URL. Raises UsageError for what is no URL of a server, or a way on which others could read the key."""
        _require_safe(url, in_clear)
        if token_url:
            _require_safe(token_url, in_clear)
        if token_url and not (member and key):
            cure = "name the client with --member, and the file of its secret with --key-file"
            raise UsageError("an access token is given for a client and its key", place=token_url, cure=cure)
        return cls(url.rstrip("/") + "/", member, key, authority, certificate, token_url)

    @property
    def origin(self) -> str:
        """Scheme, host and port: what the key is for."""
        return origin(self.url)


def origin(url: str) -> str:
    """Scheme, host and port of a URL.

    >>> origin("https://hub.example:8443/a/b")
    'https://hub.example:8443'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def read_key(path: Path) -> str:
    """The key in a file. Raises NoReadableInput if there is none, or if others than the owner may read it."""
    try:
        text, mode = path.read_text("utf-8").strip(), path.stat().st_mode
    except (OSError, ValueError) as error:
        raise NoReadableInput(f"the key cannot be read ({error})", place=str(path), cure="name the file that holds it") from error
    if mode & 0o077:
        raise NoReadableInput("others may read the key", place=str(path), cure=f"chmod 600 {path}")
    if not text or not text.isprintable() or " " in text:
        raise NoReadableInput("there is no key in it", place=str(path), cure="write the key that the hub showed into it, alone")
    return text


def _require_safe(url: str, in_clear: bool) -> None:
    """Raises UsageError for what is no URL of a server, or a way on which others could read what is shown."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError("this is no URL of a server", place=url, cure=_CURE)
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError("a URL holds no password, query or fragment here", place=parts.hostname, cure=_CURE)
    if parts.scheme == "http" and not in_clear and not _is_here(parts.hostname):
        cure = "use https://, or say that the way is safe with --in-clear"
        raise UsageError("others could read the key on the way", place=url, cure=cure)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
