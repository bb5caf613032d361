"""Conclusion: from a preference to the whole entry of the report: finding, likelihood ratio, share of training data, growth of e.

Rules: a refused finding has none of these; every number that rests on a model names it.
"""

import math

import msgspec

from stillwatch.forensics.examination.result import Examined, Likelihood, Share
from stillwatch.forensics.finding import Finding, Interval, Level
from stillwatch.forensics.statistics.intervals import clopper_pearson
from stillwatch.forensics.statistics.power import PairEffect, estimated_share, likelihood_ratio
from stillwatch.forensics.twins.preference import Preference
from stillwatch.forensics.verdict import LEVELS

_TWO_SIDED_95 = 1.96
_DRAWN = 200


def conclude(finding: Finding, preference: Preference, conduct: dict[str, int], *, effect: PairEffect) -> Examined:
    """The entry; ``effect`` is the plan's model of the mechanism."""
    if finding.refused is not None:
        return Examined(finding, conduct=conduct)
    return Examined(
        finding,
        z=preference.z,
        likelihood=_likelihood(preference, effect),
        share=_share(preference, effect),
        conduct=conduct,
        wealth=_drawn(preference),
    )


def demoted(examined: Examined, sentence: str) -> Examined:
    """The entry with its finding brought down to a lead, and the reason among its assumptions."""
    finding = examined.finding
    level: Level = "E1" if LEVELS.index(finding.level) > LEVELS.index("E1") else finding.level
    lowered = msgspec.structs.replace(finding, level=level, assumptions=[*finding.assumptions, sentence])
    return msgspec.structs.replace(examined, finding=lowered)


def _likelihood(preference: Preference, effect: PairEffect) -> Likelihood:
    ratio = likelihood_ratio(preference.single_z, preference.scored, effect)
    return Likelihood(
        ratio,
        "If nothing was learned from us, z is normal around 0. If something was, it is normal around a mean that may as well lie "
        f"anywhere between 0 and {effect.size:g}·√pairs, which is what the plan expects if all training data came from us.",
    )


def _share(preference: Preference, effect: PairEffect) -> Share:
    """By the planning model, with z give or take its standard error; and the least share of pairs that left a trace."""

    def at(z: float) -> float:
        return estimated_share(z, preference.scored, effect)

    low, high = at(preference.single_z - _TWO_SIDED_95), at(preference.single_z + _TWO_SIDED_95)
    fits = low < 1
    lower, _ = clopper_pearson(preference.preferred, preference.scored)
    return Share(
        estimate=at(preference.single_z) if fits else None,
        interval=Interval(low, high) if fits else None,
        traced=max(0.0, 2 * preference.preferred / preference.scored - 1),
        traced_at_least=max(0.0, 2 * lower - 1),
        model=f"a pair's effect is {effect.size:g} standard deviations if all training data was ours, and falls as the "
        f"share's power {effect.fading:g}. Measured on tiny models; a model that is larger, or read more or less often, "
        "has another effect, and then this estimate is wrong",
    )


def _drawn(preference: Preference) -> list[tuple[int, float]]:
    """The e-process at evenly spaced pairs, the last among them."""
    total = len(preference.wealth)
    step = max(1, math.ceil(total / _DRAWN))
    places = sorted({*range(step, total + 1, step), total})
    return [(place, float(preference.wealth[place - 1])) for place in places if place]
