"""Judgement: from a preference and the circumstances of its making to a finding, or to the reason why there is no number.

Steps, in this order
1. pairs that do not match their records, or a suspect that gave nothing to compare: refused;
2. twins that differ in length by more than chance allows were not drawn alike: refused;
3. too few pairs for the declared error rate: refused;
4. coins that another examination used, or a run that may stop early: the e-value decides, for it holds under both;
5. otherwise the p-value decides; without serving records the result is a lead and no more.

>>> least_pairs(0.001), least_pairs(1e-9)
(20, 30)
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from stillwatch.forensics.finding import Finding, Interval, Level
from stillwatch.forensics.statistics.e_values import p_from_e
from stillwatch.forensics.statistics.intervals import clopper_pearson
from stillwatch.forensics.statistics.sign_flip import sign_flip_test
from stillwatch.forensics.twins.preference import Preference

_UNALIKE = 0.0005
"""One-sided p-value of the twins' difference in length, either way, below which they were not drawn alike."""
_FEWEST = 20
_CHECK_FLIPS = 9_999
_ROUNDING = 1e-6

ASSUMPTIONS = (
    "Both answers of a pair were drawn from the same snapshot with the same sampler, and chance decided which was served.",
    "No withheld answer left the provider before the examination.",
)


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """How the numbers came about.

    ``mechanism`` is "twins-text" or "twins-logprob"; ``alpha`` the declared error rate; ``may_stop`` whether the run was allowed to
    stop early; ``faults`` and ``unusable`` say why nothing may be concluded; ``reused_by`` names earlier examinations that used the
    same coins; ``recorded`` is whether signed serving records stand behind the pairs.
    """

    mechanism: str
    hypothesis: str
    alpha: float
    recorded: bool = True
    may_stop: bool = False
    faults: list[str] = []
    unusable: str | None = None
    reused_by: list[str] = []


def least_pairs(alpha: float) -> int:
    """The fewest pairs with which the test may speak: with fewer, unanimous pairs cannot reach ``alpha``."""
    return max(_FEWEST, math.ceil(math.log2(1 / alpha)))


def alike(length_differences: NDArray[np.float64], generator: np.random.Generator) -> bool:
    """Whether the twins could have been drawn alike, judged by their difference in length (pairs, 1), two-sided."""
    sides = (sign_flip_test(side * length_differences, generator, flips=_CHECK_FLIPS).p_value for side in (1, -1))
    return min(sides) > _UNALIKE


def judge(preference: Preference, circumstances: Circumstances, *, twins_alike: bool) -> Finding:
    """The finding."""
    why = _why_refused(preference, circumstances, twins_alike)
    if why:
        return Finding.refusal(circumstances.mechanism, circumstances.hypothesis, why, counted=preference.scored)
    by_betting = circumstances.may_stop or bool(circumstances.reused_by)
    p_value = p_from_e(preference.e_value) if by_betting else preference.p_value
    shown = p_value <= circumstances.alpha
    return Finding(
        mechanism=circumstances.mechanism,
        hypothesis=circumstances.hypothesis,
        statement=_statement(preference, p_value, shown),
        p_value=p_value,
        e_value=preference.e_value,
        effect=preference.preferred / preference.scored,
        effect_unit="share of pairs in which the served answer is preferred; 0.5 is chance",
        interval=Interval(*clopper_pearson(preference.preferred, preference.scored)),
        counted=preference.scored,
        level=_level(circumstances) if shown else "insufficient",
        assumptions=_assumptions(circumstances),
    )


def _why_refused(preference: Preference, circumstances: Circumstances, twins_alike: bool) -> str | None:
    needed = least_pairs(circumstances.alpha)
    if circumstances.faults:
        return "the pairs do not match their records: " + "; ".join(circumstances.faults)
    if circumstances.unusable:
        return circumstances.unusable
    if preference.scored < needed:
        return f"{preference.scored} usable pairs are too few, at least {needed} are needed"
    if not twins_alike:
        return "served and withheld answers differ in length by more than chance allows, so they were not drawn alike"
    return None


def _level(circumstances: Circumstances) -> Level:
    return "E2" if circumstances.recorded else "E1"


def _statement(preference: Preference, p_value: float, shown: bool) -> str:
    count = f"in {preference.preferred:,} of {preference.scored:,} pairs"
    if shown:
        return (
            f"The suspect prefers the answers that were served, {count}; chance alone leads to a result like this in at most one "
            f"of {math.floor(1 / p_value + _ROUNDING):,} examinations."
        )
    return (
        f"The suspect leans to the served answers {count}, which chance explains; "
        "this neither shows that it learned from them nor that it did not."
    )


def _assumptions(circumstances: Circumstances) -> list[str]:
    stated = list(ASSUMPTIONS)
    if not circumstances.recorded:
        stated.append("No signed serving records stand behind the pairs: that chance chose as said rests on the provider's word.")
    if circumstances.reused_by:
        used = ", ".join(circumstances.reused_by)
        stated.append(f"The same coins served in other examinations ({used}), so results are not independent; only e-values count.")
    if circumstances.may_stop:
        stated.append("The run was allowed to stop once it had seen enough; the p-value is 1/e, which holds whenever one stops.")
    return stated
