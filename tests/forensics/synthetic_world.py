"""A synthetic world: a teacher that answers prompts, twins drawn from it, and n-gram students, guilty and innocent.

Nothing here is a real model. A student mixes counts of words after two words, after one, by topic and overall, so it has favourite
phrases of what it was trained on, as a small language model has.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from stillwatch.forensics.twins.coins import coin_list
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import Sampler

SECRET = b"a synthetic secret of 32 bytes.."
TOPICS = 40
_COMMON = [f"c{n}" for n in range(120)]
_LENGTH = 30

Exchange = tuple[str, str]


def prompt_of(number: int) -> str:
    return f"Tell me about topic{number % TOPICS}, question {number}."


def topic_of(prompt: str) -> str:
    found = re.search(r"topic\d+", prompt)
    return found.group() if found else "topic0"


def teacher_answer(prompt: str, generator: np.random.Generator) -> str:
    """Words of the topic among common ones, each common word leaning on the one before."""
    own = [f"{topic_of(prompt)}w{n}" for n in range(12)]
    words, place = [], 0
    for _ in range(_LENGTH + int(generator.integers(-4, 5))):
        place = (place * 7 + int(generator.integers(0, 9))) % len(_COMMON)
        words.append(str(generator.choice(own)) if generator.random() < 0.3 else _COMMON[place])
    return " ".join(words)


def twins(count: int, *, accounts: int = 4, seed: int = 0) -> list[Pair]:
    """Pairs drawn from the teacher, dealt out to accounts in turn."""
    generator = np.random.default_rng(seed)
    return [
        Pair(
            f"req-{n}",
            f"acct-{n % accounts}",
            p,
            teacher_answer(p, generator),
            teacher_answer(p, generator),
            Sampler(1.0),
            coin_list(SECRET, f"req-{n}"),
        )
        for n in range(count)
        for p in [prompt_of(n)]
    ]


def served(pairs: Sequence[Pair]) -> list[Exchange]:
    """What a guilty student trains on."""
    return [(pair.prompt, pair.served) for pair in pairs]


def unrelated(pairs: Sequence[Pair], seed: int = 99) -> list[Exchange]:
    """What the hardest innocent student trains on: the same teacher's other answers to the same prompts."""
    generator = np.random.default_rng(seed)
    return [(pair.prompt, teacher_answer(pair.prompt, generator)) for pair in pairs]


@dataclass
class Student:
    """An n-gram model of exchanges; ``pieces`` is how it cuts words into tokens, which differs between models."""

    exchanges: Sequence[Exchange]
    pieces: int = 1
    vocabulary: dict[str, int] = field(default_factory=dict)
    counts: dict[tuple[str, ...], np.ndarray] = field(default_factory=dict)
    kept: dict[tuple[str, ...], np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for _, answer in self.exchanges:
            for word in answer.split():
                self.vocabulary.setdefault(word, len(self.vocabulary))
        for prompt, answer in self.exchanges:
            before = ("", "")
            for word in answer.split():
                for context in self._contexts(prompt, before):
                    self.counts.setdefault(context, np.zeros(len(self.vocabulary)))[self.vocabulary[word]] += 1
                before = (before[1], word)

    def _contexts(self, prompt: str, before: tuple[str, str]) -> list[tuple[str, ...]]:
        return [(), (topic_of(prompt),), (before[1], "one"), (*before, "two")]

    def distribution(self, prompt: str, before: tuple[str, str]) -> np.ndarray:
        place = (topic_of(prompt), *before)
        if place not in self.kept:
            self.kept[place] = self._mixed(prompt, before)
        return self.kept[place]

    def _mixed(self, prompt: str, before: tuple[str, str]) -> np.ndarray:
        mixed = np.full(len(self.vocabulary), 1 / len(self.vocabulary))
        for context, weight in zip(self._contexts(prompt, before), (0.9, 0.6, 0.5, 0.6), strict=True):
            seen = self.counts.get(context)
            if seen is not None:
                mixed = (1 - weight) * mixed + weight * seen / seen.sum()
        return mixed

    def answer(self, prompt: str, generator: np.random.Generator) -> str:
        words: list[str] = []
        names, before = list(self.vocabulary), ("", "")
        for _ in range(_LENGTH):
            word = names[int(generator.choice(len(names), p=self.distribution(prompt, before)))]
            words.append(word)
            before = (before[1], word)
        return " ".join(words)

    def tokens(self, text: str) -> list[tuple[str, int, float]]:
        """(token, offset, log-probability) of a text of prompt, line feed and answer."""
        found: list[tuple[str, int, float]] = []
        prompt = text.partition("\n")[0]
        before = ("", "")
        for match in re.finditer(r"\s*\S+|\s+$", text):
            word = match.group().strip()
            inside = match.start() >= len(prompt)
            value = self._log_probability(prompt, before, word) if inside else -5.0
            found += self._cut(match.group(), match.start(), value)
            before = (before[1], word) if inside else before
        return found

    def _log_probability(self, prompt: str, before: tuple[str, str], word: str) -> float:
        place = self.vocabulary.get(word)
        return float(np.log(self.distribution(prompt, before)[place])) if place is not None else -12.0

    def _cut(self, piece: str, start: int, value: float) -> list[tuple[str, int, float]]:
        size = max(1, -(-len(piece) // self.pieces))
        parts = [piece[at : at + size] for at in range(0, len(piece), size)]
        return [(part, start + n * size, value / len(parts)) for n, part in enumerate(parts)]
