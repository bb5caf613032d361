"""Counts for those who run the hub."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from stillwatch.hub.store.tables import appeals, collections, deliveries, objects, removals


@dataclass(frozen=True)
class Census:
    """How much is in the hub: object versions by collection (its id), bytes of them, and what happened."""

    versions: Mapping[str, int]
    bytes: int
    revoked: int
    removed: int
    deliveries: int
    open_appeals: int


def count(connection: Connection) -> Census:
    """Count everything; costs one pass over the objects."""
    inside = select(collections.c.id, func.count(objects.c.seq)).outerjoin(objects, objects.c.collection == collections.c.number)
    versions = {str(row[0]): int(row[1]) for row in connection.execute(inside.group_by(collections.c.id))}
    size = connection.execute(select(func.coalesce(func.sum(objects.c.size), 0))).scalar_one()
    revoked = connection.execute(select(func.count()).select_from(objects).where(objects.c.revoked)).scalar_one()
    removed = connection.execute(select(func.count()).select_from(removals)).scalar_one()
    delivered = connection.execute(select(func.count()).select_from(deliveries)).scalar_one()
    waiting = connection.execute(select(func.count()).select_from(appeals).where(appeals.c.outcome.is_(None))).scalar_one()
    return Census(versions, int(size), revoked, removed, delivered, waiting)
