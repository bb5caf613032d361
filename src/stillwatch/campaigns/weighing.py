"""Weighing: readings of many signals to two sums of bits, with the dependent ones capped together.

Bits of independent signals add up. Signals of one family look at the same fact from several sides, so a family's sum is
kept within FAMILY_CAP. Nothing outweighs what the best innocent explanation would leave: caps are part of the model, not tuning.
That members run one program (its fixed text, client and settings) made most groups candidates, so it says hardly more of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.signals.population import Reading, Signal

FAMILY_CAP = {
    "work sharing": 14.0,
    "rhythm": 5.0,
    "identity": 9.0,
    "program": 1.0,
    "address": 5.0,
    "replay": 9.0,
    "succession": 6.0,
    "fillings": 2.5,
    "conversation": 2.5,
    "answers": 4.0,
    "usage": 2.5,
    "technique": 4.0,
}
"""The most that the signals of a family say together, for or against, in bits."""


@dataclass(frozen=True)
class Weighed:
    """One reading as it was counted: its signal, and its bits after the family's cap."""

    signal: Signal
    reading: Reading
    bits: float


def weigh(readings: Sequence[tuple[Signal, Reading]]) -> list[Weighed]:
    """Scale the readings of each family so that their sum stays within the family's cap."""
    scale = _scales(readings)
    return [Weighed(signal, reading, reading.bits * scale[signal.family]) for signal, reading in readings]


def _scales(readings: Sequence[tuple[Signal, Reading]]) -> Mapping[str, float]:
    sums: dict[str, float] = {}
    for signal, reading in readings:
        sums[signal.family] = sums.get(signal.family, 0.0) + reading.bits
    return {family: min(1.0, FAMILY_CAP[family] / abs(total)) if total else 1.0 for family, total in sums.items()}


def total(weighed: Sequence[Weighed], question: str) -> float:
    """The sum of bits that answer one question."""
    return sum(item.bits for item in weighed if item.signal.question == question)
