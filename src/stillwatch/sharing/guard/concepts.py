"""What may not be said between competitors, found by structure: kinds of words that stand near each other, in any known language.

``concepts.toml`` says which kinds make which concept; ``vocabulary.toml`` has the words. No word alone convicts unless it means
only one thing. Phrases that mean nothing (*margin of error*) are taken away before a finding stands.

>>> sorted(concepts_in("a discount of 20 percent")), sorted(concepts_in("blocked at our gateway"))
(['antitrust/price'], [])
"""

import re
import tomllib
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from importlib import resources
from operator import or_

from stillwatch.sharing.guard.words import Hit, vocabulary

_SENTENCE_END = re.compile(r"[.!?;](?=\s)|[。！？；]")
_BETWEEN_SENTENCES = 30
_WITHIN = 60
_MOST_HITS = 400


@dataclass(frozen=True)
class Concept:
    """A structure: sets of kinds (bits), each met by another word, at most ``within`` characters apart, maybe ``ordered``.

    It does not hold where a word of the kinds ``unless`` stands as near; words that are also of the kinds ``but_not`` do not count.
    """

    rule: str
    near: tuple[int, ...]
    within: int
    ordered: bool
    unless: int
    but_not: int

    def possible(self, kinds: int) -> bool:
        """Whether words of these kinds could make it."""
        return all(kinds & wanted for wanted in self.near)

    def holds(self, hits: Sequence[Hit]) -> bool:
        """Whether it holds somewhere among hits that are in order of place, places counted as ``spread`` does."""
        if self.but_not:
            hits = [hit for hit in hits if not hit.kinds & self.but_not]
        return any(hit.kinds & self._anchors and self._from(hits[first:]) for first, hit in enumerate(hits))

    @property
    def _anchors(self) -> int:
        """What it may start with."""
        return self.near[0] if self.ordered else _union(self.near)

    def _from(self, hits: Sequence[Hit]) -> bool:
        """Whether it holds with the first of the hits as its first word."""
        reach = hits[0].end + self.within
        window = [hit for hit in hits[:_MOST_HITS] if hit.start <= reach]
        if any(hit.kinds & self.unless for hit in window):
            return False
        if not all(any(hit.kinds & wanted for hit in window) for wanted in self.near):
            return False
        return _in_order(self.near, window) if self.ordered else _each_by_another(self.near, window, [hit.words for hit in window])


def concepts_in(text: str, hits: Sequence[Hit] | None = None) -> set[str]:
    """The rules that a text in reading form breaks; ``hits`` are the vocabulary's in it, where the caller has them already."""
    known = vocabulary()
    found = known.hits(text) if hits is None else list(hits)
    signs = known.possible_signs(text) if found else 0
    candidates = _candidates(kinds_of(found) | signs)
    if not candidates:
        return set()
    if signs:
        found = sorted(found + known.signs(text), key=lambda hit: (hit.start, -hit.end))
    holding = _holding(candidates, text, found)
    if not holding:
        return set()
    return {concept.rule for concept in _holding(holding, text, _meaningful(text, found))}


def _holding(candidates: Sequence[Concept], text: str, hits: Sequence[Hit]) -> list[Concept]:
    kinds = kinds_of(hits)
    possible = [concept for concept in candidates if concept.possible(kinds)]
    if not possible:
        return []
    places = spread(text, hits)
    return [concept for concept in possible if concept.holds(places)]


def _meaningful(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that do not lie in a phrase that means nothing."""
    benign = [found.span() for found in vocabulary().benign.finditer(text)]
    return [hit for hit in hits if not any(start <= hit.start and hit.end <= end for start, end in benign)]


def spread(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits with places at which every sentence's end between them counts as further 30 characters."""
    ends = [found.start() for found in _SENTENCE_END.finditer(text)]
    if not ends:
        return list(hits)
    shifts = [_BETWEEN_SENTENCES * bisect(ends, hit.start) for hit in hits]
    return [Hit(hit.start + by, hit.end + by, hit.kinds, hit.words) for hit, by in zip(hits, shifts, strict=True)]


def _in_order(near: Sequence[int], window: Sequence[Hit]) -> bool:
    """Whether the wanted kinds occur in their order, the first in the first hit; a phrase may be several words in a row."""
    place, left = 0, window[0].words
    if not window[0].kinds & near[0]:
        return False
    left -= 1
    for wanted in near[1:]:
        if not (left and window[place].kinds & wanted):
            place = next((i for i in range(place + 1, len(window)) if window[i].kinds & wanted), -1)
            if place < 0:
                return False
            left = window[place].words
        left -= 1
    return True


def _each_by_another(near: Sequence[int], window: Sequence[Hit], left: list[int]) -> bool:
    """Whether each wanted kind has a word of its own; ``left`` counts the words of each hit that are free yet."""
    if not near:
        return True
    for place, hit in enumerate(window):
        if left[place] and hit.kinds & near[0]:
            left[place] -= 1
            if _each_by_another(near[1:], window, left):
                return True
            left[place] += 1
    return False


@cache
def catalogue() -> tuple[Concept, ...]:
    """All concepts of this version."""
    data = tomllib.loads(resources.files("stillwatch.sharing.guard").joinpath("concepts.toml").read_text("utf-8"))
    return tuple(_concepts(data["concept"]))


def _concepts(entries: Sequence[dict[str, object]]) -> Iterator[Concept]:
    mask = vocabulary().mask
    for entry in entries:
        near, unless, but_not = entry["near"], entry.get("unless", []), entry.get("but-not", [])
        assert isinstance(near, list) and isinstance(unless, list) and isinstance(but_not, list)
        yield Concept(
            rule=str(entry["rule"]),
            near=tuple(map(mask, near)),
            within=int(str(entry.get("within", _WITHIN))),
            ordered=bool(entry.get("ordered", False)),
            unless=_union(map(mask, unless)),
            but_not=_union(map(mask, but_not)),
        )


@cache
def _by_kind() -> tuple[int, dict[int, tuple[Concept, ...]]]:
    """Concepts by each kind that meets the want of theirs that fewest kinds meet, and all those kinds."""
    table: dict[int, list[Concept]] = {}
    for concept in catalogue():
        rarest = min(concept.near, key=int.bit_count)
        for bit in _bits(rarest):
            table.setdefault(bit, []).append(concept)
    return _union(table), {bit: tuple(concepts) for bit, concepts in table.items()}


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _candidates(kinds: int) -> list[Concept]:
    """The concepts that words of these kinds could make."""
    telling, table = _by_kind()
    found = {concept: None for bit in _bits(kinds & telling) for concept in table[bit] if concept.possible(kinds)}
    return list(found)


def kinds_of(hits: Iterable[Hit]) -> int:
    """All kinds of some hits."""
    kinds = 0
    for hit in hits:
        kinds |= hit.kinds
    return kinds


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)
