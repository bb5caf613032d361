"""Relevance: do the suspect's answers have to do with the prompts at all?

Null hypothesis: the answers are exchangeable over the prompts, so an answer is no more like the twins of its own prompt than like
those of the next one in the declared order. Both twins count alike, so the check knows nothing of what was served.

A suspect that answers at random fails it, and then neither guilt nor innocence may be read from a missing preference.

>>> answers = [[f"w{n} x{n} y{n}"] for n in range(30)]
>>> related(answers, [f"w{n}" for n in range(30)], [f"x{n}" for n in range(30)], np.random.default_rng(0))
True
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from stillwatch.forensics.statistics.sign_flip import sign_flip_test
from stillwatch.forensics.twins.wording import rarity, words

_LEVEL = 0.01
_FLIPS = 9_999


def related(
    answers: Sequence[Sequence[str]], served: Sequence[str], withheld: Sequence[str], generator: np.random.Generator
) -> bool:
    """Whether answers follow their prompts. Pairs without an answer are left out; with fewer than two nothing is related."""
    rows = [place for place, given in enumerate(answers) if given]
    twins = [set(words(served[place])) | set(words(withheld[place])) for place in rows]
    own = [set().union(*(words(text) for text in answers[place])) for place in rows]
    if len(rows) < _FEWEST:
        return False
    weight = rarity(twins)
    next_twins = [*twins[1:], twins[0]]
    excess = [
        _shared(answer, mine, weight) - _shared(answer, other, weight)
        for answer, mine, other in zip(own, twins, next_twins, strict=True)
    ]
    return sign_flip_test(np.array(excess), generator, flips=_FLIPS).p_value <= _LEVEL


_FEWEST = 2


def _shared(answer: set[str], twins: set[str], weight: Mapping[str, float]) -> float:
    """The weight of the words shared, by the root of all that could be."""
    possible = math.fsum(weight[word] for word in twins)
    return math.fsum(weight[word] for word in answer & twins) / math.sqrt(possible) if possible > 0 else 0.0
