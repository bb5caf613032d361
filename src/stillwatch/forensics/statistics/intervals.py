"""Two-sided intervals for rates and for differences of rates.

>>> [round(bound, 3) for bound in wilson(0, 10)]
[0.0, 0.278]
"""

import math

from scipy.special import betaincinv, ndtri

Bounds = tuple[float, float]


def wilson(hits: int, trials: int, confidence: float = 0.95) -> Bounds:
    """Score interval for a rate (Wilson 1927); the whole of [0, 1] without trials."""
    if not trials:
        return 0.0, 1.0
    z = _z(confidence)
    centre = (hits + z * z / 2) / (trials + z * z)
    half = z / (trials + z * z) * math.sqrt(hits * (trials - hits) / trials + z * z / 4)
    return max(0.0, centre - half), min(1.0, centre + half)


def clopper_pearson(hits: int, trials: int, confidence: float = 0.95) -> Bounds:
    """Exact interval for a rate (Clopper & Pearson 1934); never covers less than ``confidence``."""
    tail = (1 - confidence) / 2
    lower = 0.0 if hits == 0 else float(betaincinv(hits, trials - hits + 1, tail))
    upper = 1.0 if hits == trials else float(betaincinv(hits + 1, trials - hits, 1 - tail))
    return lower, upper


def paired_difference(both: int, first_only: int, second_only: int, neither: int, confidence: float = 0.95) -> Bounds:
    """Interval for rate(first) − rate(second) on the same subjects: square-and-add with correlation (Newcombe 1998, method 10).

    The four counts are the cells of the two-by-two table; the whole of [−1, 1] if it is empty.
    """
    total = both + first_only + second_only + neither
    if not total:
        return -1.0, 1.0
    first, second = both + first_only, both + second_only
    p, q = first / total, second / total
    (l1, u1), (l2, u2) = wilson(first, total, confidence), wilson(second, total, confidence)
    phi = _correlation(both, first_only, second_only, neither)
    below = (p - l1) ** 2 - 2 * phi * (p - l1) * (u2 - q) + (u2 - q) ** 2
    above = (u1 - p) ** 2 - 2 * phi * (u1 - p) * (q - l2) + (q - l2) ** 2
    return p - q - math.sqrt(max(0.0, below)), p - q + math.sqrt(max(0.0, above))


def _correlation(a: int, b: int, c: int, d: int) -> float:
    """Phi of the two-by-two table, with Newcombe's continuity correction where it is positive; 0 if a margin is empty."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if not margins:
        return 0.0
    product = a * d - b * c
    return (max(product - (a + b + c + d) / 2, 0) if product > 0 else product) / math.sqrt(margins)


def _z(confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2))
