"""The normal form of an e-mail address: the mailbox, so that one mailbox in two spellings is one.

Rules:

1. Compatible characters count as one (NFKC): full-width letters, ``＠``. There is one ``@``, with something before and behind.
2. The domain is in lower-case ASCII, other letters as A-labels (UTS 46, not transitional), without a dot at its end; it has at
   least two labels and is no address of a host.
3. The local part is folded in case, as all large providers do (RFC 5321 would allow ``A`` and ``a`` to differ). Quoted local parts
   are refused: they are legal, and hardly anybody has one.
4. Where the provider documents it, what follows ``+`` is cut off and dots do not count: see ``PROVIDERS``. Elsewhere both stay.

>>> normal_email(" Jane.Doe+news@GoogleMail.com ")
'janedoe@gmail.com'
>>> normal_email("Jane.Doe+news@example.com")
'jane.doe+news@example.com'
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import idna

from stillwatch.sharing.tokens.forms.text import UNSEEN, folded, plain, refused

KIND = "email"


@dataclass(frozen=True)
class Provider:
    """What a mail provider documents of its addresses: the ``domain`` that stands for all its aliases, tags, dots."""

    domain: str
    dots_count: bool = True


PROVIDERS = {
    "gmail.com": Provider("gmail.com", dots_count=False),
    "googlemail.com": Provider("gmail.com", dots_count=False),
    "outlook.com": Provider("outlook.com"),
    "hotmail.com": Provider("hotmail.com"),
    "live.com": Provider("live.com"),
    "icloud.com": Provider("icloud.com"),
    "fastmail.com": Provider("fastmail.com"),
    "proton.me": Provider("proton.me"),
    "protonmail.com": Provider("protonmail.com"),
}
"""Domains whose provider documents that ``name+anything`` is the mailbox ``name``."""

_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+)*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_CURE = "give an address such as name@example.com"


def normal_email(value: str) -> str:
    """The mailbox that an address names. Raises IdentifierRefused if it names none."""
    text = plain(value, KIND)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    local, at, host = text.partition("@")
    if not at or "@" in host:
        raise refused(f"an address has one @, this has {text.count('@')}", KIND, _CURE)
    domain = _domain(host)
    provider = PROVIDERS.get(domain)
    name = _local(folded(local))
    if provider is None:
        return f"{name}@{domain}"
    name = name.partition("+")[0]
    return f"{_local(name if provider.dots_count else name.replace('.', ''))}@{provider.domain}"


def _local(text: str) -> str:
    if not _LOCAL.fullmatch(text) or UNSEEN.search(text) or any(map(str.isspace, text)):
        raise refused("the part before the @ is none: empty, quoted, or a dot, blank or sign out of place", KIND, _CURE)
    if len(text.encode()) > _LONGEST_LOCAL:
        raise refused(f"the part before the @ is longer than {_LONGEST_LOCAL} bytes (RFC 5321, section 4.5.3.1)", KIND, _CURE)
    return text


@lru_cache(maxsize=4096)
def _domain(text: str) -> str:
    name = text.lower().removesuffix(".") if text.isascii() else text
    if not name.isascii() or "xn--" in name:
        try:
            name = idna.encode(name, uts46=True).decode("ascii").removesuffix(".")
        except idna.IDNAError as error:
            raise refused("the part behind the @ is no domain name", KIND, _CURE) from error
    if not _DOMAIN.fullmatch(name) or len(name) > _LONGEST_DOMAIN:
        raise refused("the part behind the @ is no domain name of two labels or more", KIND, _CURE)
    if name.rpartition(".")[2].isdigit():
        raise refused("the part behind the @ is an address of a host, not a domain name", KIND, _CURE)
    return name
