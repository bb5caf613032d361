"""The feed of changes, as a member gets it: additions, revocations, removals and notices in one order, resumable by a cursor.

TAXII tells a client what is there, not what is gone, and does not push. The feed does both, by polling or as server-sent events;
each change carries the cursor (``cursor.py``) from which a reader goes on. A confirmation of a cursor is the member's receipt for
all before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from stillwatch.hub import metrics
from stillwatch.hub.access.directory import Directory
from stillwatch.hub.access.granular import shown
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.exchange.cursor import Cursors
from stillwatch.hub.hub import Hub
from stillwatch.hub.store import changes, counter, deliveries, remarks
from stillwatch.hub.store.changes import Change, Sight
from stillwatch.hub.store.objects import Scope
from stillwatch.hub.timestamps import written

MOST_AT_ONCE = 500
MOST_BYTES = 4 * 2**20
"""Of objects at once; one that is larger alone stands alone."""


class Event(msgspec.Struct, omit_defaults=True):
    """A change as it is written; ``object`` is as it came in, for notices what is told."""

    cursor: str
    kind: str
    id: str
    at: str
    collection: str | None = None
    version: str | None = None
    disputed: bool = False
    object: msgspec.Raw | None = None


@dataclass(frozen=True)
class Heard:
    """The next changes for a reader, the place from where it goes on, and whether there are more at once.

    ``looked`` is as good a place, beyond what the reader does not see; it is for the hub itself and never told.
    """

    place: int
    events: list[Event]
    looked: int
    more: bool = False


def cursors_of(viewer: Viewer, directory: Directory) -> Cursors:
    """The cursors of who asks."""
    return Cursors(directory.signing_secret, viewer.member.id)


def next_events(hub: Hub, viewer: Viewer, directory: Directory, now: int, place: int, limit: int) -> Heard:
    """The next changes that a viewer may see after a place; what is handed out is noted as delivered."""
    readable = {held.number: held.id for held in directory.collections if held.may_read(viewer)}
    audiences = None if viewer.is_operator else directory.admitting(viewer, now)
    sight = Sight(list(readable), audiences, viewer.member.id)
    with hub.database.reading() as connection:
        heard = changes.after(connection, sight, place, min(limit, MOST_AT_ONCE), MOST_BYTES)
        found = heard.changes
        disputed = _disputed(connection, found, sight) if directory.disputes else set()
    hub.deliveries.note(viewer.member.id, now, "changes", [change.seq for change in found])
    metrics.objects_served.labels("changes").inc(sum(change.body is not None and change.collection is not None for change in found))
    cursors = cursors_of(viewer, directory)
    events = [
        _event(change, cursors, readable, viewer, audiences, (change.collection, change.stix_id) in disputed) for change in found
    ]
    return Heard(found[-1].seq if found else place, events, heard.looked, heard.more)


def latest_change(hub: Hub) -> int:
    """The place of the newest change of all."""
    with hub.database.reading() as connection:
        return changes.latest(connection)


def confirm(hub: Hub, member: int, seq: int, now: int) -> bool:
    """Write down a receipt, and first the deliveries that it is for; false if there is no such place yet."""
    hub.deliveries.flush()
    with hub.database.writing() as connection:
        counter.take(connection)
        if not 0 <= seq <= changes.latest(connection):
            return False
        deliveries.confirm(connection, member, seq, now)
    return True


def _disputed(connection: Connection, found: Sequence[Change], sight: Sight) -> set[tuple[int | None, str]]:
    """The objects among changes that are under dispute, as far as this reader may know, with their collections."""
    targets: dict[int, list[str]] = {}
    for change in found:
        if change.collection is not None:
            targets.setdefault(change.collection, []).append(change.stix_id)
    scopes = {number: Scope(number, sight.audiences, sight.viewer) for number in targets}
    return {(number, name) for number, names in targets.items() for name in remarks.disputed(connection, scopes[number], names)}


def _event(
    change: Change,
    cursors: Cursors,
    readable: dict[int, str],
    viewer: Viewer,
    audiences: Sequence[int] | None,
    disputed: bool,
) -> Event:
    own = change.owner == viewer.member.id
    body = change.body if change.body is None or own else shown(change.body, change.cuts, audiences)
    return Event(
        cursors.written(change.seq),
        change.kind,
        change.stix_id,
        written(change.at),
        readable.get(change.collection) if change.collection is not None else None,
        change.version,
        disputed,
        msgspec.Raw(body) if body is not None else None,
    )
