"""What a hub of ours tells those who run it, at its URL: how much it holds, whom an object reached, how appeals go.

The connection's key must be an operator's; for any other the hub has no such addresses. ``beside`` is what they begin with: the
hub's own URL, or ``Place.beside``.
"""

from urllib.parse import quote

import msgspec

from stillwatch.sharing.exchange.connection import JSON, Connection


class Status(msgspec.Struct, frozen=True):
    """How much is in a hub; ``bytes`` of objects, ``by_collection`` object versions by the collection's id."""

    hub: str
    store: str
    members: int
    collections: int
    object_versions: int
    bytes: int
    revoked: int
    removed: int
    deliveries: int
    open_appeals: int
    ledger_entries: int
    by_collection: dict[str, int]


class Reached(msgspec.Struct, frozen=True):
    """What became of one object version for one member; times in RFC 3339, None for what did not happen; ``because``: why not."""

    collection: str
    version: str
    removed: bool
    member: str
    delivered: str | None
    how: str | None
    confirmed: str | None
    because: str | None


class Appeal(msgspec.Struct, frozen=True):
    """A case; ``outcome`` is ``upheld``, ``rejected``, or None while it is open."""

    id: str
    opened: str
    because: str
    objects: tuple[str, ...]
    outcome: str | None
    decided: str | None


class Course(msgspec.Struct, frozen=True):
    """A case's course at one member; durations in seconds since the case was opened."""

    member: str
    told: str | None
    confirmed: str | None
    answered: str | None
    seconds_to_confirm: float | None
    seconds_to_answer: float | None
    what: str | None


class AppealCourse(Appeal, frozen=True):
    """A case with its course at every member that was told."""

    members: tuple[Course, ...]


class _Traced(msgspec.Struct):
    reached: tuple[Reached, ...]


class _Appeals(msgspec.Struct):
    appeals: tuple[Appeal, ...]


def status(connection: Connection, beside: str) -> Status:
    """How much the hub holds. Raises NotThere for who is no operator, and what the connection raises."""
    return connection.get(f"{beside}operator/status/", accept=JSON).read(Status)


def trace(connection: Connection, beside: str, stix_id: str) -> tuple[Reached, ...]:
    """Whom an object reached, version by version. Raises NotThere if it is not and never was there, and as ``status``."""
    return connection.get(f"{beside}operator/traces/{quote(stix_id, safe='')}/", accept=JSON).read(_Traced).reached


def appeals(connection: Connection, beside: str) -> tuple[Appeal, ...]:
    """Every case, the first that was opened first. Raises as ``status``."""
    return connection.get(f"{beside}operator/appeals/", accept=JSON).read(_Appeals).appeals


def appeal(connection: Connection, beside: str, name: str) -> AppealCourse:
    """A case and the time that each member took. Raises NotThere if there is no such case, and as ``status``."""
    return connection.get(f"{beside}operator/appeals/{quote(name, safe='')}/", accept=JSON).read(AppealCourse)
