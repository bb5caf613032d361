"""Litigation hold: while one is open, nothing in its scope is deleted, by anybody and for whatever reason.

>>> from datetime import UTC
>>> hold = Hold("synthetic matter 1", since=datetime(2026, 10, 1, tzinfo=UTC))
>>> bool(may_delete([hold], "case/7/excerpt", datetime(2026, 10, 2, tzinfo=UTC)))
False
>>> may_delete([hold], "case/7/excerpt", datetime(2026, 10, 2, tzinfo=UTC)).why
'held for synthetic matter 1 since 2026-10-01'
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Hold:
    """A duty to keep records for a ``matter``, from ``since`` until ``released`` (None: still open).

    ``scope`` is a prefix of what is held, as the caller names it (``case/``, ``ledger/2026-10``); empty holds everything.
    """

    matter: str
    since: datetime
    released: datetime | None = None
    scope: str = ""

    def holds(self, what: str, now: datetime) -> bool:
        """Whether ``what`` must be kept at ``now``. A hold that starts later holds already: what it needs must still be there."""
        return what.startswith(self.scope) and (self.released is None or now < self.released)


@dataclass(frozen=True)
class Deletion:
    """Whether something may be deleted, and why; true if it may."""

    allowed: bool
    why: str

    def __bool__(self) -> bool:
        return self.allowed


def may_delete(hold: Hold | Iterable[Hold] | None, what: str, now: datetime) -> Deletion:
    """Whether ``what`` may be deleted at ``now`` (with time zone), given one hold, several, or none."""
    holds = [hold] if isinstance(hold, Hold) else list(hold or ())
    for each in holds:
        if each.holds(what, now):
            return Deletion(False, f"held for {each.matter} since {each.since:%Y-%m-%d}")
    return Deletion(True, "no litigation hold covers it")
