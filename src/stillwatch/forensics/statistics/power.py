"""Power: what an examination can show before it is made, and what a result says about the share of training data.

The planning model has one number: ``effect``, the mean of a pair's difference in standard deviations if all training data was
ours. It falls with the root of the share s of training data that came from the group examined, so n pairs give about
z = effect·√(n·s). It is a model; the benchmarks measure how far it holds, and the report names it beside every number it made.

Dilution: a campaign spread evenly over c accounts gives each account 1/c of the pairs and 1/c of the share, hence z/c; the accounts
of a cluster, added up as c independent tests, give c·(z/c)/√c = z/√c.

>>> z = expected_z(1000, effect=0.3, share=1.0)
>>> round(z, 2), round(account_z(z, 9), 2), round(cluster_z(z, 9), 2)
(9.49, 1.05, 3.16)
"""

import math

from scipy.special import ndtr, ndtri


def expected_z(pairs: int, *, effect: float, share: float) -> float:
    """The z that so many pairs give on average if ``share`` in [0, 1] of the training data was ours."""
    return effect * math.sqrt(pairs * share)


def account_z(z: float, accounts: int) -> float:
    """For one of ``accounts`` equal accounts, where the whole campaign gives ``z``."""
    return z / accounts


def cluster_z(z: float, accounts: int) -> float:
    """For a cluster whose ``accounts`` are tested apart and added up, where undivided they would give ``z``."""
    return z / math.sqrt(accounts)


def power(z: float, *, alpha: float) -> float:
    """The chance that a one-sided test at ``alpha`` shows an effect that gives ``z`` on average (normal approximation)."""
    return float(ndtr(z + ndtri(alpha)))


def pairs_needed(*, effect: float, share: float, alpha: float, wanted: float = 0.8) -> int:
    """The pairs that give the ``wanted`` power."""
    z = float(ndtri(wanted) - ndtri(alpha))
    return math.ceil(z * z / (effect * effect * share))


def estimated_share(z: float, pairs: int, *, effect: float) -> float:
    """The share of training data in [0, 1] at which the model expects this ``z``; 0 if it is not positive or there is no pair."""
    if not pairs or z <= 0:
        return 0.0
    return min(1.0, (z / effect) ** 2 / pairs)


def likelihood_ratio(z: float, pairs: int, *, effect: float, share: float) -> float:
    """How many times likelier ``z`` is if ``share`` of the training data was ours than if none was.

    Model: z is normal with standard deviation 1 around ``expected_z`` or 0. Cut at 10^15, beyond which no model is to be believed.
    """
    mean = expected_z(pairs, effect=effect, share=share)
    return math.exp(min(mean * z - mean * mean / 2, math.log(_LARGEST_RATIO)))


_LARGEST_RATIO = 1e15
