"""Expiry: what is no longer valid is deleted, unless a litigation hold stops it; either is recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime

from stillwatch.sharing.feed.effect import expired
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.guard.hold import Hold, may_delete
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Expiry:
    """The ids of what is no longer valid, whether it was deleted, and the matter for which it is held, if it is."""

    expired: tuple[str, ...]
    deleted: bool
    held_for: str


def expire(store: FeedStore, ledger: Ledger | None, matter: str, actor: str, now: datetime) -> Expiry:
    """Delete what is no longer valid and was not revoked (a revocation stays, lest an earlier version come back).

    Without a ledger nothing is deleted. ``matter`` names a litigation hold, if there is one. Raises OutputNotWritten.
    """
    gone = [held for held in store.facts() if not held.revoked and expired(held.thing(), now)]
    names = tuple(held.id for held in gone)
    holds = [Hold(matter, _BEGINNING)] if matter else []
    permitted = all(may_delete(holds, f"feed/{name}", now) for name in names)
    if ledger is None or not gone:
        return Expiry(names, False, matter if gone and not permitted else "")
    with store.writing():
        if permitted:
            store.remove(gone)
        kind = "deletion" if permitted else "deletion-held"
        details = {"because": "no longer valid"} | ({} if permitted else {"matter": matter})
        ledger.append_many([Draft(kind, name, details, actor) for name in names], now)
    return Expiry(names, permitted, "" if permitted else matter)
