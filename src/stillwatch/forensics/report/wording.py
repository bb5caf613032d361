"""Wording of the report: numbers and levels as a person would say them.

>>> rarity(0.00002), rarity(0.4), rarity(1e-12)
('at most once in 50,000 by chance', 'about 40 times in 100 by chance', 'less than once in a thousand million by chance')
>>> odds(1200.0), odds(0.02)
('1,200 times likelier', '50 times less likely')
"""

import numpy as np

from stillwatch.forensics.finding import Finding, Interval
from stillwatch.forensics.verdict import LEVELS, MEANINGS

_SELDOM = 0.05
_MILLION = 1_000_000

HEADLINES = {
    "insufficient": "Nothing is shown about “{suspect}”",
    "E0": "Nothing that proves anything about “{suspect}”",
    "E1": "A lead, no proof, about “{suspect}”",
    "E2": "“{suspect}” learned, from us or through others, from answers that we served",
    "E3": "“{suspect}” learned, from us or through others, from answers that we served: two mechanisms show it",
    "E4": "“{suspect}” learned from answers that we served to accounts which were caught harvesting",
}
"""What the page says first, by level."""
MECHANISMS = {
    "twins-text": "What the suspect writes, beside the served and the withheld answers",
    "twins-logprob": "How likely the suspect finds the served and the withheld answers",
    "watermark-text": "Our watermark in what the suspect writes",
    "watermark-weights": "Our watermark in the suspect's weights",
    "population-style": "The suspect's style among other models",
    "population-likelihood": "How likely the suspect and other models find our answers",
    "style-closed-set": "The nearest style on a list of models",
    "identity": "What the suspect calls itself",
}
"""The mechanisms as a person would call them."""


def headline(level: str, suspect: str) -> str:
    """The headline for a verdict's level."""
    return HEADLINES[level].format(suspect=suspect)


def levels() -> list[tuple[str, str]]:
    """All levels with their meanings, from nothing to the most."""
    return [(level, MEANINGS[level]) for level in LEVELS]


def rarity(p_value: float) -> str:
    """How rare a result is if nothing was learned from us."""
    if p_value >= _SELDOM:
        return f"about {p_value * 100:.0f} times in 100 by chance"
    if p_value < 1 / (1000 * _MILLION):
        return "less than once in a thousand million by chance"
    return f"at most once in {count(int(1 / p_value + 1e-6))} by chance"


def odds(ratio: float) -> str:
    """A likelihood ratio in words."""
    if ratio >= 1:
        return f"{count(ratio)} times likelier"
    return f"{count(1 / ratio)} times less likely"


def count(value: float) -> str:
    """A number of things; from a thousand million on in powers of ten."""
    if value >= 1000 * _MILLION:
        return f"10^{len(str(int(value))) - 1}"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def percent(share: float) -> str:
    """A share as per cent, with the digits that it deserves."""
    return f"{share * 100:.0f} %" if share >= 0.1 or share == 0 else f"{share * 100:.1f} %"


def between(interval: Interval) -> str:
    """An interval of shares."""
    return f"{percent(interval.lower)} to {percent(interval.upper)}"


def moment(time: str) -> str:
    """A time of the ledger to the minute; a dash if it never was."""
    return f"{time[:10]} {time[11:16]} UTC" if time else "never"


def number(value: float | None) -> str:
    """A statistic with up to three digits, in powers of ten beyond a million either way; a dash where there is none."""
    if value is None:
        return "–"
    if value and not 1 / _MILLION <= abs(value) < _MILLION:
        digits, _, power = f"{value:.1e}".partition("e")
        return f"{digits} × 10^{int(power)}"
    shown = f"{value:.3g}"
    return shown if "e" not in shown else np.format_float_positional(float(shown), trim="-")


def bet(e_value: float) -> str:
    """An e-value in words."""
    return f"a bet against pure chance, at fair odds, would have turned 1 into {number(e_value)}"


def mechanism(name: str) -> str:
    """What a mechanism looks at."""
    return MECHANISMS.get(name, name)


def outcome(finding: Finding) -> str:
    """What came of one finding, in a few words."""
    if finding.refused is not None:
        return f"No number can be given: {finding.refused}."
    if finding.level == "insufficient":
        return "Shows nothing, neither for nor against: chance explains it." if finding.p_value is not None else "Shows nothing."
    if finding.level in _LEADS or finding.p_value is None:
        return "A lead at most, no proof."
    return f"Shows that it learned, directly or not, from our answers ({rarity(finding.p_value)})."


_LEADS = ("E0", "E1")
