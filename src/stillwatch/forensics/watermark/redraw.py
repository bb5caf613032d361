"""The p-value by drawing the key again: how often does a key that nobody used score as high as ours?

Null hypothesis: pairs and weights were chosen without knowledge of the key. Then our key is one more random draw, and its rank
among the others is uniform, whatever the weights (Phipson & Smyth 2010: one is added to both counts, ties count against us).
"""

from dataclasses import dataclass

import numpy as np

from stillwatch.forensics.watermark.keyed_hash import halves
from stillwatch.forensics.watermark.pairs import Pairs, Scores
from stillwatch.forensics.watermark.scheme import Scheme

DRAWS = 999
_ROUNDING = 1e-9
"""Sums that differ by less than this share of themselves are ties."""


@dataclass(frozen=True)
class Redrawn:
    """``p_value`` in (0, 1]; ``least`` is the smallest that so many draws can give."""

    p_value: float
    least: float


def redraw_test(
    scheme: Scheme, key: bytes, pairs: Pairs, generator: np.random.Generator, *, weights: Scores | None = None, draws: int = DRAWS
) -> Redrawn:
    """Rank the weighted sum of scores under ``key`` among ``draws`` random keys; ``weights`` go with the pairs, 1 if absent.

    Negative weights are as good as positive ones. Without pairs the p-value is 1.
    """
    weights = np.ones(len(pairs)) if weights is None else np.asarray(weights, np.float64)
    keys = np.vstack([halves(key)[None, :], np.frombuffer(generator.bytes(16 * draws), "<u8").astype(np.uint64).reshape(-1, 2)])
    totals = scheme.totals(keys, pairs.grouped, weights[pairs.grouped.order])
    tolerance = _ROUNDING * float(np.abs(weights).sum())
    reached = int((totals[1:] >= totals[0] - tolerance).sum())
    return Redrawn((1 + reached) / (1 + draws), 1 / (1 + draws))
