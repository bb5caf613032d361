"""What one mechanism found about one hypothesis.

Rules
- A number is given, or the reason why none is (``refused``), never both: whoever reads ``p_value`` may trust that its rules held.
- ``level`` is the evidence reached, not hoped for: a result that chance explains is "insufficient", whatever its mechanism.
- ``statement`` is one sentence for a reader who knows no statistics; ``hypothesis`` says what was asked, in the same language.

>>> finding = Finding(mechanism="twins-text", hypothesis="S was trained on what account A was served", p_value=0.001,
...                   counted=400, counted_in="pairs", level="E2", statement="S prefers the served answers.")
>>> finding.level
'E2'
>>> Finding.refusal("watermark", "S was trained on marked text", "12 tokens are too few").p_value is None
True
"""

from typing import Literal, Self

import msgspec

from stillwatch.errors import StillwatchError

Level = Literal["insufficient", "E0", "E1", "E2", "E3", "E4"]
"""How far the evidence that was reached carries.

insufficient: nothing is shown, because no number can be given or because chance explains the result. E0: closed-set comparison, or
what the model says of itself. E1: relative to a population of controls. E2: exact randomisation, on text. E3: exact randomisation
with log-probabilities or weights, and two mechanisms. E4: E3 and the traffic of linked accounts.
"""


class Interval(msgspec.Struct, frozen=True):
    """A two-sided interval for an effect: ``lower`` to ``upper`` at ``confidence`` (0.95 = 95 %)."""

    lower: float
    upper: float
    confidence: float = 0.95


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One mechanism's answer to one hypothesis.

    ``mechanism``: "twins-logprob", "twins-text", "watermark", "population", …
    ``p_value``: probability of a result at least this strong if the hypothesis is false; ``e_value``: fair bet's return, ≥ 0.
    ``effect``: size on the scale that ``effect_unit`` names, with ``interval``; ``counted`` is how many ``counted_in``
    ("pairs", "tokens", "controls", "probes") entered, after the rules dropped theirs.
    """

    mechanism: str
    hypothesis: str
    statement: str
    p_value: float | None = None
    e_value: float | None = None
    effect: float | None = None
    effect_unit: str = ""
    interval: Interval | None = None
    counted: int = 0
    counted_in: str = "pairs"
    level: Level = "insufficient"
    assumptions: list[str] = []
    refused: str | None = None

    def __post_init__(self) -> None:
        """Refuse a finding that contradicts itself."""
        numbered = self.p_value is not None or self.e_value is not None or self.effect is not None
        if self.refused is not None and (numbered or self.level != "insufficient"):
            raise StillwatchError("a refused finding carries a number or a level", place=self.mechanism, cure="give one of them")
        if self.p_value is not None and not 0 < self.p_value <= 1:
            raise StillwatchError(f"p-value {self.p_value} is not in (0, 1]", place=self.mechanism, cure="add one to both counts")
        if self.e_value is not None and not self.e_value >= 0:
            raise StillwatchError(
                f"e-value {self.e_value} is not ≥ 0", place=self.mechanism, cure="compute it as a product of bets"
            )

    @classmethod
    def refusal(cls, mechanism: str, hypothesis: str, why: str, *, counted: int = 0, counted_in: str = "pairs") -> Self:
        """A finding without a number: ``why`` is one clause a lay reader can read."""
        statement = f"Nothing can be said: {why}."
        return cls(
            mechanism=mechanism, hypothesis=hypothesis, statement=statement, counted=counted, counted_in=counted_in, refused=why
        )
