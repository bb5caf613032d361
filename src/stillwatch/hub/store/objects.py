"""Object versions: what a viewer sees of a collection, page by page, and what is added and removed.

Rules: everything is asked within a ``Scope``, and what is out of scope is not there: it is no newest version, no count, no gap.
Pages are in the order of ``date_added``, ascending (TAXII 2.1, 3.3). Newest and oldest are taken among what is in scope, of the
newest version of STIX unless the client names one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    true,
)

from stillwatch.hub.store import tables
from stillwatch.hub.taxii.filters import NEWEST, Filter, VersionMatch

_HEAD = (
    "seq",
    "stix_id",
    "type",
    "spec_version",
    "version",
    "date_added",
    "audience",
    "owner",
    "revoked",
    "cuts",
    "warned",
    "size",
)
_LISTS = frozenset({"audiences", "ids", "types", "spec_versions"})
_MOST_VALUES = 500
_MOST_LOOKED_AT = 4000
_ONE, _OTHER = tables.objects.alias("o"), tables.objects.alias("n")
_BODIES = select(tables.objects.c.seq, tables.objects.c.body).where(tables.objects.c.seq.in_(bindparam("seqs", expanding=True)))


@dataclass(frozen=True)
class Scope:
    """What a viewer sees of a collection: what has one of these audiences, and its own; an operator (None) everything."""

    collection: int
    audiences: Sequence[int] | None
    viewer: int


class Head(msgspec.Struct, frozen=True, gc=False):
    """An object version without its body; times in microseconds, ``size`` in bytes."""

    seq: int
    stix_id: str
    type: str
    spec_version: str
    version: str
    date_added: int
    audience: int
    owner: int
    revoked: bool
    cuts: str | None
    warned: str | None
    size: int


@dataclass(frozen=True)
class Page:
    """Part of what was asked for, and whether there is more."""

    heads: list[Head]
    more: bool


def page(connection: Connection, scope: Scope, asked: Filter, stix_id: str | None = None) -> Page:
    """The next object versions that were asked for, of one object if ``stix_id`` is given.

    Object versions are looked at in their order, so many at once, and each is kept if it is the one that is wanted of its object.
    In one query a planner that expects few to be kept would look at the whole collection first.
    """
    found: list[Head] = []
    after, looking = asked.after, asked.limit + 1
    while len(found) <= asked.limit:
        rows = _look(connection, scope, asked, stix_id, after, looking)
        found += (Head(*row[:-1]) for row in rows if row[-1])
        if len(rows) < looking:
            break
        after, looking = rows[-1].date_added, min(2 * looking, _MOST_LOOKED_AT)
    return Page(found[: asked.limit], len(found) > asked.limit)


def _look(connection: Connection, scope: Scope, asked: Filter, stix_id: str | None, after: int | None, count: int) -> Sequence[Any]:
    """What ``looked_at`` finds. Putting that query together costs more than asking it, so it is done once for each form."""
    if asked.version.keys:
        return connection.execute(looked_at(scope, asked, stix_id, after, count)).all()
    values = {
        "audiences": scope.audiences,
        "stix_id": stix_id,
        "after": after,
        "ids": asked.ids,
        "types": asked.types,
        "spec_versions": asked.spec_versions,
    }
    given = {name: value for name, value in values.items() if value is not None}
    always = {"collection": scope.collection, "viewer": scope.viewer, "count": count}
    return connection.execute(_prepared(frozenset(given), asked.version), {**always, **given}).all()


@lru_cache(maxsize=512)
def _prepared(given: frozenset[str], version: VersionMatch) -> Select[Any]:
    """``looked_at`` for the values of these names, which come later."""

    def value(name: str) -> Any:
        return bindparam(name, expanding=name in _LISTS) if name in given else None

    scope = Scope(_later("collection"), value("audiences"), _later("viewer"))
    asked = Filter(ids=value("ids"), types=value("types"), spec_versions=value("spec_versions"), version=version)
    return looked_at(scope, asked, value("stix_id"), value("after"), _later("count", Integer()))


def _later(name: str, kind: Integer | None = None) -> Any:
    """A value that comes when the query is asked."""
    return bindparam(name, type_=kind)


def looked_at(scope: Scope, asked: Filter, stix_id: str | None, after: int | None, count: int) -> Select[Any]:
    """The next so many that are asked for by everything but their version, and of each whether its version is wanted.

    What has a name is found by it: no index has the order of an expression, so none tempts a planner to go through all dates.
    """
    o = _ONE
    inside = select(*(o.c[name] for name in (*_HEAD, "collection", "version_key")))
    inside = inside.where(_visible(o, scope), _asked_for(o, scope, asked, stix_id))
    if after is not None:
        inside = inside.where(o.c.date_added > after)
    named = stix_id is not None or asked.ids is not None
    c = inside.order_by(o.c.date_added + 0 if named else o.c.date_added).limit(count).subquery("c")
    return select(*(c.c[name] for name in _HEAD), _wanted(c, scope, asked).label("wanted")).order_by(c.c.date_added)


def bodies(connection: Connection, seqs: Sequence[int]) -> dict[int, bytes]:
    """The bytes of object versions as they came, by ``seq``."""
    return {seq: body for part in _parts(seqs) for seq, body in connection.execute(_BODIES, {"seqs": list(part)}).all()}


def exists(connection: Connection, scope: Scope, stix_id: str) -> bool:
    """Whether any version of the object is in scope."""
    o = _ONE
    here = select(o.c.seq).where(_visible(o, scope), o.c.collection == scope.collection, o.c.stix_id == stix_id)
    return connection.execute(here.limit(1)).first() is not None


def known(connection: Connection, collection: int, ids: Iterable[str]) -> Iterator[Any]:
    """Every version that the collection has of these objects, whoever may see it: rows with what tells them apart."""
    o = tables.objects
    columns = (o.c.stix_id, o.c.spec_version, o.c.version_key, o.c.audience, o.c.owner, o.c.digest, o.c.date_added)
    for part in _parts(list(dict.fromkeys(ids))):
        yield from connection.execute(select(*columns).where(o.c.collection == collection, o.c.stix_id.in_(part)))


def dates_between(connection: Connection, collection: int, first: int, last: int) -> Iterator[int]:
    """The ``date_added`` that objects of a collection have in this span."""
    o = tables.objects
    query = select(o.c.date_added).where(o.c.collection == collection, o.c.date_added.between(first, last))
    return (row.date_added for row in connection.execute(query))


def marking_definitions(connection: Connection, owner: int, ids: Sequence[str], audiences: Sequence[int] | None) -> list[bytes]:
    """The newest bodies of marking definitions that a member has sent or may see, in whatever collection."""
    o = _ONE
    seen = true() if audiences is None else or_(o.c.audience.in_(audiences), o.c.owner == owner)
    query = select(o.c.body).where(o.c.stix_id.in_(ids), o.c.type == "marking-definition", seen).order_by(o.c.seq)
    return [row.body for row in connection.execute(query)]


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add object versions, each with all columns."""
    if rows:
        connection.execute(insert(tables.objects), rows)


