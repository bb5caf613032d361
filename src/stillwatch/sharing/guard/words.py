"""The words that the guard knows, by kind, and where they stand in a text; made once from ``vocabulary.toml``.

A kind is a bit. Words of scripts with blanks between words are looked up, and phrases are tried only where their first word
stands; the other scripts' entries are one regular expression, a tree of their letters.

>>> known = vocabulary()
>>> [(hit.start, known.names(hit.kinds)) for hit in known.hits("what they charge per seat")]
[(5, ['third']), (10, ['charge']), (17, ['unit'])]
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from importlib import resources
from operator import or_
from typing import Any, NamedTuple

from stillwatch.sharing.guard.letters import folded

_SPACED = "a-z0-9\u00df-\u024f\u0370-\u052f"
"""Letters of scripts that put blanks between words."""
_STARTS_WORD = f"(?<![{_SPACED}])"
_ENDS_WORD = f"(?![{_SPACED}])"
_PIECES = {"*": f"[{_SPACED}]*", "#": r"\d+", "(": "(?:", ")": ")", "|": "|"}
_IS_SPACED = re.compile(f"[{_SPACED}#]")
_WORD = re.compile(f"[{_SPACED}]+")
_DIGITS = re.compile(r"\d+(?=[a-z]*\Z)")
_SIGNS = re.compile(
    r"(?P<when>\b20\d\d[ .]\d\d?[ .]\d\d?\b|\b\d\d?[ .]\d\d?[ .]20\d\d\b|20\d\d年|\d\d?月)"
    r"|(?P<power>\d[\d.,]*\s?[mg]w\b)"
    r"|(?P<percent>\d[\d.,]*\s?%)"
    r"|(?P<currency>[$€£¥₽₹₩]\s?\d|\d[\d.,]*\s?[$€£¥₽₹₩元円원]|\b(?:usd|eur|gbp|cny|rmb)\s?\d)"
    r"|(?P<number>\d+(?:[.,]\d+)*)"
)
_DIGIT = re.compile(r"\d")
_CURRENCY = re.compile("[$€£¥₽₹₩元円원]|usd|eur|gbp|cny|rmb")
_YEAR = re.compile("20\\d\\d|月")
_WORDS_REMEMBERED = 50_000

Phrase = tuple[re.Pattern[str], int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A known word or phrase at ``start:end``; ``kinds`` is a set of bits, ``words`` how many words it is."""

    start: int
    end: int
    kinds: int
    words: int = 1


class _Word(NamedTuple):
    """A word: its kinds, whether any phrase begins here (None: none begins with this word), and those phrases."""

    kinds: int
    begins: re.Pattern[str] | None
    phrases: tuple[Phrase, ...]


