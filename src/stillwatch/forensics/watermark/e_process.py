"""The watermark's e-process: bets on each new pair in the order declared before; one may look after every pair and stop.

Null hypothesis: each new distinct pair's score is an independent draw from the scheme's known distribution. Every bet returns 1 on
average, so wealth of 1/α is reached with probability at most α, whenever one stops (Ville 1939).
"""

import numpy as np
from scipy.special import logsumexp

from stillwatch.forensics.watermark.pairs import Scores
from stillwatch.forensics.watermark.scheme import Scheme

_LARGEST_LOG = 690.0
"""Wealth is cut here, below the largest float."""


def wealth_path(scheme: Scheme, scores: Scores) -> Scores:
    """Wealth after each pair, shape (n,), starting from 1 and averaged over the scheme's stakes."""
    log_wealth = np.cumsum(scheme.log_returns(scores), axis=0)
    if not len(log_wealth):
        return np.ones(0)
    path: Scores = np.exp(np.minimum(logsumexp(log_wealth, axis=1) - np.log(log_wealth.shape[1]), _LARGEST_LOG))
    return path
