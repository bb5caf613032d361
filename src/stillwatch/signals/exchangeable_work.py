"""Exchangeable work: under a shared queue it is chance which account gets which piece, so no account has topics of its own.

*Why it separates.* People who use the same app or tool still each come back to their own matters: two requests of one
account resemble each other more than requests of two accounts do. Work dealt out from a queue does not. A conversation keeps to
its subject whoever dealt it out, so only requests that open one are compared. *When it misleads.* A gateway that spreads many
users' requests over many accounts looks the same (it is one hand, but perhaps no harvest); a population in which nobody has
topics of their own leaves nothing to compare with, and the signal is silent.

Statistic: the mean inner product of the topic sketches of two requests of one account, centred over the group (what all have in
common, the scaffold, cancels) and scaled to one for equal requests; of it the median over accounts, so that a few strangers in
the group do not decide, beyond that of permuted account labels, which also give its standard error. Work dealt out in turn is
less alike within accounts than by chance; that counts as chance.
"""

from functools import lru_cache

import numpy as np

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Group, Ints, Population, Reading, Signal, Silence, Work

_ROWS_PER_ACCOUNT = 24
_FEWEST_ROWS = 40
_PERMUTATIONS = 12


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how exchangeable the members' topics are; silent where the population has none of its own."""
    own, usual = _pieces(group.work, rng), _usual(population.reference)
    if len(own) < _FEWEST_ROWS or usual is None:
        return Silence("too few requests with text to compare topics")
    within, error = correlation(own, rng)
    expected, expected_error = usual
    if expected < 4 * expected_error or expected < 0.02:
        return Silence("other accounts have no topics of their own either, so there is nothing to compare with")
    hostile = (0.0, float(np.hypot(error, 0.12 * expected)))
    innocent = (0.8 * expected, float(np.hypot(error, 0.35 * expected)))
    bits = bits_between(max(within, 0.0), hostile=hostile, innocent=innocent, cap=10)
    statement = (
        f"Which account sent which request looks like {'chance' if bits > 0 else 'choice'}: requests of one account "
        f"resemble each other {max(within, 0) / expected:.0%} as much as those of one ordinary account do."
    )
    return Reading(bits, statement, len(np.unique(own.account)), len(own))


@lru_cache(maxsize=2)
def _usual(reference: Work) -> tuple[float, float] | None:
    """The reference's correlation, once for all groups that are compared with it."""
    rng = np.random.default_rng(0)
    even = _pieces(reference, rng)
    return correlation(even, rng) if len(even) >= _FEWEST_ROWS else None


def correlation(work: Work, rng: np.random.Generator) -> tuple[float, float]:
    """How much more requests of one account resemble each other than chance would have it, in [-1, 1], and its standard error."""
    _, labels, counts = np.unique(work.account, return_inverse=True, return_counts=True)
    vectors = work.topic.astype(np.float32)
    vectors -= vectors.mean(axis=0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    vectors -= vectors.mean(axis=0)
    vectors /= max(float(np.sqrt((vectors**2).sum(axis=1).mean())), 1e-6)
    shuffled = [_resemblance(vectors, rng.permutation(labels), counts) for _ in range(_PERMUTATIONS)]
    return _resemblance(vectors, labels, counts) - float(np.mean(shuffled)), float(np.std(shuffled)) + 1e-6


def _resemblance(vectors: "np.ndarray[tuple[int, int], np.dtype[np.float32]]", labels: Ints, counts: Ints) -> float:
    """The median over accounts of the mean inner product between two of its requests."""
    sums = np.stack([np.bincount(labels, column, len(counts)) for column in vectors.T], axis=1)
    own = np.bincount(labels, (vectors**2).sum(axis=1), len(counts))
    return float(np.median(((sums**2).sum(axis=1) - own) / (counts * (counts - 1))))


def _pieces(work: Work, rng: np.random.Generator) -> Work:
    """The rows to compare: those that open conversations, or all where they are too few."""
    opening = _even(work.rows(work.opens), rng)
    return opening if len(opening) >= _FEWEST_ROWS else _even(work, rng)


def _even(work: Work, rng: np.random.Generator) -> Work:
    """At most _ROWS_PER_ACCOUNT distinct texts an account, and accounts with one request left out."""
    _, first = np.unique(np.stack([work.account.astype(np.uint64), work.text]), axis=1, return_index=True)
    shuffled = rng.permutation(first)
    order = shuffled[np.argsort(work.account[shuffled], kind="stable")]
    account = work.account[order]
    starts = np.searchsorted(account, account)
    kept = order[np.arange(len(order)) - starts < _ROWS_PER_ACCOUNT]
    account, counts = np.unique(work.account[kept], return_counts=True)
    kept = kept[np.isin(work.account[kept], account[counts > 1])]
    return work.rows(kept)


SIGNAL = Signal("exchangeable work", "coordination", "work sharing", weigh)
