"""A free text examined: which rules it breaks, in any reading, in any encoding.

The steps: (1) bounds; (2) disguise: a text that hides what it says is refused for that; (3) encodings are undone
(``decodings.py``), and of each text that comes out, (4) every reading (``readings.py``) is asked for what competitors may not tell each
other (``concepts.py``), and (5) the text as it was written for customers, people, identifiers, credentials and raw prompts.

>>> sorted(broken_rules("Accounts share one payment instrument; about 10^5 requests a day, blocked at our gateway."))
[]
>>> sorted(broken_rules("b3VyIHByaWNlIGdvZXMgdXA= from j.doe@mail.example"))
['antitrust/price', 'policy/disguised', 'privacy/email']
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from stillwatch.sharing.guard.concepts import concepts_in, kinds_of
from stillwatch.sharing.guard.contact import has_email, has_phone, names_phone, spells_number
from stillwatch.sharing.guard.credential import has_key, has_opaque_string, tells_password
from stillwatch.sharing.guard.customer import names_company, names_customer
from stillwatch.sharing.guard.decodings import decodings
from stillwatch.sharing.guard.identifier import (
    has_handle,
    has_hashed_identifier,
    has_identifier,
    has_official_number,
    published_forms_removed,
)
from stillwatch.sharing.guard.letters import folded, plain, unmasked
from stillwatch.sharing.guard.network import has_address, has_mac
from stillwatch.sharing.guard.payment import has_card_part, has_payment_number, has_wallet
from stillwatch.sharing.guard.person import names_person, tells_birth_or_home
from stillwatch.sharing.guard.prompt import is_prompt
from stillwatch.sharing.guard.readings import disguised, readings
from stillwatch.sharing.guard.words import vocabulary

LONGEST = 20_000
"""Characters that are examined; a longer text is refused unread."""

_DIGIT = re.compile(r"\d")
_REMEMBERED = 8192
_LONGEST_REMEMBERED = 256
_A_SENTENCE = 3
"""From so many words on, a text in an encoding is a hidden message."""


class Detector(NamedTuple):
    """A detector and when it is worth while: words of certain kinds, so many digits, or a trace, all of which must be there."""

    rule: str
    detect: Callable[[str], bool]
    kinds: str = ""
    digits: int = 0
    trace: re.Pattern[str] | None = None


_LONG_WORD = re.compile(r"[A-Za-z0-9_+/=.-]{16}")
_HEX_WORD = re.compile("[0-9a-fA-F]{32}")

DETECTORS = (
    Detector("antitrust/customer", names_company, "company"),
    Detector("antitrust/customer", names_customer, "customer|deal"),
    Detector("privacy/email", has_email),
    Detector("privacy/phone", has_phone, digits=7, trace=re.compile(r"(?:\d[\s().\-/]{0,3}){6}\d")),
    Detector("privacy/phone", names_phone, "phone_word", digits=6),
    Detector("privacy/phone", spells_number, "digit_word"),
    Detector("privacy/payment", has_payment_number, digits=8),
    Detector("privacy/payment", has_card_part, "card", digits=4),
    Detector("privacy/payment", has_wallet, digits=2, trace=re.compile("[A-Za-z0-9]{26}")),
    Detector("privacy/ip-address", has_address, digits=1),
    Detector("privacy/identifier", has_mac, trace=re.compile("(?:[0-9A-Fa-f]{2}[:-]){5}|[0-9A-Fa-f]{4}[.][0-9A-Fa-f]{4}[.]")),
    Detector("privacy/identifier", has_identifier, "identified", digits=3),
    Detector("privacy/identifier", has_official_number, digits=9),
    Detector("privacy/identifier", has_handle, trace=re.compile("@|t[.]me")),
    Detector("privacy/identifier", has_handle, "messenger"),
    Detector("privacy/hashed", has_hashed_identifier, trace=_HEX_WORD),
    Detector("privacy/person", names_person, "title|given_name|personal"),
    Detector("privacy/person", tells_birth_or_home, "personal", digits=1),
    Detector(
        "privacy/person", tells_birth_or_home, trace=re.compile(r"(?:stra(?:ß|ss)e|str[.]|gasse|platz|weg|allee) ?\d|\d[.]\d{4}")
    ),
    Detector("secret/credential", has_key, trace=_LONG_WORD),
    Detector("secret/credential", has_key, "secretive"),
    Detector("secret/credential", has_key, trace=re.compile("://[^/]*@")),
    Detector("secret/credential", tells_password, "secretive"),
    Detector("policy/opaque", has_opaque_string, trace=re.compile("[A-Za-z0-9+/_=-]{20}")),
)


def broken_rules(text: str) -> frozenset[str]:
    """The ids of all rules that a free text breaks."""
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _examined(text)


def _examined(text: str) -> frozenset[str]:
    if len(text) > LONGEST:
        return frozenset({"policy/too-large"})
    return frozenset(_found(text))


_remembered = lru_cache(_REMEMBERED)(_examined)


def _found(text: str) -> Iterator[str]:
    if disguised(text):
        yield "policy/disguised"
    yield from _in_layer(text)
    for inner in decodings(plain(text)):
        if inner.hidden and len(inner.text.split()) >= _A_SENTENCE:
            yield "policy/disguised"
        yield from _in_layer(inner.text)


def _in_layer(text: str) -> Iterator[str]:
    """The rules that a text breaks as it stands, without undoing encodings."""
    written = published_forms_removed(plain(text))
    reading = folded(written)
    hits = vocabulary().hits(reading)
    kinds = kinds_of(hits)
    yield from concepts_in(reading, hits)
    for other in readings(written, reading, kinds):
        yield from concepts_in(other)
    if is_prompt(written, reading, hits):
        yield "privacy/prompt"
    yield from _detected(written, kinds)
    if not written.isascii() and (latin := unmasked(written)) != written:
        yield from _detected(latin, kinds_of(vocabulary().hits(folded(latin))))


def _detected(written: str, kinds: int) -> Iterator[str]:
    digits = len(_DIGIT.findall(written))
    for detector in _worth_while(kinds):
        if digits >= detector.digits and (detector.trace is None or detector.trace.search(written)) and detector.detect(written):
            yield detector.rule


@lru_cache(4096)
def _worth_while(kinds: int) -> tuple[Detector, ...]:
    """The detectors for texts with words of these kinds."""
    return tuple(each for each in DETECTORS if not each.kinds or kinds & vocabulary().mask(each.kinds))
