"""A disclosure in one sentence, for receivers that keep nothing but text: orders of magnitude, days, techniques, never more."""

import math

from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures
from stillwatch.vocabulary.taxonomy import taxonomy


def describe(disclosure: Disclosure) -> str:
    """The essentials in words: id, severity, orders of magnitude, days, techniques.

    >>> describe(Disclosure("campaign--1", None, None, CampaignFigures(accounts=212, severity="high")))
    'campaign--1: severity high; about 10^2 accounts. An indication, not proof.'
    """
    figures = disclosure.figures
    sizes = {"accounts": figures.accounts, "requests": figures.requests}
    parts = (
        f"severity {figures.severity}" if figures.severity else "",
        ", ".join(f"about {magnitude(size)} {word}" for word, size in sizes.items() if size),
        _days(disclosure),
        _technique_names(figures),
    )
    return f"{disclosure.campaign}: {'; '.join(part for part in parts if part)}. An indication, not proof."


def magnitude(count: int) -> str:
    """The nearest power of ten, in words.

    >>> magnitude(212), magnitude(7)
    ('10^2', '10^1')
    """
    return f"10^{round(math.log10(count))}"


def _days(disclosure: Disclosure) -> str:
    if disclosure.first_seen is None or disclosure.last_seen is None:
        return ""
    return f"{disclosure.first_seen:%Y-%m-%d} to {disclosure.last_seen:%Y-%m-%d}"


def _technique_names(figures: CampaignFigures) -> str:
    known = [use.technique for use in figures.techniques if use.technique in taxonomy().ids]
    return ", ".join(f"{name} ({taxonomy().technique(name).name})" for name in known)
