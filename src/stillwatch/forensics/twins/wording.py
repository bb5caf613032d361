"""Wording: what of a text can be compared, in any script.

>>> words("Don't panic, 别慌!")
['don', 't', 'panic', '别', '慌']
>>> sorted(grams(["a", "b", "c"], 2))
[('a', 'b'), ('b', 'c')]
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

G = TypeVar("G", bound=Hashable)

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"
"""Scripts written without spaces between words (kana, Han, Thai): each character counts as a word."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def words(text: str) -> list[str]:
    """The words of a text, compatibility forms and case folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def grams(items: Sequence[G], length: int) -> set[tuple[G, ...]]:
    """All runs of ``length`` items."""
    return set(zip(*(items[start:] for start in range(length)), strict=False))


def rarity(sets: Sequence[Iterable[G]]) -> Mapping[G, float]:
    """How much each element says, by how few of the sets hold it: ln((1 + sets) / (1 + holders))."""
    holders = Counter(element for elements in sets for element in elements)
    return {element: math.log((1 + len(sets)) / (1 + count)) for element, count in holders.items()}


def longest_common_run(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest run of items that both hold."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(second):
        places.setdefault(item, []).append(place)
    longest, ending = 0, {-1: 0}
    for item in first:
        ending = {place: ending.get(place - 1, 0) + 1 for place in places.get(item, ())}
        longest = max(longest, max(ending.values(), default=0))
    return longest
