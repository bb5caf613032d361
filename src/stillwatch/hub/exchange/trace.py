"""The trace of an object: for every version and every member, delivered when and how, confirmed when, or why not.

"Why not" is the first of: the member is shut out; it may not read the collection; it is not in the audience; it has not come since.
Contributors and operators are not asked about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from stillwatch.hub.access.audience import Audience
from stillwatch.hub.access.directory import Collection, Directory
from stillwatch.hub.access.member import Member, Role, Viewer
from stillwatch.hub.hub import Hub
from stillwatch.hub.store import deliveries
from stillwatch.hub.store.tables import objects, removals
from stillwatch.hub.timestamps import written


@dataclass(frozen=True)
class Reached:
    """What became of one object version for one member; times as TAXII writes them, None for what did not happen."""

    collection: str
    version: str
    removed: bool
    member: str
    delivered: str | None
    how: str | None
    confirmed: str | None
    because: str | None


def trace(hub: Hub, stix_id: str, now: int) -> list[Reached]:
    """Whom an object reached, version by version, in the order in which they were added."""
    hub.deliveries.flush()
    directory = hub.directory()
    with hub.database.reading() as connection:
        fetched = deliveries.last_fetches(connection)
        return [
            reached
            for version in _versions(connection, stix_id)
            for reached in _reached(version, connection, directory, fetched, now)
        ]


def _versions(connection: Connection, stix_id: str) -> list[Any]:
    """Every version that is or was here; ``seq`` is the number under which it was delivered."""
    o, r = objects, removals
    here = select(o.c.seq, o.c.collection, o.c.version, o.c.audience, o.c.owner, o.c.date_added).where(o.c.stix_id == stix_id)
    gone = select(r.c.removed, r.c.collection, r.c.version, r.c.audience, r.c.owner, r.c.date_added).where(r.c.stix_id == stix_id)
    found = [(*row, False) for row in connection.execute(here).all()] + [(*row, True) for row in connection.execute(gone).all()]
    return sorted(found)


def _reached(version: Any, connection: Connection, directory: Directory, fetched: Mapping[int, int], now: int) -> Iterator[Reached]:
    seq, number, text, audience, owner, _, removed = version
    collection = next(held for held in directory.collections if held.number == number)
    first = deliveries.first_deliveries(connection, seq)
    confirmed = deliveries.confirmations(connection, seq)
    for member in directory.members.values():
        if member.id == owner or member.role is Role.OPERATOR:
            continue
        got = first.get(member.id)
        yield Reached(
            collection.id,
            text,
            removed,
            member.name,
            written(got.at) if got else None,
            got.how if got else None,
            written(confirmed[member.id]) if got and member.id in confirmed else None,
            None if got else _why_not(member, collection, directory.audiences[audience], fetched.get(member.id), now),
        )


def _why_not(member: Member, collection: Collection, audience: Audience, last: int | None, now: int) -> str:
    viewer = Viewer(member, may_write=False, encrypted=True)
    if member.suspended:
        return "the member is suspended"
    if not collection.may_read(viewer):
        return "it may not read the collection"
    if not audience.admits(viewer, now):
        named = " for the members and groups that were named" if audience.named is not None else ""
        return f"it is not in the audience: TLP:{audience.level.upper()}{named}"
    return "it has not fetched it yet" + (f"; it last fetched something {written(last)}" if last else "; it never fetched anything")
