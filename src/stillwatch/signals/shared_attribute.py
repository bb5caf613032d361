"""Shared attributes: payment, device, e-mail pattern, address prefix and the like behind many accounts, by rarity.

*Why it separates.* Accounts that pretend to be many must be paid for, opened and used from somewhere. *When it misleads.*
Families, offices, campuses, carrier NAT, vendors who pay for their customers: so what counts is how much more often two
members agree than two other accounts do (term frequencies: Fellegi and Sunter 1969, Winkler 2000), and how strong a kind of
attribute can ever be is capped by how often it is shared innocently by many.

Statistic: log2 of the rate at which two members agree over the rate at which two other accounts agree, the latter
smoothed by one agreeing pair per hundred pairs of one account with all others; times the share of the members that agree with some
other member, so that two of twelve who share a device do not speak for the ten.
"""

from functools import partial

import numpy as np

from stillwatch.signals.population import Group, Ints, Population, Reading, Signal, Silence

CAPS = {
    "payment_fingerprint": 5.0,
    "device_id": 9.0,
    "client_fingerprint": 4.0,
    "user_agent": 3.0,
    "sampling": 3.0,
    "email_pattern": 4.0,
    "phone_prefix": 3.0,
    "referrer": 3.0,
    "ip": 5.0,
    "prefix": 4.0,
}
"""The most that each kind of attribute can say, in bits; payment less than a device, for vendors pay openly for many."""

WORDS = {
    "payment_fingerprint": "payment instrument",
    "device_id": "device",
    "email_pattern": "e-mail pattern",
    "phone_prefix": "phone prefix",
    "referrer": "referrer",
    "user_agent": "client software",
    "client_fingerprint": "client fingerprint",
    "sampling": "sampling settings",
    "ip": "main address",
    "prefix": "main address prefix",
}
"""What each attribute is called when people read of it."""

FAMILIES = {
    "user_agent": "program",
    "client_fingerprint": "program",
    "sampling": "program",
    "ip": "address",
    "prefix": "address",
}
_MIN_KNOWN = 0.5


def weigh(name: str, group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how often two members agree on attribute ``name``; silent where it is mostly unknown."""
    attribute = population.attributes.get(name)
    if attribute is None:
        return Silence(f"no {WORDS[name]} in the input")
    own = attribute.codes[group.members]
    known = own[own >= 0]
    if len(known) < max(3, _MIN_KNOWN * len(own)):
        return Silence(f"the {WORDS[name]} is not known for most accounts of the groups")
    others = attribute.codes[population.background(group.members)]
    others = others[others >= 0]
    agree = agreement(known)
    usual = (agreement(others) * len(others) + 0.01) / (len(others) + 1) if len(others) > 1 else 1.0
    floor = 0.02 / len(known)
    counts = np.bincount(known)
    top, sharing = int(counts.max()), int(counts[counts > 1].sum())
    bits = min(CAPS[name], max(0.0, float(np.log2((agree + floor) / (usual + floor)))) * sharing / len(own))
    statement = (
        f"{top} of {len(own)} accounts have the same {attribute.word}; two of them agree on it in {agree:.1%} of cases, "
        f"two other accounts in {usual:.2%}."
    )
    return Reading(bits, statement, top, int(population.measures["requests"][group.members].sum()))


def agreement(codes: Ints) -> float:
    """The share of pairs, drawn without replacement, that have the same code (Simpson's index), in [0, 1]."""
    counts = np.bincount(codes)
    pairs = len(codes) * (len(codes) - 1)
    return float((counts * (counts - 1)).sum() / pairs) if pairs else 0.0


SIGNALS = tuple(
    Signal(f"shared {WORDS[name]}", "coordination", FAMILIES.get(name, "identity"), partial(weigh, name)) for name in CAPS
)
