"""The profiles of actors as they are kept, each with a version of its own."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select

from stillwatch.attribution.actor import Actor
from stillwatch.case.failures import Conflict, Damaged
from stillwatch.case.store.tables import actors
from stillwatch.errors import NoReadableInput


def everyone(connection: Connection) -> list[Actor]:
    """All profiles, the earliest first."""
    return [_actor(row.profile, row.id) for row in connection.execute(select(actors).order_by(actors.c.first_seen, actors.c.id))]


def actor(connection: Connection, actor_id: str) -> tuple[Actor, int]:
    """A profile with its version. Raises NoReadableInput if there is none."""
    row = connection.execute(select(actors).where(actors.c.id == actor_id)).first()
    if row is None:
        cure = "see `stillwatch case attribute actors`"
        raise NoReadableInput("there is no such network", place=actor_id, cure=cure)
    return _actor(row.profile, row.id), row.version


def put(connection: Connection, changed: Actor, expected: int | None) -> None:
    """Keep a profile, new or in place of the one with its id. Raises Conflict."""
    row = connection.execute(select(actors.c.version).where(actors.c.id == changed.id)).first()
    if row is not None and expected is not None and row.version != expected:
        raise Conflict(changed.id, seen=expected, now=row.version, last="another change of the profile")
    values = {"first_seen": changed.first_seen, "profile": msgspec.json.encode(changed)}
    if row is None:
        connection.execute(actors.insert().values(id=changed.id, version=1, **values))
    else:
        connection.execute(actors.update().where(actors.c.id == changed.id).values(version=row.version + 1, **values))


def drop(connection: Connection, gone: Iterable[str]) -> None:
    """Remove profiles that went into others, which keep their ids as former ones."""
    connection.execute(actors.delete().where(actors.c.id.in_(list(gone))))


def _actor(content: bytes, name: str) -> Actor:
    try:
        return msgspec.json.decode(content, type=Actor)
    except msgspec.DecodeError as error:
        raise Damaged(f"the profile cannot be read ({error})", place=name, cure="go back to a copy of the store") from error
