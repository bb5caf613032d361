"""Widening: a member that may see more than before is told so in its feed.

A reader of the feed goes on from where it was; what it could not see when it passed lies behind it. So who comes into a group, or
may read one more collection, gets a notice of the kind WIDER, and its client reads the feed up to there once more.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, insert

from stillwatch.hub.store import counter
from stillwatch.hub.store.tables import notices

WIDER = "wider"
SUBJECT = "your-view"


class Wider(msgspec.Struct):
    """What the notice says."""

    because: str = "you may see more than before: read the feed from the beginning up to here once more"


def tell_wider(connection: Connection, members: Iterable[int], now: int) -> None:
    """Tell these members; within the write that lets them see more, after it."""
    numbers = counter.take(connection)
    body = msgspec.json.encode(Wider()).decode()
    for member in sorted(members):
        row = {"seq": numbers.next_seq(), "at": now, "member": member, "kind": WIDER, "subject": SUBJECT, "body": body}
        connection.execute(insert(notices).values(row))
    counter.save(connection, numbers)
