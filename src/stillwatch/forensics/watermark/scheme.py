"""What the two watermarks have in common: how one marks, what a pair scores under a key, and how sure a sum of scores makes us.

Null hypothesis of every test: the pairs were chosen without knowledge of the key. Then the scores of distinct pairs are independent
draws from a known distribution, whatever wrote the text and however it repeats itself.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy.typing as npt
from numpy import float32

from stillwatch.forensics.watermark.contexts import Tokens, Width
from stillwatch.forensics.watermark.keyed_hash import Words
from stillwatch.forensics.watermark.pairs import Grouped, Pairs, Scores

Logits = npt.NDArray[float32]
STAKES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""How strongly an e-process supposes that the key is preferred; it averages over these instead of choosing one."""


@dataclass(frozen=True)
class Preference:
    """How much more the pairs follow the key than by chance: ``value`` between ``lower`` and ``upper`` (95 %); 0 is chance."""

    value: float
    lower: float
    upper: float


class Scheme(Protocol):
    """A watermark. ``mean`` and ``variance`` are those of one pair's score under the null hypothesis."""

    @property
    def name(self) -> str:
        """As it is called in findings."""

    @property
    def width(self) -> Width:
        """How many previous tokens make a context."""

    @property
    def mean(self) -> float:
        """Of one score by chance."""

    @property
    def variance(self) -> float:
        """Of one score by chance."""

    @property
    def preference_unit(self) -> str:
        """What ``preference`` is measured in."""

    def mark(self, rows: Words, previous: Tokens, logits: Logits) -> None:
        """Mark ``logits`` (batch, vocabulary) in place, given keys (batch, 8) and previous tokens (batch, length), −1 for none."""

    def scores(self, key: bytes, pairs: Pairs) -> Scores:
        """The score of every pair under a key of 16 bytes, shape (n,), in the order of the pairs."""

    def totals(self, keys: Words, grouped: Grouped, weights: Scores) -> Scores:
        """For every key (keys, 2) the sum of scores times weights (given in the order of ``grouped``), shape (keys,)."""

    def exact_p(self, scores: Scores) -> float:
        """The probability of a sum at least this large by chance, in (0, 1]."""

    def preference(self, scores: Scores) -> Preference:
        """The effect and its interval. Needs at least one score."""

    def log_returns(self, scores: Scores) -> Scores:
        """Natural logarithm of what a bet on each score returns, shape (n, stakes); each returns 1 on average by chance."""
