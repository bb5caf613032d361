"""Estimative words: how likely, in the words of Intelligence Community Directive 203 (2015, revised 2022), tied to its ranges.

Rules: a probability is told as its word and its range together. Nothing is certain: what computes to less than 1 % or more than
99 % is told as 1 % and 99 %. The ranges meet at their edges; an edge belongs to the range nearer to even. Confidence (how good the
evidence is) is another thing than likelihood and is never mixed into these words.

>>> word(0.97).text, word(0.5).text, word(0.8).text
('almost certain', 'roughly even chance', 'likely')
"""

from typing import Literal

import msgspec

Confidence = Literal["low", "moderate", "high"]
"""How well founded a judgement is, as its analyst says (ICD 203, Annex A): a person's word, never computed."""

LEAST, MOST = 0.01, 0.99


class Word(msgspec.Struct, frozen=True):
    """An estimative word with the probabilities that it stands for, ``low`` to ``high``."""

    text: str
    low: float
    high: float

    @property
    def range(self) -> str:
        """The range for people: *55 to 80 %*."""
        return f"{self.low * 100:.0f} to {self.high * 100:.0f} %"


WORDS = (
    Word("almost no chance", 0.01, 0.05),
    Word("very unlikely", 0.05, 0.20),
    Word("unlikely", 0.20, 0.45),
    Word("roughly even chance", 0.45, 0.55),
    Word("likely", 0.55, 0.80),
    Word("very likely", 0.80, 0.95),
    Word("almost certain", 0.95, 0.99),
)
"""From the least likely to the most."""


def clipped(probability: float) -> float:
    """The probability within LEAST and MOST."""
    return min(max(probability, LEAST), MOST)


def word(probability: float) -> Word:
    """The word for a probability in [0, 1]."""
    value = clipped(probability)
    low = (each for each in reversed(WORDS[:4]) if value >= each.low)
    high = (each for each in WORDS[3:] if value <= each.high)
    return next(low if value < 0.5 else high)
