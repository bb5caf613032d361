"""Outcomes: what came back when a model was asked, whether it is of use or not.

>>> Answer("Because.").is_given, Answer("", failure="rate limit").is_given
(True, False)
"""

from typing import Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer; ``truncated`` if it hit the limit of tokens, ``failure`` says why there is none."""

    text: str
    truncated: bool = False
    failure: str = ""

    @property
    def is_given(self) -> bool:
        """Whether there is any text."""
        return not self.failure and bool(self.text.strip())


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """Log-probability (nats) of the tokens that begin within the answer, and the UTF-8 bytes that they cover."""

    log_probability: float = 0.0
    covered_bytes: int = 0
    failure: str = ""

    @property
    def per_byte(self) -> float | None:
        """Nats per byte, the same scale whatever the tokeniser; None if there is no score."""
        return None if self.failure or not self.covered_bytes else self.log_probability / self.covered_bytes


class Model(Protocol):
    """A model that can be asked. ``draw`` tells repeated questions apart."""

    def answer(self, prompt: str, draw: int = 0) -> Answer:
        """The model's own answer."""

    def score(self, prompt: str, answer: str, draw: int = 0) -> Score:
        """How likely the model finds a given answer."""


@runtime_checkable
class OpenWeights(Protocol):
    """A model whose next-token probabilities can be read anywhere."""

    def tokens(self, text: str) -> NDArray[np.int64]:
        """The ids of a text's tokens, none added."""

    def next_tokens(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """Natural log-probabilities of the token after each position, (length, vocabulary)."""
