"""Preference: how strongly a suspect leans to the served twins, with everything that the report needs of it.

Null hypothesis: which of two exchangeable answers was served has no influence on the suspect. Rows are pairs in the order that was
declared, columns are measures; a row of zeros is a pair that could not be scored.

>>> leaning = prefer(np.ones((40, 1)), np.zeros((40, 1)), np.random.default_rng(0), flips=999)
>>> leaning.p_value, leaning.preferred, leaning.scored
(0.001, 40, 40)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillwatch.forensics.statistics.betting import wealth_path
from stillwatch.forensics.statistics.control_variate import remainder, running_remainder
from stillwatch.forensics.statistics.sign_flip import FLIPS, as_of_one, sign_flip_test, standardised

Matrix = NDArray[np.float64]

_LARGEST = 5.0
"""A single pair counts up to this many root mean squares, so that no one pair decides."""


@dataclass(frozen=True)
class Preference:
    """``p_value`` by sign flips and ``e_value`` by betting for the same pairs.

    ``z`` is the largest of all measures' sums, each about standard normal under the null; ``single_z`` allows for their number.

    Of ``scored`` pairs with a difference, ``preferred`` lean to the served twin (all measures together); ``pairs`` counts all.
    ``wealth`` is the e-process after each pair, shape (pairs,).
    """

    p_value: float
    e_value: float
    z: float
    single_z: float
    pairs: int
    scored: int
    preferred: int
    wealth: Matrix


def prefer(differences: Matrix, controls: Matrix, generator: np.random.Generator, *, flips: int = FLIPS) -> Preference:
    """Measure the preference in ``differences`` (pairs, measures), less what ``controls`` (pairs, controls) explain."""
    scores = bounded(remainder(differences, controls))
    test = sign_flip_test(scores, generator, flips=flips)
    wealth = preference_path(differences, controls)
    return Preference(
        test.p_value,
        float(wealth[-1]) if len(wealth) else 1.0,
        test.z,
        as_of_one(test.z, test.measures),
        len(differences),
        test.rows,
        _preferred(scores),
        wealth,
    )


def preference_path(differences: Matrix, controls: Matrix) -> Matrix:
    """The e-process alone: what a run looks at to know whether it may stop."""
    return wealth_path(running_remainder(differences, controls)) if len(differences) else np.ones(0)


def bounded(scores: Matrix) -> Matrix:
    """Scores cut at ± a few root mean squares of each column's nonzero values; flips change no bound."""
    counts = np.maximum((scores != 0).sum(axis=0), 1)
    bound = _LARGEST * np.sqrt((scores**2).sum(axis=0) / counts)
    cut: Matrix = np.clip(scores, -bound, bound)
    return cut


def _preferred(scores: Matrix) -> int:
    columns = standardised(scores)
    return int((columns[:, -1] > 0).sum()) if columns.shape[1] else 0
