"""The green list: the key colours part of the vocabulary green for each context, and green tokens are made a little likelier.

Kirchenbauer et al. 2023 (arXiv 2301.10226) with contexts of one or two tokens, because short contexts are what a model that is
trained on the answers can learn (Sander et al. 2024, arXiv 2402.14904). The share of green tokens is 1/2, 1/4 or 1/8: token t is
green if bit t mod 64 is set in all of one, two or three words of block t div 64. Answers change: the mark shifts distributions.

Null hypothesis: each distinct pair's token is green with probability ``gamma``, independently. Hence the count is binomial.

>>> scheme = GreenList(gamma=0.25, delta=1.5)
>>> scheme.mean, scheme.width
(0.25, 2)
"""
# mypy: disallow-untyped-decorators=False

from dataclasses import dataclass

import numba as nb
import numpy as np
from scipy.stats import binom

from stillwatch.errors import UsageError
from stillwatch.forensics.statistics.intervals import clopper_pearson
from stillwatch.forensics.watermark.contexts import Tokens, Width, last_context, tier_of
from stillwatch.forensics.watermark.keyed_hash import PORTION, Words, halves, seed, seeds_of_pairs, word
from stillwatch.forensics.watermark.pairs import Grouped, Pairs, Scores
from stillwatch.forensics.watermark.scheme import STAKES, Logits, Preference

_HALVINGS = {0.5: 1, 0.25: 2, 0.125: 3}
_BLOCK = 64


