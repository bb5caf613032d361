"""An item of evidence: what was observed, where it comes from, how far it is to be believed, and what it says of each hypothesis.

Rules: ``bits`` hold, per hypothesis, the log2 of how much likelier the observation is if that hypothesis is true than if the hand
is unknown; one that is left out says nothing. Items with one ``group`` rest on one root and count once. ``source`` leads back to
rows. An item that was found false is struck, with a reason, and stays on the page.

>>> seen = Item("i1", "60 accounts share one queue.", "campaigns.json#/campaigns/0", "A2", "rhythm", {"look-alike": -9.0})
>>> round(seen.effective()["look-alike"], 2)
-3.3
"""

import math

import msgspec

from stillwatch.attribution.grade import Grade
from stillwatch.attribution.hypothesis import UNKNOWN
from stillwatch.errors import UsageError

MOST_BITS = 1000.0


class Item(msgspec.Struct, frozen=True):
    """One item. ``because`` says why the bits are as they are, in a sentence; ``struck`` why it no longer counts, if it does
    not.
    """

    id: str
    statement: str
    source: str
    grade: str
    group: str
    bits: dict[str, float]
    because: str = ""
    struck: str = ""

    def __post_init__(self) -> None:
        """Refuse an item that cannot be weighed."""
        Grade.read(self.grade)
        for name, text in (("id", self.id), ("statement", self.statement), ("source", self.source), ("group", self.group)):
            if not text.strip():
                raise UsageError(f"an item has no {name}", place=f"item {self.id!r:.60}", cure=f"give its {name}")
        for hypothesis, value in self.bits.items():
            if hypothesis == UNKNOWN.id or not math.isfinite(value) or abs(value) > MOST_BITS:
                cure = f"give finite bits, at most {MOST_BITS:.0f}, relative to unknown"
                raise UsageError(f"{value} bits for {hypothesis!r:.60}", place=f"item {self.id!r:.60}", cure=cure)

    def effective(self) -> dict[str, float]:
        """Its bits per hypothesis as its grade lets them count; none if it was struck."""
        if self.struck:
            return {}
        grade = Grade.read(self.grade)
        return {hypothesis: grade.bounded(value) for hypothesis, value in self.bits.items()}
