"""Examiners: what a collection demands of an object before it is stored. A collection has the border's, or none.

>>> Unexamined().examine({"type": "note"}, "synthetic-member").reasons
()
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Examined:
    """The verdict on one object: taken if there are no reasons against it."""

    reasons: tuple[str, ...] = ()


class Examiner(Protocol):
    """Whoever looks at what comes in."""

    def examine(self, value: Mapping[str, Any], member: str) -> Examined:
        """The verdict on a parsed object that ``member`` (a STIX identity, or its name) sent; never raises for what is in it."""
        ...


class Unexamined:
    """Takes every object; for collections that are open to any STIX."""

    def examine(self, value: Mapping[str, Any], member: str) -> Examined:
        """Nothing against it."""
        return Examined()
