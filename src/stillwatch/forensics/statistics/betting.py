"""The e-process: a bet on each pair's sign, in an order declared before; the wealth may be looked at after every pair.

Null hypothesis: given the past and the magnitude at hand, the sign is a fair coin. Each bet then returns 1 on average, so wealth of
1/α is reached with probability at most α whenever one stops (Ville 1939; Ramdas et al. 2023, doi:10.1214/23-STS894).

The bet is a likelihood ratio: "the served twin is preferred with probability σ(2θu)" against a fair coin, u being the difference in
units of the running root mean square. θ is not chosen but averaged over ``STAKES``, and so are the measures and their sum.

Rules: what scales or corrects a pair comes from magnitudes up to and including that pair, which no flip changes.

>>> wealth = wealth_path(np.ones(20))
>>> bool(wealth[-1] > 1000), len(wealth)
(True, 20)
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, logsumexp

STAKES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""The grid of θ: from a preference of 51 % to one of 96 % at a difference of one root mean square."""
LARGEST_BET = 3.0
"""Differences count up to this many running root mean squares."""

Matrix = NDArray[np.float64]


def wealth_path(differences: Matrix) -> Matrix:
    """The e-process after each row, shape (rows,), for differences of shape (rows,) or (rows, measures), starting from 1.

    A row of zeros leaves the wealth as it was. Without rows the path is empty.
    """
    table = np.asarray(differences, dtype=np.float64)
    bets = _running_scores(table[:, None] if table.ndim == 1 else table)
    if not bets.size:
        return np.ones(len(table))
    returns = np.log(2) + log_expit(2 * bets[:, :, None] * np.asarray(STAKES))
    log_wealth = np.cumsum(returns, axis=0).reshape(len(bets), -1)
    path: Matrix = np.exp(np.minimum(logsumexp(log_wealth, axis=1) - np.log(log_wealth.shape[1]), _LARGEST_LOG))
    return path


_LARGEST_LOG = 690.0
"""Wealth is cut here, below the largest float."""


def e_value(differences: Matrix) -> float:
    """The wealth after all rows; 1 without rows."""
    path = wealth_path(differences)
    return float(path[-1]) if len(path) else 1.0


def _running_scores(table: Matrix) -> Matrix:
    """Each measure and, if there are several, their sum, in units of its own running root mean square."""
    scores = _in_running_units(table)
    if table.shape[1] > 1:
        scores = np.hstack([scores, _in_running_units(scores.sum(axis=1, keepdims=True))])
    return np.clip(scores, -LARGEST_BET, LARGEST_BET)


def _in_running_units(table: Matrix) -> Matrix:
    counts = np.maximum(np.cumsum(table != 0, axis=0), 1)
    scales = np.sqrt(np.cumsum(table**2, axis=0) / counts)
    scores: Matrix = np.divide(table, scales, out=np.zeros_like(table), where=scales > 0)
    return scores
