"""Techniques: how much of a group's traffic shows which technique of the taxonomy, beyond what everybody's does.

A text shows a technique if several of its concepts occur together, in any of the languages that the taxonomy knows; other
techniques show in how requests are put. Shares are compared with a random sample of the rest of the population, since people
too ask for steps and scores.

*Why it separates.* What a trainer wants of an answer stands in the fixed text: the whole reasoning, a score, a harder task.
*Misleads:* honest tests with a model as judge, honest synthetic data, tutors that show each step. A technique that no concept
of the taxonomy names is not seen, so that nothing found says next to nothing.
"""

import unicodedata
from collections.abc import Sequence

import numpy as np

from stillwatch.signals.population import Group, Population, Reading, Signal, Silence
from stillwatch.vocabulary.taxonomy import Taxonomy, TechniqueKind


def shows(technique: TechniqueKind, text: str) -> bool:
    """Whether a text shows a technique that is recognised by its concepts."""
    return _shows(technique, _folded(text))


def text_shares(known: Taxonomy, texts: Sequence[str]) -> dict[str, float]:
    """Per technique that is recognised by its concepts the share of ``texts`` that show it, in [0, 1]."""
    folded = [_folded(text) for text in texts]
    recognised = [technique for technique in known.techniques if technique.concepts]
    return {technique.id: sum(_shows(technique, text) for text in folded) / max(1, len(folded)) for technique in recognised}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _shows(technique: TechniqueKind, folded: str) -> bool:
    present = sum(any(stem in folded for stem in stems) for stems in technique.concepts.values())
    return bool(technique.concepts) and present >= technique.at_least


def beyond(own: float, usual: float) -> bool:
    """Whether a share stands out from that of the rest: a tenth of requests more, and three times as much."""
    return own >= usual + 0.1 and own >= 3 * usual


_EDGES = (0.1, 0.5)
_HARVEST = (0.25, 0.10, 0.65)
_INNOCENT = (0.80, 0.08, 0.12)
"""Assumed shares of harvests and of innocent groups whose strongest technique shows in less than 0.1, up to 0.5, more."""
_FLOOR = -0.3


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits from the technique that stands out most: up to 2.4, and hardly any against if none does."""
    if not group.techniques:
        return Silence("no texts to look at for techniques")
    excess = {name: own - usual for name, (own, usual) in group.techniques.items() if beyond(own, usual)}
    name = max(excess, key=excess.__getitem__, default="")
    part = int(np.searchsorted(_EDGES, excess.get(name, 0.0), side="right"))
    bits = max(_FLOOR, float(np.log2(_HARVEST[part] / _INNOCENT[part])))
    own, usual = group.techniques.get(name, (0.0, 0.0))
    statement = (
        f"{own:.0%} of the requests looked at show {name} ({usual:.0%} of other accounts' requests do)."
        if name
        else "No technique of the taxonomy stands out in the requests."
    )
    return Reading(bits, statement, len(group), int(population.measures["requests"][group.members].sum()))


SIGNAL = Signal("technique", "harvest", "technique", weigh)
