"""Text split over fields or objects: parts that pass one by one and together say what may not be said.

The texts that would leave are read one after the other, with a blank between them and, where they are short, without one. Long
texts are read together only where they touch. If that breaks a rule, the fewest texts in a row that do are found.

>>> judge = lambda text: ["antitrust/price"] if "is 3" in text else []
>>> split([(0, "our price is"), (1, "3 dollars per seat"), (2, "seen in May")], judge)
Split(owners=frozenset({0, 1}), rule='antitrust/price')
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stillwatch.sharing.guard.report import Judge

Piece = tuple[int, str]
"""Whose text it is (an object's number), and the text."""

_EDGE = 64
"""Characters at either end of a long text that are read together with its neighbours."""
_SHORT = 40
"""Up to so many characters a text may be a fragment of a word or number."""
_PAUSE = re.compile(r"[.;:!?](?=\s)|[。！？；、]")
_APART = " .\n" * 6
"""What stands for the middle of a long text: as many sentences' ends as no structure spans."""
_BLOCK = 3000
_FEW = 50
_REACH = 4


@dataclass(frozen=True)
class Split:
    """Which objects' texts break which rule together."""

    owners: frozenset[int]
    rule: str


def split(pieces: Sequence[Piece], judge: Judge) -> Split | None:
    """The first rule that texts break together, and whose texts they are; None if they break none."""
    for block in _blocks(_without_repeats(pieces)):
        if broken := _together(block, judge):
            return _narrowed(block, broken[0], judge)
    return None


def _without_repeats(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces without long repeats: a piece stays if within four places two neighbours meet that have not met before."""
    if len(pieces) < _FEW:
        return pieces
    met: set[tuple[str, str]] = set()
    stays_until = [0] * len(pieces)
    last_new = -_REACH
    for place in range(1, len(pieces)):
        pair = (pieces[place - 1][1], pieces[place][1])
        if pair not in met:
            met.add(pair)
            last_new = place
        stays_until[place] = last_new
    next_new, kept = len(pieces) + _REACH, []
    for place in range(len(pieces) - 1, -1, -1):
        if stays_until[place] == place:
            next_new = place
        if place - stays_until[place] < _REACH or next_new - place <= _REACH:
            kept.append(pieces[place])
    return kept[::-1]


def _blocks(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """The pieces in stretches of some 3000 characters, each with the end of the one before."""
    start = size = 0
    for place, (_, text) in enumerate(pieces):
        size += min(len(text), 2 * _EDGE)
        if size > _BLOCK:
            yield pieces[max(0, start - 8) : place + 1]
            start, size = place + 1, 0
    if start < len(pieces) and len(pieces) > 1:
        yield pieces[max(0, start - 8) :]


def _together(pieces: Sequence[Piece], judge: Judge) -> list[str]:
    """The rules that pieces break when they are read as one text."""
    if len(pieces) < 2:
        return []
    (_, first), *between, (_, last) = pieces
    if broken := judge(" ".join([_tail(first), *(_edges(text) for _, text in between), _head(last)])):
        return broken
    for short, run in groupby(pieces, key=lambda piece: len(piece[1]) <= _SHORT):
        fragments = [text for _, text in run]
        if short and len(fragments) > 1 and (broken := judge("".join(fragments))):
            return broken
    return []


def _edges(text: str) -> str:
    return text if len(text) <= 4 * _EDGE else _head(text) + _APART + _tail(text)


def _head(text: str) -> str:
    """The beginning of a text as far as the next pause, all of a short one."""
    if len(text) <= 2 * _EDGE:
        return text
    pause = _PAUSE.search(text, _EDGE, 2 * _EDGE)
    return text[: pause.end()] if pause else _whole_words(text[: 2 * _EDGE], text[: 2 * _EDGE].rpartition(" ")[0])


def _tail(text: str) -> str:
    """The end of a text from the pause before, marked as no beginning; all of a short one."""
    if len(text) <= 2 * _EDGE:
        return text
    pauses = list(_PAUSE.finditer(text, len(text) - 2 * _EDGE, len(text) - _EDGE))
    return "… " + (text[pauses[0].end() :] if pauses else _whole_words(text[-2 * _EDGE :], text[-2 * _EDGE :].partition(" ")[2]))


def _whole_words(cut: str, between_blanks: str) -> str:
    """A cut text: between blanks if it has some or is one long word of ASCII; scripts without blanks may be cut anywhere."""
    return between_blanks if between_blanks or cut.isascii() else cut


def _narrowed(pieces: Sequence[Piece], rule: str, judge: Judge) -> Split:
    """The fewest pieces in a row that break the rule together: halved while a half does, then shortened from both ends."""
    while len(pieces) > 2:
        middle = len(pieces) // 2
        half = next((half for half in (pieces[:middle], pieces[middle:]) if rule in _together(half, judge)), None)
        if half is None:
            break
        pieces = half
    while len(pieces) > 2 and rule in _together(pieces[1:], judge):
        pieces = pieces[1:]
    while len(pieces) > 2 and rule in _together(pieces[:-1], judge):
        pieces = pieces[:-1]
    return Split(frozenset(owner for owner, _ in pieces), rule)
