"""The record of token requests: every batch that a member asked for, answered or refused, goes into the ledger.

Rules: recorded are the member, the epoch, how many elements, and what came of it; never an element. The record is made before the
answer leaves; if it cannot be made, there is no answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stillwatch.errors import StillwatchError
from stillwatch.sharing.ledger.recorder import Recorder
from stillwatch.sharing.tokens.evaluator import Evaluation, Evaluator


@dataclass(frozen=True)
class Recorded:
    """An evaluator whose requests are recorded; ``clock`` tells the time with its zone."""

    evaluator: Evaluator
    recorder: Recorder
    clock: Callable[[], datetime]

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        """As Evaluator says; raises OutputNotWritten if the request could not be recorded."""
        try:
            evaluation = self.evaluator.evaluate(blinded, epoch, member)
        except StillwatchError as error:
            self._record(len(blinded), epoch, member, {"answered": False, "reason": error.what})
            raise
        self._record(len(blinded), epoch, member, {"answered": True})
        return evaluation

    def _record(self, elements: int, epoch: str, member: str, outcome: dict[str, object]) -> None:
        self.recorder.append("token-request", epoch, {"elements": elements, **outcome}, member, self.clock())
