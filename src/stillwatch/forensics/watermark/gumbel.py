"""The Gumbel watermark: the key, not a dice, picks the token, and picks each as often as the model would.

Among the ``top`` likeliest tokens it takes the one with the largest u**(1/p), u being the token's random number for this context
under the key and p its probability (Aaronson 2022; Kuditipudi et al. 2023, arXiv 2307.15593). Over keys that choice has exactly the
model's distribution, so one answer says nothing of the mark. Within an answer a context that came before is left to the plain
sampler (Hu et al. 2023, arXiv 2310.10669), or the same choice would come again. Over many answers the same contexts make the same
choices: that is what a student learns, and what costs variety.

The hook wins by lifting the chosen logit far above all others, so it must know the sampler's temperature; what the sampler does
afterwards (temperature, top-p) cannot undo the choice.

Null hypothesis: each distinct pair's u is uniform on (0, 1), so −ln(1 − u) is exponential and the sum of n is gamma.

>>> scheme = Gumbel(top=50, temperature=0.8)
>>> scheme.mean, scheme.variance
(1.0, 1.0)
"""
# mypy: disallow-untyped-decorators=False

from dataclasses import dataclass

import numba as nb
import numpy as np
from scipy.stats import gamma

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.contexts import Tokens, Width, last_context, tier_of
from stillwatch.forensics.watermark.keyed_hash import PORTION, Words, halves, seed, seeds_of_pairs, word
from stillwatch.forensics.watermark.pairs import Grouped, Pairs, Scores
from stillwatch.forensics.watermark.scheme import STAKES, Logits, Preference
from stillwatch.forensics.watermark.top import Places, largest

LIFT = 10_000.0
"""How far the chosen logit is put above the largest: certain at any temperature in use, and within half precision."""
_LEVELS = 4096
_LEVEL_BITS = np.uint64(12)
_SCORES_OF_LEVELS = -np.log1p(-(np.arange(_LEVELS) + 0.5) / _LEVELS)
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Gumbel:
    """``top``: how many of the likeliest tokens take part; ``temperature``: the sampler's. Raises UsageError for what is none."""

    width: Width = 2
    top: int = 50
    temperature: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot sample."""
        if self.width not in (1, 2):
            raise UsageError(f"width {self.width} is not 1 or 2", place="Gumbel watermark", cure="choose one of these")
        if self.top < 2:
            raise UsageError(f"top {self.top} leaves no choice", place="Gumbel watermark", cure="take 2 or more, 50 is usual")
        if not self.temperature > 0:
            raise UsageError("temperature 0 leaves no choice to mark", place="Gumbel watermark", cure="sample above 0")

    name = "Gumbel"
    mean = 1.0
    variance = 1.0
    preference_unit = "mean keyed score above chance"

    def mark(self, rows: Words, previous: Tokens, logits: Logits) -> None:
        """Lift the chosen token's logit, in place; a row without a whole context, or with one that came before, stays as it is."""
        _mark(rows, previous, logits, self.width, self.top, self.temperature)

    def scores(self, key: bytes, pairs: Pairs) -> Scores:
        """−ln(1 − u) of each pair."""
        return _scores(halves(key), pairs.contexts, pairs.tokens)

    def totals(self, keys: Words, grouped: Grouped, weights: Scores) -> Scores:
        """For every key the sum of weight times score, scores being rounded to 4,096 equally likely levels for speed."""
        return _totals(keys, grouped.contexts, grouped.owners, grouped.tokens, weights)

    def exact_p(self, scores: Scores) -> float:
        """P(gamma(n, 1) ≥ sum)."""
        return max(float(gamma.sf(scores.sum(), len(scores))), np.finfo(float).tiny) if len(scores) else 1.0

    def preference(self, scores: Scores) -> Preference:
        """The mean score less 1, with the interval of a gamma mean."""
        tail, total = (1 - _CONFIDENCE) / 2, float(scores.sum())
        lower, upper = (total / float(gamma.ppf(q, len(scores))) for q in (1 - tail, tail))
        return Preference(float(scores.mean()) - 1, lower - 1, upper - 1)

    def log_returns(self, scores: Scores) -> Scores:
        """Likelihood ratios: exponential with a mean larger by the factor 1 + stake than chance has it."""
        rates = 1 / (1 + np.asarray(STAKES))
        return np.log(rates) + (1 - rates) * scores[:, None]


