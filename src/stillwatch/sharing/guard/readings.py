"""The ways in which a text can be read, and whether it is written so that a person does not read what it says.

A reading is in reading form (``letters.py``). Beside the plain one there are readings of look-alike letters, figures for letters
(*pr1c3*), letters spaced out or held apart by punctuation, words run together (*OurPrice*), rot13 and writing backwards; each only
where something in the text hints at it.

>>> list(readings("d1sc0unt or mar.gin", "d1sc0unt or mar.gin", 0, Traits.of("d1sc0unt or mar.gin")))
['discount or mar.gin', 'd1sc0unt or margin']
"""

import codecs
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from stillwatch.sharing.guard.letters import folded, unmasked
from stillwatch.sharing.guard.traits import Traits
from stillwatch.sharing.guard.words import vocabulary

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_FIGURES = frozenset("0123456789@$!|€®©¢+")
_FIGURE_BESIDE_LETTER = re.compile(r"[a-z][0-9@$!|€®©¢+]|[0-9@$!|€®©¢+][a-z]")
_LETTERS_FOR_FIGURES = str.maketrans("0345789@$!|€®©¢+62", "oeastbgasileract" + "gz")
_ONE_AS_I = str.maketrans("1", "i")
_ONE_AS_L = str.maketrans("1", "l")

_LONG_WORD = 12
_FEWEST_GLUED = 3
_GLUED = re.compile(r"(?<![^\s])[a-z]{12,60}(?![^\s.,;:!?])")
_FUNCTION_WORDS = frozenset({
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "for", "from", "go", "goes", "have", "if", "in",
    "is", "it", "its", "more", "no", "not", "now", "of", "off", "on", "one", "or", "out", "so", "than", "that", "the", "them",
    "then", "they", "this", "to", "too", "up", "us", "was", "we", "what", "when", "who", "will", "with", "you", "down",
})  # fmt: skip
_GAP = r"[\s._\-*|/~+=·•,]"
_SPACED_OUT = re.compile(rf"(?<![^\W_])(?:[^\W_]{_GAP}{{1,4}}){{3,}}[^\W_](?![^\W_])")
_SINGLE_LETTERS = re.compile(r"(?:^|[ .\-_*|/~+=,\n])[^ ][ .\-_*|/~+=·•,\n]{1,4}[^ .\-_*|/~+=,\n][ .\-_*|/~+=·•,\n]")
_SPACED_CJK = re.compile(rf"(?<![{_CJK}])(?:[{_CJK}]{_GAP}{{1,3}}){{2,}}[{_CJK}](?![{_CJK}])")
_APART = re.compile(r"(?<=[^\W\d_])[._*|~^+·•\\-]{1,3}(?=[^\W\d_])")
_JOINTS = frozenset("._*|~^+·•\\-")
_HOLDS_APART = re.compile(r"[a-zA-Z][._*|~^+·•\\-]{1,3}[a-zA-Z]")
_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_HEXADECIMAL = re.compile(r"\W*[0-9a-fA-F-]{4,}\W*")
_RUNS_TOGETHER = re.compile(r"[a-z][A-Z]|[A-Za-z]{3}\d")

_HIDDEN = "\u180e\u200b-\u200f\u2060-\u2064\ufeff\u034f\u115f\u1160\u3164\uffa0"
_PLAIN_LETTER = f"A-Za-z\u00c0-\u024f\u0370-\u052f{_CJK}"
_HIDDEN_IN_WORD = re.compile(f"[{_PLAIN_LETTER}0-9@.][{_HIDDEN}]+[{_PLAIN_LETTER}0-9@.]|[\U000e0020-\U000e007e]{{4}}")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
_MIXED_WORD = re.compile(
    r"(?<![^\W\d_])[^\W\d_]{0,60}(?:[A-Za-z][\u0370-\u052f\u13a0-\u13f4]|[\u0370-\u052f\u13a0-\u13f4][A-Za-z])[^\W\d_]*"
)
_LONG_SPACED_OUT = 8


