"""Tokens: one for each word or sign, and where each stands in a text.

Texts are lower-case words with one space between them; a question and its answer are joined by a line break. Whatever is not in the
language is one unknown token.

>>> joined = encode("the xyzzy\\nit")
>>> joined == [token("the"), UNKNOWN, BREAK, token("it")], decode(joined)
(True, 'the ?? it')
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from benchmarks.forensics.language import all_words

PADDING, UNKNOWN, BREAK, END = range(4)
_SPECIAL = ("", "??", "\n", "")
_PIECE = re.compile(r"\n|[\w']+|[^\w\s]")


class Piece(NamedTuple):
    """A token of a text and where it begins, the space before it included."""

    token: int
    start: int


@cache
def _ids() -> dict[str, int]:
    return {word: place for place, word in enumerate((*_SPECIAL, *all_words()))} | {"\n": BREAK}


def size() -> int:
    """How many tokens there are."""
    return len(_SPECIAL) + len(all_words())


def token(word: str) -> int:
    """The id of a word."""
    return _ids().get(word, UNKNOWN)


def pieces(text: str) -> list[Piece]:
    """The tokens of a text with their places; signs at the end of words are tokens of their own."""
    return [
        Piece(token(each.group().lower()), each.start() - (text[each.start() - 1 : each.start()] == " "))
        for each in _PIECE.finditer(text)
    ]


def encode(text: str) -> list[int]:
    """The tokens of a text."""
    return [piece.token for piece in pieces(text)]


def decode(tokens: Iterable[int]) -> str:
    """The text of tokens, up to the first end."""
    words: Sequence[str] = (*_SPECIAL, *all_words())
    found = []
    for each in tokens:
        if each in (END, PADDING):
            break
        found.append(words[each].strip())
    return " ".join(word for word in found if word)
