"""Measures: to which twin of a pair are the suspect's own answers more alike, each measure fixed in advance.

Rules
- A difference is positive where the answer is more like the served twin. Swapping the twins changes its sign and nothing else:
  rarities and divisors come from both twins of all pairs, so no flip changes them.
- Several answers to one prompt are averaged. A prompt without a usable answer is a row of zeros (intention to treat).

>>> differences([["red apple"]], ["a red apple"], ["a green pear"]).shape, len(MEASURES)
((1, 5), 5)
>>> bool((differences([["red apple"]], ["a red apple"], ["a green pear"])[0] >= 0).all())
True
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from stillwatch.forensics.twins.wording import grams, longest_common_run, rarity, words

Matrix = NDArray[np.float64]
_Elements = Set[Hashable]

_CHARACTERS = 5
_COUPLE, _PHRASE = 2, 3


def _word_set(text: str) -> _Elements:
    return set(words(text))


def _couples(text: str) -> _Elements:
    return grams(words(text), _COUPLE)


def _phrases(text: str) -> _Elements:
    return grams(words(text), _PHRASE)


def _pieces(text: str) -> _Elements:
    return grams(" ".join(words(text)), _CHARACTERS)


_BAGS: dict[str, Callable[[str], _Elements]] = {"words": _word_set, "couples": _couples, "phrases": _phrases, "pieces": _pieces}
"""Measures by rare elements that the answer shares with one twin and not with the other."""


def _run(answer: str, twin: str) -> float:
    return math.log1p(longest_common_run(words(answer), words(twin)))


_LIKENESSES: dict[str, Callable[[str, str], float]] = {"longest run": _run}
"""Measures that compare an answer with one twin at a time."""

MEASURES = (*_BAGS, *_LIKENESSES)
"""Their names, in the order of the columns."""


def differences(answers: Sequence[Sequence[str]], served: Sequence[str], withheld: Sequence[str]) -> Matrix:
    """Differences of shape (pairs, measures) for the suspect's ``answers`` to each pair's prompt."""
    columns = [_by_rarity(elements, answers, served, withheld) for elements in _BAGS.values()]
    columns += [_by_likeness(alike, answers, served, withheld) for alike in _LIKENESSES.values()]
    return np.array(columns, dtype=np.float64).reshape(len(MEASURES), len(served)).T


def length_control(served: Sequence[str], withheld: Sequence[str]) -> Matrix:
    """How much longer the served twin is (log ratio of characters), shape (pairs, 1): longer texts share more with anything."""
    ratios = [math.log((1 + len(one)) / (1 + len(other))) for one, other in zip(served, withheld, strict=True)]
    return np.array(ratios, dtype=np.float64).reshape(-1, 1)


def _by_rarity(
    elements: Callable[[str], _Elements],
    answers: Sequence[Sequence[str]],
    served: Sequence[str],
    withheld: Sequence[str],
) -> list[float]:
    pairs = [(elements(one), elements(other)) for one, other in zip(served, withheld, strict=True)]
    weight = rarity([twin for pair in pairs for twin in pair])
    return [
        _mean([_leaning(elements(answer), *pair, weight) for answer in given]) for given, pair in zip(answers, pairs, strict=True)
    ]


def _leaning(answer: _Elements, served: _Elements, withheld: _Elements, weight: Mapping[Hashable, float]) -> float:
    """Weight shared with the served twin alone less that with the withheld one alone, by the root of all that tells them apart."""
    telling = math.fsum(weight[element] for element in served ^ withheld)
    for_served = math.fsum(weight[element] for element in answer & (served - withheld))
    for_withheld = math.fsum(weight[element] for element in answer & (withheld - served))
    return (for_served - for_withheld) / math.sqrt(telling) if telling > 0 else 0.0


def _by_likeness(
    alike: Callable[[str, str], float], answers: Sequence[Sequence[str]], served: Sequence[str], withheld: Sequence[str]
) -> list[float]:
    triples = zip(answers, served, withheld, strict=True)
    return [_mean([alike(answer, one) - alike(answer, other) for answer in given]) for given, one, other in triples]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