class _Known(dict[str, _Word | None]):
    """What is known of a word, worked out when it is first met; None if nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.exact: dict[str, int] = {}
        self.stems: dict[str, int] = {}
        self.begins: dict[str, list[tuple[str, int]]] = {}
        self.stem_begins: dict[str, list[tuple[str, int]]] = {}

    def __missing__(self, word: str) -> _Word | None:
        kinds = self.exact.get(word, 0)
        entries = list(self.begins.get(word, ())) + list(self.begins.get(_DIGITS.sub("#", word), ()))
        for end in range(1, len(word) + 1):
            kinds |= self.stems.get(word[:end], 0)
            entries += self.stem_begins.get(word[:end], ())
        if len(self) > _WORDS_REMEMBERED:
            self.clear()
        phrases = tuple((_compiled(entry), bit) for entry, bit in entries)
        begins = re.compile("|".join(phrase.pattern for phrase, _ in phrases)) if phrases else None
        self[word] = found = _Word(kinds, begins, phrases) if kinds or phrases else None
        return found


class Vocabulary:
    """The words by kind. ``benign`` finds the phrases that mean nothing."""

    def __init__(self, kinds: Mapping[str, Iterable[str]], benign: Iterable[str]) -> None:
        self.bits = {kind: 1 << place for place, kind in enumerate((*kinds, "number"))}
        self.benign = re.compile("|".join(_expression(folded(entry)) for entry in benign))
        self._masks: dict[str, int] = {}
        self._known = _Known()
        dense: dict[str, int] = {}
        for kind, entries in kinds.items():
            for entry in map(folded, entries):
                if _IS_SPACED.match(next(first_words(entry))):
                    self._learn(entry, self.bits[kind])
                else:
                    for written in _written_out(entry):
                        dense[written] = dense.get(written, 0) | self.bits[kind]
        self._dense = {entry: reduce(or_, (bit for part, bit in dense.items() if part in entry)) for entry in dense}
        self._dense_pattern = re.compile(_tree(self._dense))

    def _learn(self, entry: str, bit: int) -> None:
        for word in set(first_words(entry)):
            whole = word == entry or " " not in entry
            stem, starred = word.removesuffix("*"), word.endswith("*")
            if whole and "#" not in word:
                target = self._known.stems if starred else self._known.exact
                target[stem] = target.get(stem, 0) | bit
            else:
                begins = self._known.stem_begins if starred else self._known.begins
                begins.setdefault(stem, []).append((entry, bit))

    def knows(self, text: str) -> bool:
        """Whether a word of a text in reading form has a meaning by itself."""
        return any(here.kinds for word in _WORD.findall(text) if (here := self._known[word])) or (
            not text.isascii() and bool(self._dense_pattern.search(text))
        )

    def has_word(self, word: str) -> bool:
        """Whether a word is listed as it is written."""
        return word in self._known.exact or word in self._known.begins or word in self._known.stems

    def hits(self, text: str) -> list[Hit]:
        """All known words and phrases in a text in reading form, from left to right; a phrase also has the kinds of its words."""
        found: list[Hit] = []
        until = 0
        known = self._known
        for word in _WORD.finditer(text):
            if (here := known[word[0]]) is None:
                continue
            kinds, begins, phrases = here
            start, end = word.span()
            if begins and begins.match(text, start):
                for pattern, bit in phrases:
                    if phrase := pattern.match(text, start):
                        kinds |= bit
                        end = max(end, phrase.end())
            if not kinds:
                continue
            if start < until:
                found[-1] = _merged(found[-1], kinds, end)
            else:
                found.append(Hit(start, end, kinds, text.count(" ", start, end) + 1))
            until = max(until, end)
        if text.isascii():
            return found
        found += [Hit(m.start(), m.end(), self._dense[m[0]], (len(m[0]) + 1) // 2) for m in self._dense_pattern.finditer(text)]
        return sorted(found, key=lambda hit: hit.start)

    def signs(self, text: str) -> list[Hit]:
        """Figures, percentages, amounts of money and dates that are written with signs."""
        return [Hit(found.start(), found.end(), self.bits[str(found.lastgroup)]) for found in _SIGNS.finditer(text)]

    def possible_signs(self, text: str) -> int:
        """The kinds that ``signs`` can find in a text at most."""
        if not _DIGIT.search(text):
            return 0
        currency = self.bits["currency"] if _CURRENCY.search(text) else 0
        percent = self.bits["percent"] if "%" in text else 0
        return self.bits["number"] | self.bits["power"] | currency | percent | (self.bits["when"] if _YEAR.search(text) else 0)

    def mask(self, kinds: str) -> int:
        """The bits of kinds that are written ``a|b``. Raises KeyError for a kind that there is not."""
        if (known := self._masks.get(kinds)) is None:
            known = self._masks[kinds] = reduce(or_, (self.bits[kind] for kind in kinds.split("|")))
        return known

    def names(self, mask: int) -> list[str]:
        """The kinds in a set of bits."""
        return [kind for kind, bit in self.bits.items() if mask & bit]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with this version."""
    data = tomllib.loads(resources.files("stillwatch.sharing.guard").joinpath("vocabulary.toml").read_text("utf-8"))
    kinds = {kind: [entry for listed in languages.values() for entry in listed] for kind, languages in data["kind"].items()}
    return Vocabulary(kinds, kinds.pop("benign"))


def _merged(phrase: Hit, kinds: int, end: int) -> Hit:
    """A phrase with a word in it that is known too."""
    return Hit(phrase.start, max(phrase.end, end), phrase.kinds | kinds, phrase.words)


def first_words(entry: str) -> Iterator[str]:
    """The words with which an entry may begin, a star or figure as it is written."""
    word = entry.partition(" ")[0]
    if "(" not in word:
        yield word
        return
    before, _, rest = entry.partition("(")
    choices, _, after = rest.partition(")")
    for choice in choices.split("|"):
        yield from first_words(before + choice + after)


def _written_out(entry: str) -> Iterator[str]:
    before, group, rest = entry.partition("(")
    if not group:
        yield entry
        return
    choices, _, after = rest.partition(")")
    for choice in choices.split("|"):
        yield from _written_out(before + choice + after)


def _expression(entry: str) -> str:
    body = "".join(_PIECES.get(c, re.escape(c)) for c in entry)
    return f"{_STARTS_WORD if _IS_SPACED.match(entry) or entry[0] == '(' else ''}{body}{'' if entry[-1] in '*)' else _ENDS_WORD}"


@cache
def _compiled(entry: str) -> re.Pattern[str]:
    return re.compile(_expression(entry))


def _tree(entries: Iterable[str]) -> str:
    """One expression for all entries that prefers longer ones."""
    root: dict[str, Any] = {}
    for entry in entries:
        node = root
        for letter in entry:
            node = node.setdefault(letter, {})
        node[""] = {}

    def branch(node: dict[str, Any]) -> str:
        parts = [re.escape(letter) + branch(node[letter]) for letter in sorted(node, reverse=True) if letter]
        if "" in node:
            parts.append("")
        return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"

    return branch(root)
