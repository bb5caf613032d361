"""Techniques: how much of a group's traffic shows which technique of the taxonomy, beyond what everybody's does.

A text shows a technique if several of its concepts occur together, in any of the languages that the taxonomy knows; other
techniques show in how requests are put. Shares are compared with a random sample of the rest of the population, since people
too ask for steps and scores. This describes a campaign; it is not evidence that anybody is one.

*Misleads:* honest tests with a model as judge, honest synthetic data, and students who ask for each step.
"""

import unicodedata
from collections.abc import Sequence

from stillwatch.vocabulary.taxonomy import Taxonomy, TechniqueKind


def shows(technique: TechniqueKind, text: str) -> bool:
    """Whether a text shows a technique that is recognised by its concepts."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    present = sum(any(stem in folded for stem in stems) for stems in technique.concepts.values())
    return bool(technique.concepts) and present >= technique.at_least


def text_shares(known: Taxonomy, texts: Sequence[str]) -> dict[str, float]:
    """Per technique that is recognised by its concepts the share of ``texts`` that show it, in [0, 1]."""
    recognised = [technique for technique in known.techniques if technique.concepts]
    return {technique.id: sum(shows(technique, text) for text in texts) / max(1, len(texts)) for technique in recognised}


def beyond(own: float, usual: float) -> bool:
    """Whether a share stands out from that of the rest: a tenth of requests more, and three times as much."""
    return own >= usual + 0.1 and own >= 3 * usual
