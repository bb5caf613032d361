"""A trait of a campaign: a thing that another campaign could share, and how rare it is.

Rules: what crosses providers is scaffolds, tokens and clients; payments and devices are compared within one's own traffic only, and
as digests. Sharing counts by rarity: log2 of population to holders. It is bounded per kind by the chance that two hands share
such a thing after all (a scaffold is published, a card is stolen, a device is rented): see MOST. Neither country, nationality nor
language is a trait.

>>> round(Trait("scaffold", "sw1:aa", holders=60, population=1_000_000).rarity, 1)
8.0
>>> round(Trait("scaffold", "sw1:bb", holders=500_000, population=1_000_000).rarity, 1)
1.0
"""

import math

import msgspec

from stillwatch.errors import UsageError

MOST: dict[str, float] = {"scaffold": 8.0, "token": 10.0, "payment": 10.0, "device": 10.0, "client": 3.0}
"""Per kind, the most bits that sharing says. Our convention: 8 bits are a chance of 1 in 256 that two hands share it."""
OWN_TRAFFIC = frozenset({"payment", "device"})
"""Kinds that are compared within one provider only."""


class Trait(msgspec.Struct, frozen=True):
    """``holders`` of ``population`` accounts have it; a population of 0 means that nobody counted."""

    kind: str
    value: str
    holders: int = 0
    population: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no trait."""
        if self.kind not in MOST or not self.value or self.holders < 0 or self.population < 0:
            cure = f"use one of {', '.join(MOST)}, a value, and counts from 0"
            raise UsageError(f"no trait: {self.kind!r:.40}", place="trait", cure=cure)

    @property
    def rarity(self) -> float:
        """Bits, ≥ 0, that sharing it says of one hand; 1 bit where nobody counted who else has it."""
        if not self.population:
            return 1.0
        return min(MOST[self.kind], max(0.0, math.log2((self.population + 1) / (self.holders + 1))))