def removable(connection: Connection, scope: Scope, asked: Filter, stix_id: str) -> list[Head]:
    """The versions of one object that a deletion with this filter means, of those in scope."""
    o = _ONE
    wanted = _wanted(o, scope, asked, any_spec_version=True)
    query = select(*(o.c[name] for name in _HEAD)).where(_visible(o, scope), _asked_for(o, scope, asked, stix_id), wanted)
    return [Head(*row) for row in connection.execute(query)]


def remove(connection: Connection, seqs: Sequence[int], places: Sequence[int], by: int, now: int) -> None:
    """Move object versions, without their bodies, to the removals; ``places`` are their numbers in the order of commits."""
    o = tables.objects
    kept = [column for column in o.c if column.name in tables.removals.c and column.name != "seq"]
    for seq, place in zip(seqs, places, strict=True):
        row = connection.execute(select(*kept).where(o.c.seq == seq)).one()
        connection.execute(insert(tables.removals).values(seq=place, removed=seq, at=now, by=by, **row._mapping))
        connection.execute(delete(o).where(o.c.seq == seq))


def _visible(o: FromClause, scope: Scope) -> ColumnElement[bool]:
    return true() if scope.audiences is None else or_(o.c.audience.in_(scope.audiences), o.c.owner == scope.viewer)


def _asked_for(o: FromClause, scope: Scope, asked: Filter, stix_id: str | None) -> ColumnElement[bool]:
    """What can be said of an object version by itself."""
    terms: list[ColumnElement[bool]] = [o.c.collection == scope.collection]
    if stix_id is not None:
        terms.append(o.c.stix_id == stix_id)
    if asked.after is not None:
        terms.append(o.c.date_added > asked.after)
    if asked.ids is not None:
        terms.append(o.c.stix_id.in_(asked.ids))
    if asked.types is not None:
        terms.append(o.c.type.in_(asked.types))
    if asked.spec_versions is not None:
        terms.append(o.c.spec_version.in_(asked.spec_versions))
    return and_(*terms)


def _wanted(o: FromClause, scope: Scope, asked: Filter, *, any_spec_version: bool = False) -> ColumnElement[bool]:
    """Whether it is, among the versions of its object that are in scope, one that is asked for."""
    terms: list[ColumnElement[bool]] = [true()]
    if asked.spec_versions is None and asked.version != NEWEST and not any_spec_version:
        n = _OTHER
        terms.append(o.c.spec_version == select(func.max(n.c.spec_version)).where(_same(n, o, scope)).scalar_subquery())
    if not asked.version.every:
        terms.append(or_(*_chosen(o, scope, asked)))
    return and_(*terms)


def _chosen(o: FromClause, scope: Scope, asked: Filter) -> Iterator[ColumnElement[bool]]:
    if asked.version.keys:
        yield o.c.version_key.in_(asked.version.keys)
    n = _OTHER
    same = _same(n, o, scope) if asked.spec_versions is None else and_(_same(n, o, scope), n.c.spec_version == o.c.spec_version)
    if asked.version.last:
        newest = n.c.spec_version.desc(), n.c.version_key.desc(), n.c.date_added.desc()
        yield o.c.seq == select(n.c.seq).where(same).order_by(*newest).limit(1).scalar_subquery()
    if asked.version.first:
        same = and_(same, n.c.spec_version == o.c.spec_version)
        oldest = n.c.version_key, n.c.date_added
        yield o.c.seq == select(n.c.seq).where(same).order_by(*oldest).limit(1).scalar_subquery()


def _same(n: FromClause, o: FromClause, scope: Scope) -> ColumnElement[bool]:
    """Other versions of the same object, in scope."""
    return and_(n.c.collection == o.c.collection, n.c.stix_id == o.c.stix_id, _visible(n, scope))


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """So many at a time that no database has too many parameters in a query."""
    return (values[start : start + _MOST_VALUES] for start in range(0, len(values), _MOST_VALUES))
