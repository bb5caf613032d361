"""Power: what an examination can show before it is made, and what a result says about the share of training data.

The planning model has two numbers, which the laboratory measures (docs/laboratory.md): ``size``, the mean of a pair's difference in
standard deviations if all training data was ours, and ``fading``, the power of the share s of training data with which it falls.
n pairs then give about z = size·√n·s^fading. It is a model of tiny networks, and the report names it beside every number it made.

Dilution: a campaign spread evenly over c accounts gives each account 1/c of the pairs and of the share. With a fading of one half,
the planning rule for accounts, that is z/c; the accounts of a cluster, added up as c independent tests, give c·(z/c)/√c = z/√c.

>>> z = expected_z(1000, PairEffect(0.3, 0.5), share=1.0)
>>> round(z, 2), round(account_z(z, 9), 2), round(cluster_z(z, 9), 2)
(9.49, 1.05, 3.16)
"""

import math
from typing import NamedTuple

from scipy.special import log_ndtr, ndtr, ndtri


class PairEffect(NamedTuple):
    """The planning model's two numbers: ``size`` > 0 in standard deviations, ``fading`` > 0 with the share of training data."""

    size: float
    fading: float


def expected_z(pairs: int, effect: PairEffect, *, share: float) -> float:
    """The z that so many pairs give on average if ``share`` in [0, 1] of the training data was ours."""
    return effect.size * math.sqrt(pairs) * math.pow(share, effect.fading)


def account_z(z: float, accounts: int) -> float:
    """For one of ``accounts`` equal accounts, where the whole campaign gives ``z``."""
    return z / accounts


def cluster_z(z: float, accounts: int) -> float:
    """For a cluster whose ``accounts`` are tested apart and added up, where undivided they would give ``z``."""
    return z / math.sqrt(accounts)


def power(z: float, *, alpha: float) -> float:
    """The chance that a one-sided test at ``alpha`` shows an effect that gives ``z`` on average (normal approximation)."""
    return float(ndtr(z + ndtri(alpha)))


def pairs_needed(effect: PairEffect, *, share: float, alpha: float, wanted: float = 0.8) -> int:
    """The pairs that give the ``wanted`` power."""
    z = float(ndtri(wanted) - ndtri(alpha))
    return math.ceil((z / expected_z(1, effect, share=share)) ** 2)


def estimated_share(z: float, pairs: int, effect: PairEffect) -> float:
    """The share of training data in [0, 1] at which the model expects this ``z``; 0 if it is not positive or there is no pair."""
    if not pairs or z <= 0:
        return 0.0
    return min(1.0, math.pow(z / expected_z(pairs, effect, share=1.0), 1 / effect.fading))


def likelihood_ratio(z: float, pairs: int, effect: PairEffect) -> float:
    """How many times likelier ``z`` is if some of the training data was ours than if none was.

    Model: z is normal with standard deviation 1 around 0, or around a mean that is as likely anywhere between 0 and what
    the planning model gives for all of it, M: ∫₀ᴹ exp(mz − m²/2) dm / M = √(2π)·exp(z²/2)·(Φ(z) − Φ(z − M)) / M. Cut at 10^15,
    beyond which no model is to be believed. 1 without pairs.
    """
    most = expected_z(pairs, effect, share=1.0)
    if not most:
        return 1.0
    covered = log_ndtr(z) + math.log1p(-math.exp(min(log_ndtr(z - most) - log_ndtr(z), -_LEAST)))
    logarithm = 0.5 * math.log(2 * math.pi) + z * z / 2 + covered - math.log(most)
    return math.exp(min(logarithm, math.log(_LARGEST_RATIO)))


_LARGEST_RATIO = 1e15
_LEAST = 1e-12
"""Keeps the logarithm finite where M is next to nothing."""
