"""Changes: everything that became different for a viewer, in the order of commits, from a place on.

A change is a new object version, a version that takes its object back, a removal, or a notice to this member. The place of the
last one seen is all that a reader needs to go on, whatever happened in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, true

from stillwatch.hub.store.tables import counter, notices, objects, removals

_END = 2**63 - 1


@dataclass(frozen=True)
class Sight:
    """What a viewer sees: collections, audiences (None for everything), and what is its own."""

    collections: Sequence[int]
    audiences: Sequence[int] | None
    viewer: int


@dataclass(frozen=True)
class Change:
    """One change; ``body`` is the object, or the notice, None for a removal; ``removed`` the ``seq`` of what is gone."""

    seq: int
    kind: str
    collection: int | None
    stix_id: str
    version: str | None
    at: int
    body: bytes | None
    cuts: str | None = None
    owner: int | None = None


@dataclass(frozen=True)
class Changes:
    """Some changes in order; up to the place ``looked`` there is nothing else for the viewer; ``more``: whether there is beyond."""

    changes: list[Change]
    looked: int
    more: bool


def after(connection: Connection, sight: Sight, seq: int, limit: int, most_bytes: int) -> Changes:
    """The next changes after a place: at most ``limit``, and of objects no more than ``most_bytes``, but one at least."""
    newest = latest(connection)
    seqs, until = _objects_that_fit(connection, sight, seq, limit, most_bytes)
    found = [*_versions(connection, seqs), *_removals(connection, sight, seq, until, limit)]
    found += _notices(connection, sight, seq, until, limit)
    ordered = sorted(found, key=lambda change: change.seq)[:limit]
    more = len(ordered) == limit or until < _END
    return Changes(ordered, ordered[-1].seq if more else max(seq, newest), more)


def latest(connection: Connection) -> int:
    """The place of the last change of all."""
    return int(connection.execute(select(counter.c.seq)).scalar_one())


def _objects_that_fit(connection: Connection, sight: Sight, seq: int, limit: int, most_bytes: int) -> tuple[list[int], int]:
    """The object versions that come next and are not too much, and the place up to which they are all."""
    total, fitting = 0, list[int]()
    for place, size in connection.execute(next_objects(sight, seq, limit)):
        total += size
        if total > most_bytes and fitting:
            return fitting, fitting[-1]
        fitting.append(place)
    return fitting, _END


def next_objects(sight: Sight, seq: int, limit: int) -> Select[Any]:
    """The object versions that come next, with their sizes; an index answers it alone.

    The collection is named in an expression, so that no planner goes through a whole collection to sort what comes next.
    """
    o = objects
    seen = (o.c.collection + 0).in_(sight.collections) & _in_audience(o, sight)
    return select(o.c.seq, o.c.size).where(o.c.seq > seq, seen).order_by(o.c.seq).limit(limit)


def _versions(connection: Connection, seqs: Sequence[int]) -> list[Change]:
    o = objects
    columns = (o.c.seq, o.c.revoked, o.c.collection, o.c.stix_id, o.c.version, o.c.date_added, o.c.body, o.c.cuts, o.c.owner)
    rows = connection.execute(select(*columns).where(o.c.seq.in_(seqs))).all() if seqs else []
    return [Change(row[0], "revoked" if row[1] else "version", *row[2:]) for row in rows]


def _removals(connection: Connection, sight: Sight, seq: int, until: int, limit: int) -> list[Change]:
    r = removals
    columns = (r.c.seq, r.c.collection, r.c.stix_id, r.c.version, r.c.at)
    query = select(*columns).where(_between(r, seq, until), _seen(r, sight)).order_by(r.c.seq).limit(limit)
    return [Change(row[0], "removed", *row[1:], body=None) for row in connection.execute(query).all()]


def _notices(connection: Connection, sight: Sight, seq: int, until: int, limit: int) -> list[Change]:
    n = notices
    query = select(n).where(_between(n, seq, until), n.c.member == sight.viewer).order_by(n.c.seq).limit(limit)
    return [Change(r.seq, r.kind, None, r.subject, None, r.at, r.body.encode()) for r in connection.execute(query)]


def _between(table: Any, seq: int, until: int) -> ColumnElement[bool]:
    places: ColumnElement[bool] = (table.c.seq > seq) & (table.c.seq <= until)
    return places


def _seen(table: Any, sight: Sight) -> ColumnElement[bool]:
    place: ColumnElement[bool] = table.c.collection.in_(sight.collections)
    return place & _in_audience(table, sight)


def _in_audience(table: Any, sight: Sight) -> ColumnElement[bool]:
    return true() if sight.audiences is None else or_(table.c.audience.in_(sight.audiences), table.c.owner == sight.viewer)
