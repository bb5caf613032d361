"""E-values: averaged over accounts, and the accounts that may be named.

An e-value is ≥ 0 and returns at most 1 on average if its null hypothesis is true; 20 is about as rare as p = 0.05, and never more
frequent. Averages stay e-values however dependent they are (Vovk & Wang 2021, doi:10.1214/20-AOS2020).

>>> e_bh([400.0, 0.3, 90.0, 1.1], fdr=0.05)
[0, 2]
"""

from collections.abc import Sequence

import numpy as np


def average(values: Sequence[float]) -> float:
    """The e-value against "none of these": the mean. 1 without values."""
    return float(np.mean(values)) if len(values) else 1.0


def p_from_e(value: float) -> float:
    """A p-value that holds whenever one stops looking: min(1, 1/e) (Ville 1939)."""
    return 1.0 if value <= 1 else 1.0 / value


def e_bh(values: Sequence[float], *, fdr: float) -> list[int]:
    """Indices of the hypotheses that may be rejected at a false discovery rate, in ascending order.

    The k largest are rejected for the largest k whose k-th largest value is at least m / (fdr · k), m hypotheses being tested; the
    rate holds under any dependence (Wang & Ramdas 2022, doi:10.1111/rssb.12489).
    """
    e = np.asarray(values, dtype=np.float64)
    if not len(e):
        return []
    order = np.argsort(-e, kind="stable")
    enough = e[order] * np.arange(1, len(e) + 1) >= len(e) / fdr
    if not enough.any():
        return []
    return sorted(int(i) for i in order[: int(np.flatnonzero(enough)[-1]) + 1])