def readings(written: str, base: str, kinds: int, traits: Traits) -> Iterator[str]:
    """The readings of a text beside ``base``, its plain one, that have a word in them that the guard knows.

    ``written`` is the text as ``letters.plain`` leaves it, with its traits; ``kinds`` are those of the words in ``base``.
    """
    latin = base
    if not base.isascii():
        latin = unmasked(base).lower()
        if latin != base:
            yield latin
        if _SPACED_CJK.search(base):
            yield _SPACED_CJK.sub(_closed_up, base)
    if traits.any_of(_FIGURES) and _FIGURE_BESIDE_LETTER.search(latin):
        yield from _respelled(latin, _FIGURE_BESIDE_LETTER, _one_as_i)
        yield from _respelled(latin, _FIGURE_BESIDE_LETTER, _one_as_l)
    yield from (folded(unmasked(closed)) for closed in closed_up(written))
    if traits.any_of(_JOINTS):
        yield from _respelled(written, _HOLDS_APART, _joined)
    yield from _respelled(written, _RUNS_TOGETHER, _parted)
    if traits.longest >= _LONG_WORD:
        yield from _respelled(latin, _GLUED, _unglued)
    if kinds & vocabulary().mask("rot13"):
        yield codecs.encode(latin, "rot13")
    if kinds & vocabulary().mask("backwards"):
        yield latin[::-1]


def closed_up(written: str) -> tuple[str, ...]:
    """The text with letters and figures closed up that stand apart, once with what stood between them gone and once only the "
    "blanks."""
    if _SINGLE_LETTERS.search(written) and _SPACED_OUT.search(written):
        return _SPACED_OUT.sub(_closed_up, written), _SPACED_OUT.sub(lambda found: "".join(found[0].split()), written)
    return ()


def disguised(text: str) -> bool:
    """Whether the text hides from its reader what it says.

    Hidden characters inside words, reversed direction without a script that is written so, words of mixed look-alike letters, or
    at least eight letters spaced out.
    """
    if not text.isascii():
        if _HIDDEN_IN_WORD.search(text) or (_TURNING.search(text) and not _RIGHT_TO_LEFT.search(text)):
            return True
        if any(len(found[0]) > 3 and unmasked(found[0]).isascii() for found in _MIXED_WORD.finditer(text)):
            return True
    spaced = _SPACED_OUT.search(text) if _SINGLE_LETTERS.search(text) else None
    letters = [letter for letter in spaced[0] if letter.isalpha()] if spaced else []
    return len(letters) >= _LONG_SPACED_OUT and letters != sorted(set(letters))


def _respelled(text: str, hint: re.Pattern[str], spell: Callable[[str], str]) -> Iterator[str]:
    """The text with the words spelled anew that have the hint in them, if the guard knows one of them then."""
    parts: list[str] = []
    done = seen_to = 0
    known = False
    for found in hint.finditer(text):
        if found.start() < seen_to:
            continue
        start = text.rfind(" ", done, found.start()) + 1 or done
        end = text.find(" ", found.start())
        end = len(text) if end < 0 else end
        seen_to = end
        spelled = spell(text[start:end])
        if spelled != text[start:end]:
            known = known or vocabulary().knows(folded(spelled))
            parts += [text[done:start], spelled]
            done = end
    if known:
        yield folded(unmasked("".join(parts) + text[done:]))


def _one_as_i(word: str) -> str:
    return word if _HEXADECIMAL.fullmatch(word) else word.translate(_LETTERS_FOR_FIGURES | _ONE_AS_I)


def _one_as_l(word: str) -> str:
    return word if _HEXADECIMAL.fullmatch(word) else word.translate(_LETTERS_FOR_FIGURES | _ONE_AS_L)


@lru_cache(4096)
def _unglued(word: str) -> str:
    """A long word cut into words that the guard knows or that hold sentences together, if all of it can be, into three or "
    "more."""
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONG_WORD), end):
            parts = best[start]
            if parts is not None and (
                word[start:end] in _FUNCTION_WORDS or (end - start > 2 and vocabulary().has_word(word[start:end]))
            ):
                best[end] = [*parts, word[start:end]]
    found = best[-1]
    return " ".join(found) if found and len(found) >= _FEWEST_GLUED else word


def _joined(word: str) -> str:
    return _APART.sub("", word)


def _parted(word: str) -> str:
    return word if _HEXADECIMAL.fullmatch(word) else _RUN_TOGETHER.sub(" ", word)


def _closed_up(found: re.Match[str]) -> str:
    """Letters that stood apart, closed up; wider gaps, where there are any, were between words."""
    gaps = re.findall(f"{_GAP}+", found[0])
    narrow = min(map(len, gaps))
    return re.sub(f"{_GAP}+", lambda gap: "" if len(gap[0]) == narrow else " ", found[0])
