"""Remarks in the database: written with the opinion or sighting that makes them, read within a scope like everything else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, true, update

from stillwatch.hub.standing.remark import AGAINST, Remark
from stillwatch.hub.store.objects import Scope
from stillwatch.hub.store.tables import objects, remarks


@dataclass(frozen=True)
class Standing:
    """A remark that stands: what it says, by whom (a member's number), in which object, since when (microseconds)."""

    kind: str
    value: str | None
    times: int | None
    owner: int
    source: str
    since: int


def add(connection: Connection, row: Mapping[str, Any], made: Iterable[Remark]) -> None:
    """Write down what a new object version remarks; ``row`` is its own.

    It takes the place of earlier versions of itself, and of the member's earlier opinions on the same object, for the same
    audience; who does not see the new word still hears the old one.
    """
    shared = {"seq": row["seq"], "collection": row["collection"], "source": row["stix_id"], "audience": row["audience"]}
    own = remarks.c.collection == row["collection"], remarks.c.owner == row["owner"], remarks.c.audience == row["audience"]
    connection.execute(update(remarks).where(*own, remarks.c.source == row["stix_id"]).values(withdrawn=True))
    for remark in made:
        if remark.kind == "opinion":
            earlier = remarks.c.target == remark.target, remarks.c.kind == "opinion"
            connection.execute(update(remarks).where(*own, *earlier).values(withdrawn=True))
        said = {"target": remark.target, "kind": remark.kind, "value": remark.value, "times": remark.times}
        connection.execute(insert(remarks).values(**shared, **said, owner=row["owner"], withdrawn=row["revoked"]))


def standing(connection: Connection, scope: Scope, target: str) -> list[Standing]:
    """The remarks on an object that are in scope, in the order in which they were made."""
    columns = (remarks.c.kind, remarks.c.value, remarks.c.times, remarks.c.owner, remarks.c.source, objects.c.date_added)
    query = select(*columns).join(objects, objects.c.seq == remarks.c.seq).where(_in(scope), remarks.c.target == target)
    return [Standing(*row) for row in connection.execute(query.order_by(remarks.c.seq)).all()]


def disputed(connection: Connection, scope: Scope, targets: Sequence[str]) -> set[str]:
    """Those of these objects that a standing opinion in scope is against."""
    against = select(remarks.c.target).where(_in(scope), remarks.c.target.in_(targets), remarks.c.value.in_(AGAINST))
    return {row.target for row in connection.execute(against)}


def any_against(connection: Connection) -> bool:
    """Whether any opinion at all is against anything."""
    return connection.execute(select(remarks.c.seq).where(remarks.c.value.in_(AGAINST)).limit(1)).first() is not None


def _in(scope: Scope) -> ColumnElement[bool]:
    seen = true() if scope.audiences is None else or_(remarks.c.audience.in_(scope.audiences), remarks.c.owner == scope.viewer)
    place: ColumnElement[bool] = remarks.c.collection == scope.collection
    return place & ~remarks.c.withdrawn & seen