@nb.njit(cache=True, nogil=True, inline="always")
def _uniform(start: np.uint64, token: np.uint64) -> float:
    """The token's number in (0, 1), from the upper 53 bits of its word."""
    return (np.float64(word(start, token) >> np.uint64(11)) + 0.5) / 9007199254740992.0


@nb.njit(cache=True, nogil=True)
def _came_before(previous: Tokens, width: int) -> bool:
    """Whether the last ``width`` tokens stand earlier in the sequence too."""
    end = len(previous)
    for last in range(width - 1, end - 1):
        same = True
        for back in range(width):
            same = same and previous[last - back] == previous[end - 1 - back]
        if same:
            return True
    return False


@nb.njit(cache=True, nogil=True)
def _choice(start: np.uint64, places: Places, values: Logits, temperature: float) -> int:
    """The token with the largest u**(1/p), of those whose logit is finite; probabilities need not add up for that."""
    best, chosen = -np.inf, -1
    for i in range(len(places)):
        weight = np.exp((values[i] - values[0]) / temperature)
        score = np.log(_uniform(start, np.uint64(places[i]))) / weight if weight > 0 else -np.inf
        if score > best:
            best, chosen = score, places[i]
    return int(chosen)


@nb.njit(cache=True, nogil=True)
def _mark(rows: Words, previous: Tokens, logits: Logits, width: int, top: int, temperature: float) -> None:
    places, values = np.empty(top, np.int64), np.empty(top, np.float32)
    for r in range(len(logits)):
        known, context = last_context(previous[r], width)
        if not known or _came_before(previous[r], width):
            continue
        place = 2 + 2 * tier_of(rows[r, 0], rows[r, 1], context)
        found = largest(logits[r], places, values)
        chosen = _choice(seed(rows[r, place], rows[r, place + 1], context), places[:found], values[:found], temperature)
        if chosen >= 0:
            logits[r, chosen] = values[0] + np.float32(LIFT)


@nb.njit(cache=True, nogil=True)
def _scores(key: Words, contexts: Words, tokens: Words) -> Scores:
    out = np.empty(len(tokens), np.float64)
    for i in range(len(tokens)):
        out[i] = -np.log1p(-_uniform(seed(key[0], key[1], contexts[i]), tokens[i]))
    return out


@nb.njit(cache=True, nogil=True, fastmath={"reassoc"})
def _weighted(starts: Words, tokens: Words, weights: Scores) -> float:
    """Weight times rounded score, summed."""
    total = 0.0
    for i in range(len(tokens)):
        total += weights[i] * _SCORES_OF_LEVELS[word(starts[i], tokens[i]) >> (np.uint64(64) - _LEVEL_BITS)]
    return total


@nb.njit(cache=True, nogil=True)
def _totals(keys: Words, contexts: Words, owners: Tokens, tokens: Words, weights: Scores) -> Scores:
    """Pairs in portions that stay in the cache, all keys over each."""
    out = np.zeros(len(keys), np.float64)
    of_contexts, starts = np.empty(PORTION, np.uint64), np.empty(PORTION, np.uint64)
    for first in range(0, len(tokens), PORTION):
        last = min(first + PORTION, len(tokens))
        for k in range(len(keys)):
            seeds_of_pairs(keys[k], contexts, owners[first:last], of_contexts, starts)
            out[k] += _weighted(starts[: last - first], tokens[first:last], weights[first:last])
    return out
