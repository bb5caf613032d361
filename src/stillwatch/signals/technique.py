"""Techniques: how much of a group's traffic shows which technique of the taxonomy, beyond what everybody's does.

A text shows a technique if several of its concepts occur together, in any of the languages that the taxonomy knows, or if learned
weights (``technique_model``) recognise what it asks for, for which less is needed where one of the concepts occurs. Other
techniques show in how requests are put. Shares are compared with a random sample of the rest of the population, since people
too ask for steps and scores.

*Why it separates.* What a trainer wants of an answer stands in the fixed text: the whole reasoning, a score, a harder task.
*Misleads:* honest tests with a model as judge, honest synthetic data, tutors that show each step; about one ordinary text in
twenty-five looks like some technique or other to the weights. A quarter of what is reworded is not seen (measured in
``docs/detection.md``), so that nothing found says next to nothing.
"""

import unicodedata
from collections.abc import Sequence

import numpy as np

from stillwatch.signals.population import Group, Population, Reading, Signal, Silence
from stillwatch.signals.technique_model import learned, scores
from stillwatch.vocabulary.taxonomy import Taxonomy, TechniqueKind

ALONE, WITH_A_CONCEPT = 1.0, -0.5
"""Scores of the learned weights from which on a text shows a technique, by itself and where one of its concepts occurs."""
NEIGHBOUR = 1.0
"""Scores that lie further below a text's best one are its echo in a neighbouring technique and do not count."""


def shows(technique: TechniqueKind, text: str) -> bool:
    """Whether a text shows a technique that is recognised by its text."""
    return technique.id in showing(Taxonomy("", "", (technique,)), [text])[0]


def text_shares(known: Taxonomy, texts: Sequence[str]) -> dict[str, float]:
    """Per technique that is recognised by its text the share of ``texts`` that show it, in [0, 1]."""
    found = showing(known, texts)
    recognised = [technique.id for technique in known.techniques if technique.concepts]
    return {name: sum(name in ids for ids in found) / max(1, len(found)) for name in recognised}


def showing(known: Taxonomy, texts: Sequence[str]) -> list[set[str]]:
    """The ids of the techniques that each text shows."""
    model = learned()
    found = scores(texts, model)
    found[found < found.max(axis=1, keepdims=True) - NEIGHBOUR] = -np.inf
    scored = [dict(zip(model.ids, row, strict=True)) for row in found.tolist()]
    recognised = [technique for technique in known.techniques if technique.concepts]
    return [
        {technique.id for technique in recognised if _shows(technique, folded, score.get(technique.id, -np.inf))}
        for folded, score in zip(map(_folded, texts), scored, strict=True)
    ]


def concepts_met(technique: TechniqueKind, text: str) -> bool:
    """Whether enough of the technique's concepts occur in the text."""
    return bool(technique.concepts) and _present(technique, _folded(text)) >= technique.at_least


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _shows(technique: TechniqueKind, folded: str, score: float) -> bool:
    if score > ALONE:
        return True
    present = _present(technique, folded)
    return present >= technique.at_least or (present > 0 and score > WITH_A_CONCEPT)


def _present(technique: TechniqueKind, folded: str) -> int:
    return sum(any(stem in folded for stem in stems) for stems in technique.concepts.values())


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