@dataclass(frozen=True)
class GreenList:
    """``gamma``: share of the vocabulary that is green; ``delta``: what is added to green logits. Raises UsageError for others."""

    width: Width = 2
    gamma: float = 0.5
    delta: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what is no green list."""
        if self.gamma not in _HALVINGS:
            raise UsageError(f"gamma {self.gamma} is not 0.5, 0.25 or 0.125", place="green list", cure="choose one of these")
        if self.width not in (1, 2):
            raise UsageError(f"width {self.width} is not 1 or 2", place="green list", cure="choose one of these")
        if not 0 < self.delta <= 20:
            raise UsageError(f"delta {self.delta} is not in (0, 20]", place="green list", cure="1 to 4 are usual")

    name = "green list"
    preference_unit = "share of green tokens above chance"

    @property
    def halvings(self) -> int:
        """Words that must agree for a token to be green."""
        return _HALVINGS[self.gamma]

    @property
    def mean(self) -> float:
        """Of a score, which is 1 for a green token and 0 for another."""
        return self.gamma

    @property
    def variance(self) -> float:
        """Of a score."""
        return self.gamma * (1 - self.gamma)

    def mark(self, rows: Words, previous: Tokens, logits: Logits) -> None:
        """Add ``delta`` to the logits of green tokens, in place; a row without a whole context stays as it is."""
        _mark(rows, previous, logits, self.width, self.halvings, np.float32(self.delta))

    def scores(self, key: bytes, pairs: Pairs) -> Scores:
        """1 for each pair whose token is green, else 0."""
        return _scores(halves(key), pairs.contexts, pairs.tokens, self.halvings)

    def totals(self, keys: Words, grouped: Grouped, weights: Scores) -> Scores:
        """For every key the weights of its green pairs, summed."""
        return _totals(keys, grouped.contexts, grouped.owners, grouped.tokens, weights, self.halvings)

    def exact_p(self, scores: Scores) -> float:
        """P(binomial(n, gamma) ≥ count)."""
        return max(float(binom.sf(int(scores.sum()) - 1, len(scores), self.gamma)), np.finfo(float).tiny)

    def preference(self, scores: Scores) -> Preference:
        """The share of green tokens less ``gamma`` (Clopper & Pearson 1934)."""
        lower, upper = clopper_pearson(int(scores.sum()), len(scores))
        return Preference(float(scores.mean()) - self.gamma, lower - self.gamma, upper - self.gamma)

    def log_returns(self, scores: Scores) -> Scores:
        """Likelihood ratios: green with odds larger by e**stake than chance has it."""
        lifted = self.gamma * np.exp(STAKES)
        green = lifted / (1 - self.gamma + lifted)
        return np.where(scores[:, None] > 0, np.log(green / self.gamma), np.log((1 - green) / (1 - self.gamma)))


@nb.njit(cache=True, nogil=True, inline="always")
def _green_word(start: np.uint64, block: int, halvings: int) -> np.uint64:
    """The bits of the green tokens of a block of 64."""
    first = np.uint64(block * halvings)
    bits = word(start, first)
    for further in range(1, halvings):
        bits &= word(start, first + np.uint64(further))
    return bits


@nb.njit(cache=True, nogil=True)
def _lift(row: Logits, start: np.uint64, halvings: int, delta: np.float32) -> None:
    """Add ``delta`` to the green logits of a row, 32 a step, which the compiler turns into masked additions."""
    whole = len(row) // _BLOCK
    for block in range(whole):
        bits = _green_word(start, block, halvings)
        for half in range(2):
            part = np.uint32(bits >> np.uint64(32 * half))
            first = _BLOCK * block + 32 * half
            for i in range(32):
                if (part >> np.uint32(i)) & np.uint32(1):
                    row[first + i] += delta
    bits = _green_word(start, whole, halvings)
    for i in range(len(row) - _BLOCK * whole):
        if (bits >> np.uint64(i)) & np.uint64(1):
            row[_BLOCK * whole + i] += delta


@nb.njit(cache=True, nogil=True)
def _mark(rows: Words, previous: Tokens, logits: Logits, width: int, halvings: int, delta: np.float32) -> None:
    for r in range(len(logits)):
        known, context = last_context(previous[r], width)
        if known:
            place = 2 + 2 * tier_of(rows[r, 0], rows[r, 1], context)
            _lift(logits[r], seed(rows[r, place], rows[r, place + 1], context), halvings, delta)


@nb.njit(cache=True, nogil=True, inline="always")
def _is_green(start: np.uint64, token: np.uint64, halvings: int) -> np.uint64:
    return (_green_word(start, int(token >> np.uint64(6)), halvings) >> (token & np.uint64(63))) & np.uint64(1)


@nb.njit(cache=True, nogil=True)
def _scores(key: Words, contexts: Words, tokens: Words, halvings: int) -> Scores:
    out = np.empty(len(tokens), np.float64)
    for i in range(len(tokens)):
        out[i] = _is_green(seed(key[0], key[1], contexts[i]), tokens[i], halvings)
    return out


@nb.njit(cache=True, nogil=True, fastmath={"reassoc"})
def _green_weight(starts: Words, tokens: Words, weights: Scores, halvings: int) -> float:
    """The weights of green pairs, summed; free of loops within, so that it runs on vectors."""
    total = 0.0
    for i in range(len(tokens)):
        first = (tokens[i] >> np.uint64(6)) * np.uint64(halvings)
        bits = word(starts[i], first)
        if halvings > 1:
            bits &= word(starts[i], first + np.uint64(1))
        if halvings > 2:
            bits &= word(starts[i], first + np.uint64(2))
        total += weights[i] * np.float64((bits >> (tokens[i] & np.uint64(63))) & np.uint64(1))
    return total


@nb.njit(cache=True, nogil=True)
def _totals(keys: Words, contexts: Words, owners: Tokens, tokens: Words, weights: Scores, halvings: int) -> Scores:
    """Pairs in portions that stay in the cache, all keys over each."""
    out = np.zeros(len(keys), np.float64)
    of_contexts, starts = np.empty(PORTION, np.uint64), np.empty(PORTION, np.uint64)
    for first in range(0, len(tokens), PORTION):
        last = min(first + PORTION, len(tokens))
        for k in range(len(keys)):
            seeds_of_pairs(keys[k], contexts, owners[first:last], of_contexts, starts)
            out[k] += _green_weight(starts[: last - first], tokens[first:last], weights[first:last], halvings)
    return out
