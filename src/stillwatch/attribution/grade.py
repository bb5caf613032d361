"""The Admiralty grade of an item: how reliable its source is (A to F), how credible what it says (1 to 6).

Rules: the two are judged apart. An item is believed no more than the weaker of the two allows, and what it may weigh is bounded by
the chance that it is simply wrong: if it is right with probability r, a ratio L ≥ 1 is worth 1 / (r/L + 1 − r)
(Thompson, Taroni, Aitken: How the probability of a false positive affects the value of DNA evidence, J Forensic Sci 48, 2003).
The probabilities in RELIABILITY and CREDIBILITY are our convention, printed with every result; the doctrine (NATO AJP-2.1, UK JDP
2-00) gives words and no numbers.

>>> Grade.read("B2").trust
0.9
>>> round(Grade.read("B2").bounded(40.0), 2), round(Grade.read("F6").bounded(-40.0), 2)
(3.32, -1.0)
"""

import math
import re
from typing import Self

import msgspec

from stillwatch.errors import UsageError

RELIABILITY: dict[str, tuple[str, float]] = {
    "A": ("completely reliable", 0.98),
    "B": ("usually reliable", 0.93),
    "C": ("fairly reliable", 0.8),
    "D": ("not usually reliable", 0.6),
    "E": ("unreliable", 0.3),
    "F": ("reliability cannot be judged", 0.5),
}
"""Per letter: what it says of the source, and how often such a source is right, by our convention."""

CREDIBILITY: dict[str, tuple[str, float]] = {
    "1": ("confirmed by other sources", 0.98),
    "2": ("probably true", 0.9),
    "3": ("possibly true", 0.7),
    "4": ("doubtful", 0.4),
    "5": ("improbable", 0.15),
    "6": ("truth cannot be judged", 0.5),
}
"""Per figure: what it says of the statement, and how often such a statement is true, by our convention."""

_GRADE = re.compile(r"[A-F][1-6]", re.ASCII)


class Grade(msgspec.Struct, frozen=True):
    """Source and statement, such as B2."""

    reliability: str
    credibility: str

    def __post_init__(self) -> None:
        """Refuse what is no grade."""
        if self.reliability not in RELIABILITY or self.credibility not in CREDIBILITY:
            raise _no_grade(f"{self.reliability}{self.credibility}")

    @classmethod
    def read(cls, text: str) -> Self:
        """The grade written as a letter and a figure. Raises UsageError if it is none."""
        if not _GRADE.fullmatch(text):
            raise _no_grade(text)
        return cls(text[0], text[1])

    def __str__(self) -> str:
        return f"{self.reliability}{self.credibility}"

    @property
    def words(self) -> str:
        """Both judgements in words."""
        return f"source {RELIABILITY[self.reliability][0]}, statement {CREDIBILITY[self.credibility][0]}"

    @property
    def trust(self) -> float:
        """The probability, in (0, 1), that an item of this grade is right: the lower of the two."""
        return min(RELIABILITY[self.reliability][1], CREDIBILITY[self.credibility][1])

    def bounded(self, bits: float) -> float:
        """What ``bits`` (a log2 likelihood ratio if the item is right) are worth at this grade: the same sign, never more."""
        worth = -math.log2(self.trust * 2.0 ** -min(abs(bits), 1000.0) + 1 - self.trust)
        return math.copysign(worth, bits) if bits else 0.0


def _no_grade(text: str) -> UsageError:
    return UsageError(f"no Admiralty grade: {text!r:.40}", place="grade", cure="write a letter A to F and a figure 1 to 6, as B2")
