"""The sign-flip test: does a difference that chance alone would sign lean to one side?

Null hypothesis: given all magnitudes, each row's sign is an independent fair coin. With served/withheld twins that is no
assumption about the suspect; the provider made the coins (Fisher 1935, section 21; Hemerik & Goeman 2018,
doi:10.1007/s11749-017-0571-1).

Rules
- One-sided: large values speak for the served twin. Several measures are combined by the largest standardised sum, recomputed
  under the same flips, so looking at many measures costs nothing in exactness.
- Up to ``EXACT_ROWS`` informative rows all sign patterns are counted; beyond, ``flips`` are drawn and one is added to both counts
  (Phipson & Smyth 2010), so that no p-value is ever 0.

>>> exact = sign_flip_test(np.array([1.0, 2.0, 3.0]), np.random.default_rng(0))
>>> exact.p_value, exact.exact  # one of eight patterns is as large
(0.125, True)
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri_exp

EXACT_ROWS = 14
"""Up to here 2**rows patterns are fewer than a Monte Carlo test would draw."""
FLIPS = 99_999
_CHUNK_CELLS = 4_000_000
_TOLERANCE = 1e-9
"""Sums that differ by rounding alone are ties, and ties count against us."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class SignFlip:
    """``p_value`` in (0, 1]; ``z`` the statistic, the largest of ``measures``, each about standard normal; informative ``rows``."""

    p_value: float
    z: float
    rows: int
    exact: bool
    measures: int = 1


def sign_flip_test(differences: Matrix, generator: np.random.Generator, *, flips: int = FLIPS) -> SignFlip:
    """Test rows (pairs) of differences, shape (pairs,) or (pairs, measures). Rows of zeros carry nothing and are left out.

    Without one informative row the p-value is 1.
    """
    scores = standardised(_informative(differences))
    rows = len(scores)
    if not rows:
        return SignFlip(1.0, 0.0, 0, True)
    observed = float(scores.sum(axis=0).max())
    if rows <= EXACT_ROWS:
        return SignFlip(_share_at_least(scores, _all_signs(rows), observed) / 2**rows, observed, rows, True, scores.shape[1])
    reached, step = 0, max(1, _CHUNK_CELLS // rows)
    for start in range(0, flips, step):
        reached += _share_at_least(scores, _drawn_signs(min(step, flips - start), rows, generator), observed)
    return SignFlip((1 + reached) / (1 + flips), observed, rows, False, scores.shape[1])


def as_of_one(z: float, measures: int) -> float:
    """The z of a single measure that is as rare as the largest of so many is at most (Bonferroni); 0 where that is not rare at all.

    >>> as_of_one(2.0, 1), round(as_of_one(3.09, 6), 2), as_of_one(0.5, 6)
    (2.0, 2.51, 0.0)
    """
    if measures <= 1:
        return z
    return max(0.0, -float(ndtri_exp(min(float(log_ndtr(-z)) + math.log(measures), math.log(0.5)))))


def standardised(differences: Matrix) -> Matrix:
    """Each measure divided by the root of its sum of squares, with their sum as a further column if there are several.

    Flips of whole rows change no divisor. Measures that are zero throughout are dropped.
    """
    scales = np.sqrt((differences**2).sum(axis=0))
    scores: Matrix = differences[:, scales > 0] / scales[scales > 0]
    if scores.shape[1] < 2:
        return scores
    joint = scores.sum(axis=1, keepdims=True)
    scale = np.sqrt((joint**2).sum())
    return np.hstack([scores, joint / scale]) if scale > 0 else scores


def _informative(differences: Matrix) -> Matrix:
    table = np.asarray(differences, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if not np.isfinite(table).all():
        raise ValueError("a difference is not finite; a pair that could not be scored is a row of zeros")
    informative: Matrix = table[(table != 0).any(axis=1)]
    return informative


def _share_at_least(scores: Matrix, signs: NDArray[np.float32], observed: float) -> int:
    return int(((signs @ scores).max(axis=1) >= observed - _TOLERANCE).sum())


def _all_signs(rows: int) -> NDArray[np.float32]:
    patterns = np.arange(2**rows, dtype=np.uint32)[:, None] >> np.arange(rows, dtype=np.uint32) & 1
    return 1 - 2 * patterns.astype(np.float32)


def _drawn_signs(count: int, rows: int, generator: np.random.Generator) -> NDArray[np.float32]:
    packed = np.frombuffer(generator.bytes((count * rows + 7) // 8), dtype=np.uint8)
    bits = np.unpackbits(packed, count=count * rows).reshape(count, rows)
    return 1 - 2 * bits.astype(np.float32)
