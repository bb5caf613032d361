"""A token: what stands for an identifier between providers, and its text form.

Rules: a token is the first 32 of the 64 bytes that VOPRF gives for the canonical form of the identifier, together with the epoch
whose key made it and the kind; only tokens of one epoch and kind compare. Its text is ``swt1:<epoch>:<kind>:<value>``, the value in
base64url without padding. Another rule for any of this is another version than ``swt1``.

>>> token = Token("2026-q4", "email", bytes(32))
>>> str(token)
'swt1:2026-q4:email:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
>>> Token.parse(str(token)) == token
True
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.tokens.canonical import KINDS

VERSION = "swt1"
VALUE_SIZE = 32
"""Bytes of a token's value."""
_EPOCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_VALUE_LETTERS = 43


class TokenRefused(NoReadableInput):
    """A text that is no token."""


class EpochRefused(UsageError):
    """A name that no epoch can have."""


def read_epoch(name: str) -> str:
    """The name of an epoch as given: 1 to 40 letters, digits, dots, underscores, hyphens. Raises EpochRefused for any other."""
    if not _EPOCH.fullmatch(name):
        raise EpochRefused(
            "no name of an epoch", place=repr(name)[:60], cure="name it with letters, digits and hyphens, as in 2026-q4"
        )
    return name


@dataclass(frozen=True, order=True)
class Token:
    """The token of an identifier of ``kind`` under the key of ``epoch``; ``value`` has 32 bytes."""

    epoch: str
    kind: str
    value: bytes

    def __str__(self) -> str:
        return f"{VERSION}:{self.epoch}:{self.kind}:{urlsafe_b64encode(self.value)[:_VALUE_LETTERS].decode()}"

    @classmethod
    def parse(cls, text: str) -> "Token":
        """The token of a text. Raises TokenRefused if it has not exactly the form in which a token is written."""
        version, _, rest = text.partition(":")
        if version != VERSION:
            raise _refused(f"it does not begin with {VERSION}:")
        epoch, kind, letters = [*rest.split(":"), "", ""][:3]
        if not _EPOCH.fullmatch(epoch):
            raise _refused("its epoch is no name")
        if kind not in KINDS:
            raise _refused("its kind is unknown")
        try:
            token = cls(epoch, kind, urlsafe_b64decode(letters + "="))
        except ValueError as error:
            raise _refused("its value is no base64url") from error
        if len(token.value) != VALUE_SIZE or str(token) != text:
            raise _refused(f"its value is not {VALUE_SIZE} bytes in their one spelling")
        return token


def _refused(what: str) -> TokenRefused:
    return TokenRefused(what, place="token", cure="send tokens as they were written: swt1:epoch:kind:value")
