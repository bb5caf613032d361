"""The canonical form of an identifier: the bytes of which its token is made, the same at every provider.

Rules: a canonical form is the kind, the separator U+001F, and the normal form of the value (``forms/``), in UTF-8; so the same text
under two kinds gives two tokens. What is canonical already stays as it is: ``canonical(kind, canonical(kind, value))`` is
``canonical(kind, value)``. ``docs/token-vectors.json`` fixes the forms; a change of any needs a new version of the text form of
tokens (``token.py``).

>>> canonical("email", " Jane@Example.com ")
b'email\\x1fjane@example.com'
>>> canonical("account-name", "Jane@Example.com")
b'account-name\\x1fjane@example.com'
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stillwatch.sharing.tokens.forms import account, address, client, device, email, payment
from stillwatch.sharing.tokens.forms.text import IdentifierRefused, refused

SEPARATOR = "\x1f"

KINDS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        email.KIND: email.normal_email,
        payment.KIND: payment.normal_payment,
        address.ADDRESS: address.normal_address,
        address.PREFIX: address.normal_prefix,
        device.KIND: device.normal_device,
        account.KIND: account.normal_account,
        client.KIND: client.normal_client,
    }
)
"""The normal form of each kind."""


def canonical(kind: str, value: str | bytes) -> bytes:
    """The canonical form of a value of a kind; bytes are read as UTF-8.

    Raises IdentifierRefused, which says what rule is broken and never shows the value.
    """
    form = KINDS.get(kind)
    if form is None:
        raise IdentifierRefused(f"there is no kind {kind[:40]!r}", place="kind", cure=f"choose one of {', '.join(KINDS)}")
    prefix = kind + SEPARATOR
    return (prefix + form(_text(kind, value).removeprefix(prefix))).encode()


def _text(kind: str, value: str | bytes) -> str:
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError as error:
        raise refused("it is not UTF-8", kind, "write the file in UTF-8") from error
