"""The test for one key, on text or on what open weights prefer.

1. Keep the distinct pairs whose context the key's tier marks; fewer than ``LEAST_PAIRS`` say nothing.
2. Score each under the key and compare the sum with its exact distribution: binomial or gamma.
3. Draw the key again and rank ours: the same null hypothesis without a formula.
4. Report the exact p-value while no redrawn key scores as high, else the larger of the two, so never less than the exact one.

>>> from stillwatch.forensics.watermark.green_list import GreenList
>>> from stillwatch.forensics.watermark.keys import tier_key
>>> from stillwatch.forensics.watermark.pairs import distinct_pairs
>>> key = tier_key(b"a synthetic secret of 32 bytes..", "global")
>>> text = np.random.default_rng(0).integers(0, 500, 4000)
>>> found = detect(GreenList(), key, distinct_pairs([text], width=2), np.random.default_rng(1))
>>> found.p_value > 0.01
True
"""

from dataclasses import dataclass

import numpy as np

from stillwatch.forensics.watermark.contexts import marked_by
from stillwatch.forensics.watermark.e_process import wealth_path
from stillwatch.forensics.watermark.keys import TierKey
from stillwatch.forensics.watermark.pairs import Pairs, Scores
from stillwatch.forensics.watermark.preferences import COUNTED
from stillwatch.forensics.watermark.redraw import DRAWS, Redrawn, redraw_test
from stillwatch.forensics.watermark.scheme import Preference, Scheme

LEAST_PAIRS = 200
"""Fewer distinct pairs of a tier are refused: they could at best hint."""


@dataclass(frozen=True)
class WatermarkTest:
    """The result for one key: ``pairs`` that counted of so many ``occurrences``; ``e_value`` at the end, ``largest_e`` on the way.

    ``p_value`` is the one to report; ``exact_p`` and ``redrawn_p`` are what it is made of. All are one-sided.
    """

    pairs: int
    occurrences: int
    z: float
    p_value: float
    exact_p: float
    redrawn_p: float
    e_value: float
    largest_e: float
    preference: Preference


@dataclass(frozen=True)
class TooFew:
    """No result: only so many ``pairs`` where ``LEAST_PAIRS`` are needed."""

    pairs: int


def detect(
    scheme: Scheme,
    key: TierKey,
    pairs: Pairs,
    generator: np.random.Generator,
    *,
    weights: Scores | None = None,
    draws: int = DRAWS,
) -> WatermarkTest | TooFew:
    """Test distinct pairs, in the order in which they are to be bet on; those of other tiers are left out.

    Text: every pair counts alike. Open weights: ``weights`` (``preferences`` makes them) say how much more the suspect likes a pair
    than it should; pairs from ``COUNTED`` on enter the exact test, all enter the redrawn p-value with their weight.
    """
    mine = marked_by(key, pairs.contexts)
    candidates = pairs.where(mine)
    own = None if weights is None else weights[mine]
    counted = candidates if own is None else candidates.where(own >= COUNTED)
    if len(counted) < LEAST_PAIRS:
        return TooFew(len(counted))
    scores = scheme.scores(key.key, counted)
    redrawn = redraw_test(scheme, key.key, candidates, generator, weights=own, draws=draws)
    return _result(scheme, scores, redrawn, counted.occurrences)


def _result(scheme: Scheme, scores: Scores, redrawn: Redrawn, occurrences: int) -> WatermarkTest:
    exact = scheme.exact_p(scores)
    wealth = wealth_path(scheme, scores)
    return WatermarkTest(
        pairs=len(scores),
        occurrences=occurrences,
        z=float((scores.sum() - len(scores) * scheme.mean) / np.sqrt(len(scores) * scheme.variance)),
        p_value=exact if redrawn.p_value <= redrawn.least else max(exact, redrawn.p_value),
        exact_p=exact,
        redrawn_p=redrawn.p_value,
        e_value=float(wealth[-1]),
        largest_e=float(wealth.max()),
        preference=scheme.preference(scores),
    )
