"""What an examination of a suspect model says about who is behind a campaign: a verdict as an item.

Rules: only an exact result (E2 or more) carries bits, and what it carries is that the *suspect* was trained on our answers. It
bears on a network only if an analyst says that the suspect is that network's (``network_id``): then it speaks for the network.
Without that it still speaks against a look-alike. A lead (E0, E1) or nothing is kept on the page with 0 bits. The bits come from
the finding's own p-value by the bound −e·p·ln p (Sellke, Bayarri, Berger, The American Statistician 55, 2001), which is the most
that a p-value can mean.

>>> round(bits_of_p_value(0.001), 2), bits_of_p_value(0.5)
(5.73, 0.0)
"""

import math

from stillwatch.attribution.hypothesis import LOOK_ALIKE
from stillwatch.attribution.item import Item
from stillwatch.forensics.examination.result import Examination
from stillwatch.forensics.verdict import LEVELS, MEANINGS

_GRADES = {"E2": "A2", "E3": "A1", "E4": "A1"}
"""Two mechanisms that share no chance (E3) confirm each other."""


def bits_of_p_value(p_value: float) -> float:
    """The most bits, ≥ 0, that a p-value in (0, 1] can carry against its null hypothesis."""
    return max(0.0, -math.log2(-math.e * p_value * math.log(p_value))) if p_value < 1 / math.e else 0.0


def item_of(examination: Examination, source: str, network_id: str | None = None) -> Item:
    """The verdict as an item; ``source`` leads to ``examination.json``, ``network_id`` is the network that the suspect belongs
    to.
    """
    level = examination.verdict.level
    exact = LEVELS.index(level) >= LEVELS.index("E2")
    bits = _bits(examination) if exact else 0.0
    return Item(
        f"examination:{examination.plan_digest[:16] or examination.name or 'unnamed'}",
        f"Examination of {examination.suspect or 'the suspect model'}: level {level}. {examination.verdict.reason}",
        source,
        _GRADES.get(level, "A3"),
        "forensics",
        {LOOK_ALIKE.id: -bits, **({network_id: bits} if network_id else {})} if bits else {},
        f"{MEANINGS[level]} The smallest p-value is worth at most {bits:.1f} bits." if exact else MEANINGS[level],
    )


def _bits(examination: Examination) -> float:
    """From the strongest exact finding: findings of one verdict are not added up."""
    exact = [one.finding for one in examination.findings if LEVELS.index(one.finding.level) >= LEVELS.index("E2")]
    return max((bits_of_p_value(each.p_value) for each in exact if each.p_value is not None), default=0.0)
