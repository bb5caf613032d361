"""A free text examined: which rules it breaks, in any reading, in any encoding.

The steps: (1) bounds; (2) disguise: a text that hides what it says is refused for that; (3) encodings are undone
(``decodings.py``), and of each text that comes out, (4) every reading (``readings.py``) is asked for what competitors may not
tell each other (``concepts.py``), and (5) the text as it was written for customers, people, identifiers, credentials and raw
prompts.

>>> sorted(broken_rules("Accounts share one payment instrument; about 10^5 requests a day, blocked at our gateway."))
[]
>>> sorted(broken_rules("dGhlIHByaWNlIGdvZXMgdXA= from j.doe@mail.example"))
['antitrust/price', 'policy/disguised', 'privacy/email']
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from stillwatch.sharing.guard.concepts import concepts_in, kinds_of
from stillwatch.sharing.guard.contact import has_email, has_phone, names_phone, spells_number
from stillwatch.sharing.guard.credential import has_key, has_opaque_string, tells_password
from stillwatch.sharing.guard.customer import names_company, names_customer, names_partner, names_user_of_ours
from stillwatch.sharing.guard.decodings import decodings
from stillwatch.sharing.guard.identifier import (
    has_account_id,
    has_handle,
    has_hashed_identifier,
    has_login,
    has_numbered_identifier,
    has_official_number,
    published_forms_removed,
)
from stillwatch.sharing.guard.letters import folded, plain, unmasked
from stillwatch.sharing.guard.network import has_address, has_mac
from stillwatch.sharing.guard.payment import has_card_part, has_payment_number, has_wallet
from stillwatch.sharing.guard.person import names_person, tells_birth_or_home
from stillwatch.sharing.guard.prompt import is_prompt
from stillwatch.sharing.guard.readings import closed_up, disguised, readings
from stillwatch.sharing.guard.traits import Traits
from stillwatch.sharing.guard.words import vocabulary

LONGEST = 20_000
"""Characters that are examined; a longer text is refused unread."""

_REMEMBERED = 8192
_LONGEST_REMEMBERED = 256
_A_SENTENCE = 3
"""From so many words on, a text in an encoding is a hidden message."""


class Detector(NamedTuple):
    """A detector and what a text must have for it to be worth while.

    Words of each of some kinds, so many digits, so long a stretch without a blank, one of some signs, a trace: whatever is given.
    """

    rule: str
    detect: Callable[[str], bool]
    kinds: tuple[str, ...] = ()
    digits: int = 0
    longest: int = 0
    signs: frozenset[str] = frozenset()
    trace: re.Pattern[str] | None = None


DETECTORS = (
    Detector("antitrust/customer", names_company, ("company",)),
    Detector(
        "antitrust/customer",
        names_company,
        signs=frozenset("."),
        trace=re.compile(r"[A-Z][.]\s?(?:[A-Za-z]|p)[.]?(?:\W|$)|[A-Z]/S"),
    ),
    Detector("antitrust/customer", names_customer, ("customer",)),
    Detector("antitrust/customer", names_partner, ("deal",)),
    Detector("antitrust/customer", names_user_of_ours, ("own|deal|terms",)),
    Detector("privacy/email", has_email, signs=frozenset("@({[<|*_")),
    Detector("privacy/email", has_email, ("dot",)),
    Detector("privacy/phone", has_phone, digits=7, trace=re.compile(r"(?:\d[\s().\-/]{0,3}){6}\d")),
    Detector("privacy/phone", names_phone, ("phone_word",), digits=6),
    Detector("privacy/phone", spells_number, ("digit_word",)),
    Detector("privacy/payment", has_payment_number, digits=8),
    Detector("privacy/payment", has_card_part, ("card",), digits=4),
    Detector("privacy/payment", has_wallet, digits=2, longest=26),
    Detector("privacy/payment", has_wallet, ("payment_service",)),
    Detector("privacy/ip-address", has_address, digits=4),
    Detector("privacy/identifier", has_mac, longest=14, signs=frozenset(":-.")),
    Detector("privacy/identifier", has_account_id, digits=1, longest=8, trace=re.compile(r"[A-Za-z][_#:-][A-Za-z_-]*\d")),
    Detector(
        "privacy/identifier",
        has_numbered_identifier,
        (
            "identified",
            "number_word",
        ),
        digits=1,
    ),
    Detector("privacy/identifier", has_login, ("identified",), digits=2),
    Detector("privacy/identifier", has_official_number, digits=9, trace=re.compile(r"\d{3}-\d{2}-\d{4}|\d{17}")),
    Detector("privacy/identifier", has_official_number, ("official",), digits=5),
    Detector("privacy/identifier", has_handle, signs=frozenset("@")),
    Detector("privacy/identifier", has_handle, ("messenger",)),
    Detector("privacy/hashed", has_hashed_identifier, longest=32),
    Detector("privacy/person", names_person, ("title|given_name|personal",)),
    Detector("privacy/person", tells_birth_or_home, ("personal",), digits=1),
    Detector(
        "privacy/person",
        tells_birth_or_home,
        digits=1,
        trace=re.compile(
            r"(?:stra(?:ß|ss)e|str[.]|gasse|platz|weg|allee) ?\d|\d[.]\d{4}|Via [A-Z]|\d (?:[A-Z]\w+ )+(?:St|Rd|Ln|Ct)\b"
            r"|\bul[.]|ул[.]|пр-т|D[.]O[.]B|née? le"
        ),
    ),
    Detector("secret/credential", has_key, longest=16),
    Detector("secret/credential", has_key, ("secretive",)),
    Detector("secret/credential", tells_password, ("secretive",)),
    Detector("secret/credential", tells_password, signs=frozenset("=")),
    Detector("policy/opaque", has_opaque_string, longest=20),
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
    yield from _as_written(written) if len(written) <= _LONGEST_REMEMBERED else _read(written)


@lru_cache(_REMEMBERED)
def _as_written(written: str) -> tuple[str, ...]:
    """The rules that a short text breaks, remembered: many texts differ in nothing but published forms."""
    return tuple(_read(written))


def _read(written: str) -> Iterator[str]:
    reading, traits = folded(written), Traits.of(written)
    hits = vocabulary().hits(reading)
    kinds = kinds_of(hits)
    yield from concepts_in(reading, hits)
    for other in readings(written, reading, kinds, traits):
        yield from concepts_in(other)
    if is_prompt(written, reading, hits):
        yield "privacy/prompt"
    yield from _detected(written, kinds, traits)
    for closed in closed_up(written):
        yield from _detected(closed, kinds, Traits.of(closed))
    if not written.isascii() and (latin := unmasked(written)) != written:
        yield from _detected(latin, kinds_of(vocabulary().hits(folded(latin))), Traits.of(latin))


def _detected(written: str, kinds: int, traits: Traits) -> Iterator[str]:
    for detector in _worth_while(kinds & _detecting()):
        if (
            traits.digits >= detector.digits
            and traits.longest >= detector.longest
            and (not detector.signs or traits.any_of(detector.signs))
            and (detector.trace is None or detector.trace.search(written))
            and detector.detect(written)
        ):
            yield detector.rule


@cache
def _detecting() -> int:
    """All kinds of words on which detectors depend."""
    return vocabulary().mask("|".join(kinds for each in DETECTORS for kinds in each.kinds))


@lru_cache(1024)
def _worth_while(kinds: int) -> tuple[Detector, ...]:
    """The detectors for texts with words of these kinds."""
    return tuple(each for each in DETECTORS if all(kinds & vocabulary().mask(wanted) for wanted in each.kinds))
