"""A disclosure in words, for receivers that keep nothing but text: orders of magnitude and techniques, never more.

Rules: ids and days are not repeated here; they stand in the campaign's name and in its own properties, which such receivers keep.
So many disclosures say the same words, and a guard need not read them anew.
"""

import math

from stillwatch.sharing.stix.extensions import CampaignFigures


def describe(figures: CampaignFigures) -> str | None:
    """The essentials in words: severity, orders of magnitude, techniques; None if nothing of that is known.

    >>> describe(CampaignFigures(accounts=212, severity="high"))
    'severity high, 10^2 accounts'
    """
    sizes = {"accounts": figures.accounts, "requests": figures.requests}
    parts = (
        f"severity {figures.severity}" if figures.severity else "",
        *(f"{magnitude(size)} {word}" for word, size in sizes.items() if size),
        *(use.technique for use in figures.techniques),
    )
    return ", ".join(part for part in parts if part) or None


def magnitude(count: int) -> str:
    """The nearest power of ten, in words.

    >>> magnitude(212), magnitude(7)
    ('10^2', '10^1')
    """
    return f"10^{round(math.log10(count))}"
