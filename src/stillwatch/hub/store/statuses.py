"""Statuses of requests to add objects (TAXII 2.1, 4.3), kept for KEPT_DAYS as the bytes that the member got."""

from sqlalchemy import Connection, delete, insert, select

from stillwatch.hub.store.tables import statuses

KEPT_DAYS = 30
_DAY = 86_400_000_000


def add(connection: Connection, name: str, api_root: str, member: int, now: int, body: bytes) -> None:
    """Keep a status, and let go of those that are past their time."""
    connection.execute(delete(statuses).where(statuses.c.at < now - KEPT_DAYS * _DAY))
    connection.execute(insert(statuses).values(id=name, api_root=api_root, member=member, at=now, body=body))


def find(connection: Connection, name: str, api_root: str, member: int | None) -> bytes | None:
    """A status; None if there is none of this name here, or it is another's and ``member`` is no operator (None)."""
    query = select(statuses.c.body).where(statuses.c.id == name, statuses.c.api_root == api_root)
    if member is not None:
        query = query.where(statuses.c.member == member)
    return connection.execute(query).scalar()
