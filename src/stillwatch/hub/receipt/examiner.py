"""Examiners: what a guarded collection demands of objects before they are stored.

Rules of the border: what the project publishes for everybody is taken as it is; a signature must hold; what nobody signed is
taken unless the hub takes signed objects only; and the guard must let every field pass as it is. The hub changes nothing, so what
the guard would redact at the sender's is refused here, with the reasons. Objects of one request are examined together, because
they may say together what none of them may say.

>>> Unexamined().examine([{"type": "note"}], datetime(2026, 1, 1, tzinfo=UTC))
[()]
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.ruling import Ruling
from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.verification import Refused, Unsigned, verify
from stillwatch.sharing.stix.definitions import constants

Reasons = tuple[str, ...]
"""Why an object is not taken, in sentences for a person; none if it is."""

_MOST_REASONS = 6


class Examiner(Protocol):
    """Whoever looks at what comes in."""

    def examine(self, values: Sequence[Mapping[str, Any]], now: datetime) -> list[Reasons]:
        """The reasons against each of the objects of a request, as parsed; never raises for what is in them."""
        ...


class Unexamined:
    """Takes every object."""

    def examine(self, values: Sequence[Mapping[str, Any]], now: datetime) -> list[Reasons]:
        """Nothing against them."""
        return [() for _ in values]


@dataclass(frozen=True)
class Border:
    """The border's examiner: ``ring`` gives the keys that are known now; ``signed_only`` refuses what nobody signed."""

    guard: Guard
    ring: Callable[[], KeyRing] = KeyRing
    signed_only: bool = False

    def examine(self, values: Sequence[Mapping[str, Any]], now: datetime) -> list[Reasons]:
        """Signature and guard, for each and for all together."""
        ring = self.ring()
        reasons: list[Reasons] = [self._signature(value, ring, now) for value in values]
        judged = [n for n, value in enumerate(values) if not reasons[n] and constants().get(str(value.get("id"))) != value]
        for number, ruling in zip(judged, self.guard.examine_bundle(values[n] for n in judged), strict=True):
            reasons[number] = tuple(_against(ruling))[:_MOST_REASONS]
        return reasons

    def _signature(self, value: Mapping[str, Any], ring: KeyRing, now: datetime) -> Reasons:
        verdict = verify(value, ring, now)
        if isinstance(verdict, Refused):
            return (f"signature: {verdict.reason}",)
        refused = isinstance(verdict, Unsigned) and self.signed_only and value.get("id") not in constants()
        return ("nobody signed it",) if refused else ()


def _against(ruling: Ruling) -> Iterator[str]:
    """Each field that the guard would not let pass as it is, and why."""
    if ruling.verdict != "released":
        for reason in ruling.against:
            yield f"{reason.path or 'the object'}: {reason.why} [{reason.rule}]"
