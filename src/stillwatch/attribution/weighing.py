"""Weighing: items to log-odds per hypothesis, relative to *unknown*, and to probabilities over all of them.

Rules: bits of independent groups add up. Within a group, per hypothesis, only the strongest item for and the strongest against
count. Priors are bits too, 0 unless an analyst gave them with a reason. The probabilities are over the hypotheses that were
weighed, and *unknown* is always one of them.

>>> from stillwatch.attribution.hypothesis import ALWAYS
>>> weighed = weigh(ALWAYS, [Item("i1", "No contract is on file.", "contracts", "A1", "contract", {"authorised": -5.0})], {})
>>> round(weighed["authorised"].bits, 2), round(weighed["unknown"].probability, 2)
(-4.3, 0.33)
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from stillwatch.attribution.estimative import Word, clipped, word
from stillwatch.attribution.hypothesis import UNKNOWN, Hypothesis
from stillwatch.attribution.item import Item
from stillwatch.errors import UsageError


class Weighed(msgspec.Struct, frozen=True):
    """A hypothesis as weighed: ``bits`` relative to *unknown*, ``probability`` in [0, 1] among all that were weighed."""

    hypothesis: Hypothesis
    bits: float
    probability: float

    @property
    def word(self) -> Word:
        """The estimative word."""
        return word(self.probability)

    @property
    def told(self) -> str:
        """The likelihood as it is told: word, range and figure, never certain."""
        return f"{self.word.text} ({self.word.range}; computed {clipped(self.probability) * 100:.0f} %)"


def weigh(against: Sequence[Hypothesis], items: Sequence[Item], prior_bits: Mapping[str, float]) -> dict[str, Weighed]:
    """Every hypothesis weighed, by id, in the order given. Raises UsageError if bits are given to one that is not among them."""
    known = {each.id for each in against}
    for place, named in [("prior", prior_bits), *((f"item {item.id}", item.bits) for item in items)]:
        for stranger in set(named) - known:
            cure = f"weigh one of {', '.join(sorted(known))}, or add the network"
            raise UsageError(f"no such hypothesis: {stranger!r:.80}", place=place, cure=cure)
    bits = {each.id: prior_bits.get(each.id, 0.0) + bits_for(each.id, items) for each in against}
    top = max(bits.values())
    total = sum(2.0 ** (value - top) for value in bits.values())
    return {each.id: Weighed(each, bits[each.id], 2.0 ** (bits[each.id] - top) / total) for each in against}


def bits_for(hypothesis: str, items: Sequence[Item]) -> float:
    """The sum over groups of the strongest item for and the strongest against."""
    if hypothesis == UNKNOWN.id:
        return 0.0
    groups: dict[str, list[float]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item.effective().get(hypothesis, 0.0))
    return math.fsum(max(0.0, *values) + min(0.0, *values) for values in groups.values())
