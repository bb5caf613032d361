"""Quotas: how many elements each member may have evaluated a day, so that nobody can try all values.

Rules: a member that is not listed has none. A batch counts whole or not at all, before it is evaluated: a crash in between costs
the member some of its quota and never gives anything away. Days are those of UTC.

>>> used = Usage()
>>> used.take("member-a", date(2026, 10, 1), 60, allowed=100), used.take("member-a", date(2026, 10, 1), 60, allowed=100)
(True, False)
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from stillwatch.errors import RefusedByPolicy
from stillwatch.sharing.tokens.evaluator import Evaluation, Evaluator


class QuotaSpent(RefusedByPolicy):
    """The member has no more evaluations for this day."""


class UsageCount(Protocol):
    """Whoever keeps the count of what was evaluated."""

    def take(self, member: str, day: date, count: int, *, allowed: int) -> bool:
        """Count ``count`` elements more for the member and day, unless that makes more than ``allowed``; whether it did."""
        ...


class Usage:
    """The count in memory: for one process, and gone with it."""

    def __init__(self) -> None:
        self._counts = Counter[tuple[str, date]]()

    def take(self, member: str, day: date, count: int, *, allowed: int) -> bool:
        """As UsageCount says."""
        if self._counts[member, day] + count > allowed:
            return False
        self._counts[member, day] += count
        return True


@dataclass(frozen=True)
class Metered:
    """An evaluator that gives each member at most its number ``per_day``; ``clock`` tells the time with its zone."""

    evaluator: Evaluator
    usage: UsageCount
    per_day: Mapping[str, int]
    clock: Callable[[], datetime]

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        """As Evaluator says; raises QuotaSpent if the batch does not fit into what is left of the member's day."""
        allowed = self.per_day.get(member, 0)
        day = self.clock().astimezone(UTC).date()
        if not self.usage.take(member, day, len(blinded), allowed=allowed):
            what = f"{len(blinded):,} more would pass the {allowed:,} evaluations of {member!r} for {day}"
            raise QuotaSpent(what, cure="go on tomorrow (UTC), or ask the operator for more")
        return self.evaluator.evaluate(blinded, epoch, member)
