"""A synthetic language: questions and answers from a grammar of our own, in as many styles as there are authors.

Words are made of syllables, so nothing here is anybody's text. A topic prefers some words; an author prefers some turns of phrase and
some words. An answer takes up words of its question and is otherwise free, so two answers to one question rarely agree.

>>> author, generator = Author.drawn(1), np.random.default_rng(0)
>>> question = ask(generator)
>>> question == ask(np.random.default_rng(0)), author.answer(question, generator).endswith(".")
(True, True)
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

TOPICS = 24
_ONSETS, _VOWELS, _CODAS = "bdfgklmnprstvz", "aeiou", ("", "n", "r", "s", "l")
_CLASSES = {"N": 360, "V": 140, "A": 160, "P": 70}
_QUESTIONS = (
    "how does the N of P V the N ?",
    "why did the A N V near P ?",
    "what should a N V before the N of P ?",
    "tell me about the N and the A N of P .",
    "when will the N V the A N ?",
    "who would V a N in P with the N ?",
)
_SENTENCES = (
    "the N of P V the A N .",
    "in P every N V when the N is A .",
    "a A N may V the N , but the N of P does not V .",
    "first V the N , then the A N , and last the N .",
    "nobody in P can V a N without the A N .",
    "because the N is A , it V the N near P .",
    "the A N and the A N V each other .",
    "some say that P has a N which V the N .",
    "it is the N that V , not the A N .",
    "if the N V too much , the N of P is A .",
    "with a N one can V the A N in P .",
    "after the N V , a A N remains .",
    "the N was A before the N came to P .",
    "most of the N in P V the N only once .",
    "there is no A N that would V a N .",
    "both the N and the N of P are A .",
)
_OPENINGS = ("", "well , ", "in short , ", "as a rule , ", "to be A , ", "indeed , ", "so far , ", "of course , ")
_PREFERRED = 6.0
"""How sharply a topic or author prefers its favourites."""


@cache
def words_of(kind: str) -> tuple[str, ...]:
    """The words of a class: N nouns, V verbs, A adjectives, P places. No word is in two classes."""
    roots = [f"{o}{v}{c}" for o, v, c in product(_ONSETS, _VOWELS, _CODAS)]
    order = np.random.default_rng(0).permutation(len(roots) ** 2)[: sum(_CLASSES.values())]
    made = [roots[i // len(roots)] + roots[i % len(roots)] for i in order]
    start = sum(count for name, count in _CLASSES.items() if name < kind)
    return tuple(made[start : start + _CLASSES[kind]])


@cache
def all_words() -> tuple[str, ...]:
    """Every word and sign of the language, in a fixed order."""
    plain = {word for text in (*_QUESTIONS, *_SENTENCES, *_OPENINGS) for word in text.split()} - set(_CLASSES)
    return tuple(sorted(plain)) + tuple(word for kind in _CLASSES for word in words_of(kind))


@cache
def _likings(owner: str, seed: int, kind: str) -> np.ndarray:
    """Cumulative chances of the words of a class for a topic or an author: a few favourites, many rare ones."""
    generator = np.random.default_rng([seed, sum(map(ord, owner + kind))])
    weights = generator.gamma(1 / _PREFERRED, size=_CLASSES[kind]) + 0.002
    return np.cumsum(weights / weights.sum())


def _filled(form: str, topic: int, author: int, given: dict[str, list[str]], generator: np.random.Generator) -> str:
    """The form with its places filled: from the question, the author's favourites or the topic's."""
    found = []
    for word in form.split():
        if word not in _CLASSES:
            found.append(word)
            continue
        luck = generator.random()
        if luck < 0.35 and given.get(word):
            found.append(given[word][generator.integers(len(given[word]))])
        else:
            likings = _likings("author", author, word) if luck > 0.8 else _likings("topic", topic, word)
            found.append(words_of(word)[int(np.searchsorted(likings, generator.random()))])
    return " ".join(found)


class Question(NamedTuple):
    """A question and the topic whose words it uses."""

    text: str
    topic: int


def ask(generator: np.random.Generator) -> Question:
    """A question about a random topic."""
    topic = int(generator.integers(TOPICS))
    return Question(_filled(_QUESTIONS[generator.integers(len(_QUESTIONS))], topic, 0, {}, generator), topic)


@dataclass(frozen=True)
class Author:
    """Someone who answers in a style: chances of openings and sentences, favourite words by ``seed``."""

    seed: int
    openings: tuple[float, ...]
    sentences: tuple[float, ...]

    @classmethod
    def drawn(cls, seed: int) -> "Author":
        """An author at random."""
        generator = np.random.default_rng([7, seed])
        return cls(
            seed,
            tuple(generator.dirichlet(np.full(len(_OPENINGS), 0.6))),
            tuple(generator.dirichlet(np.full(len(_SENTENCES), 1.0))),
        )

    def answer(self, question: Question, generator: np.random.Generator) -> str:
        """One to three sentences."""
        said = question.text.split()
        given = {kind: [word for word in said if word in words_of(kind)] for kind in _CLASSES}
        parts = []
        for form in generator.choice(_SENTENCES, size=generator.integers(1, 4), p=self.sentences):
            opening = generator.choice(_OPENINGS, p=self.openings)
            parts.append(_filled(opening + form, question.topic, self.seed, given, generator))
        return " ".join(parts)
