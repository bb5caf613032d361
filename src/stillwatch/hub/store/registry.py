"""The registry: what the operators administer, read as a directory and written one change at a time.

Rules: each change is one write and counts up the directory's generation, so that every server process notices. A name that is
taken, or that nobody has, is an error that says so. Nothing here is deleted: members are suspended, keys revoked.
"""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from stillwatch.errors import UsageError
from stillwatch.hub.access import audience
from stillwatch.hub.access.api_key import MadeKey, make_key
from stillwatch.hub.access.directory import ApiRoot, Collection, Directory
from stillwatch.hub.access.member import ApiKey, Member, Role
from stillwatch.hub.store import counter, remarks, tables
from stillwatch.sharing.stix.tlp import TLP

EVERYONE = "everyone"


def found(connection: Connection, title: str, now: int) -> None:
    """Begin a hub in empty tables: its name, its secret, its counter."""
    secret = secrets.token_bytes(32)
    connection.execute(insert(tables.hub).values(id=1, title=title, signing_secret=secret, founded=now))
    connection.execute(insert(tables.counter).values(id=1, seq=0, date_added=0, generation=1, lists=0))


def is_founded(connection: Connection) -> bool:
    """Whether there is a hub."""
    return connection.execute(select(tables.hub.c.id)).first() is not None


def read_directory(connection: Connection) -> Directory:
    """Everything as it stands."""
    state = connection.execute(select(tables.counter)).one()
    hub = connection.execute(select(tables.hub)).one()
    return Directory(
        generation=state.generation,
        lists=state.lists,
        disputes=remarks.any_against(connection),
        title=hub.title,
        description=hub.description,
        contact=hub.contact,
        signing_secret=hub.signing_secret,
        roots={row.name: ApiRoot(*row) for row in connection.execute(select(tables.api_roots))},
        members={member.id: member for member in _members(connection)},
        keys={key.id: key for key in _keys(connection)},
        groups={row.id: row.name for row in connection.execute(select(tables.groups))},
        collections=tuple(_collections(connection)),
        audiences={row.id: audience.from_terms(row.terms) for row in connection.execute(select(tables.audiences))},
    )


def add_root(connection: Connection, root: ApiRoot) -> None:
    """Add an API root."""
    _refuse_taken(connection, tables.api_roots, root.name, "API root")
    connection.execute(insert(tables.api_roots).values(root.__dict__))
    _changed(connection)


def add_member(connection: Connection, name: str, role: Role, identity: str | None, now: int) -> int:
    """Add a member; its number."""
    _refuse_taken(connection, tables.members, name, "member")
    row = insert(tables.members).values(name=name, role=role.value, identity=identity, joined=now)
    made = connection.execute(row.returning(tables.members.c.id)).scalar_one()
    _changed(connection)
    return int(made)


def suspend_member(connection: Connection, name: str, now: int | None) -> None:
    """Shut a member out from ``now`` on, or let it in again (None)."""
    number = member_number(connection, name)
    connection.execute(update(tables.members).where(tables.members.c.id == number).values(suspended=now))
    _changed(connection)


def add_group(connection: Connection, name: str) -> None:
    """Add a sharing group without members."""
    _refuse_taken(connection, tables.groups, name, "group")
    connection.execute(insert(tables.groups).values(name=name))
    _changed(connection)


def join_group(connection: Connection, group: str, member: str) -> None:
    """Put a member into a group; once is enough."""
    pair = {"group_id": _number(connection, tables.groups, group, "group"), "member_id": member_number(connection, member)}
    inside = select(tables.group_members).filter_by(**pair)
    if connection.execute(inside).first() is None:
        connection.execute(insert(tables.group_members).values(pair))
    _changed(connection)


def leave_group(connection: Connection, group: str, member: str) -> None:
    """Take a member out of a group."""
    pair = {"group_id": _number(connection, tables.groups, group, "group"), "member_id": member_number(connection, member)}
    connection.execute(tables.group_members.delete().filter_by(**pair))
    _changed(connection)


@dataclass(frozen=True)
class NewCollection:
    """A collection to be made; ``readers`` and ``writers`` as ``everyone``, ``group:NAME``, ``member:NAME``."""

    title: str
    api_root: str
    alias: str | None = None
    description: str | None = None
    id: str | None = None
    spec_versions: tuple[str, ...] = ("2.1",)
    guarded: bool = True
    unmarked: TLP = TLP.RED
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()


def add_collection(connection: Connection, new: NewCollection) -> str:
    """Make a collection; its id. Raises UsageError for a name that is taken, or an API root, reader or writer that is not."""
    _number(connection, tables.api_roots, new.api_root, "API root")
    name = new.id or str(uuid.uuid4())
    for taken in filter(None, (new.alias, name)):
        _refuse_taken_place(connection, new.api_root, taken)
    row = insert(tables.collections).values(
        id=name,
        api_root=new.api_root,
        alias=new.alias,
        title=new.title,
        description=new.description,
        spec_versions=",".join(new.spec_versions),
        receipt="guarded" if new.guarded else "open",
        unmarked=new.unmarked.value,
    )
    number = connection.execute(row.returning(tables.collections.c.number)).scalar_one()
    for subject in dict.fromkeys((*new.readers, *new.writers)):
        grant(connection, number, subject, may_read=subject in new.readers, may_write=subject in new.writers)
    return name


def grant(connection: Connection, collection: int, subject: str, *, may_read: bool, may_write: bool) -> None:
    """Say what a subject (``everyone``, ``group:NAME``, ``member:NAME``) may do with a collection, from now on."""
    place = {"collection": collection, "subject": _subject(connection, subject)}
    connection.execute(tables.rights.delete().filter_by(**place))
    if may_read or may_write:
        connection.execute(insert(tables.rights).values(**place, may_read=may_read, may_write=may_write))
    _changed(connection)


def add_key(connection: Connection, member: str, now: int, *, may_write: bool, label: str | None, expires: int | None) -> MadeKey:
    """Make a key for a member; its text is in the answer and nowhere else."""
    made = make_key()
    row = {"id": made.id, "digest": made.digest, "may_write": may_write, "label": label, "made": now, "expires": expires}
    connection.execute(insert(tables.api_keys).values(member_id=member_number(connection, member), **row))
    _changed(connection)
    return made


def revoke_key(connection: Connection, key: str, now: int) -> None:
    """End a key at once. Raises UsageError if there is no such key."""
    ended = update(tables.api_keys).where(tables.api_keys.c.id == key).values(revoked=now)
    if connection.execute(ended).rowcount == 0:
        raise UsageError("there is no such key", place=key, cure="see `stillwatch hub key list`")
    _changed(connection)


def member_number(connection: Connection, name: str) -> int:
    """The number of a member. Raises UsageError if there is none of that name."""
    return int(_number(connection, tables.members, name, "member"))


def called(connection: Connection, subject: str) -> list[int]:
    """The numbers of the members that ``everyone``, ``group:NAME`` or ``member:NAME`` calls. Raises UsageError."""
    kind, _, number = _subject(connection, subject).partition(":")
    if kind == "member":
        return [int(number)]
    inside = tables.group_members.c
    query = select(inside.member_id).where(inside.group_id == int(number)) if kind == "group" else select(tables.members.c.id)
    return list(connection.execute(query).scalars())


def collection_number(connection: Connection, name: str) -> int:
    """The number of the collection with this id or alias. Raises UsageError if there is none, or several bear the alias."""
    held = tables.collections
    found = connection.execute(select(held.c.number).where((held.c.id == name) | (held.c.alias == name))).all()
    if len(found) != 1:
        cure = "see `stillwatch hub collection list`, and name it by its id"
        raise UsageError("no collection, or more than one, answers to this name", place=name, cure=cure)
    return int(found[0][0])


def audience_numbers(connection: Connection, wanted: Iterable[audience.Audience], numbers: counter.Numbers) -> dict[str, int]:
    """The numbers of these audiences by their terms; new ones are added."""
    texts = list(dict.fromkeys(map(audience.terms, wanted)))
    known = connection.execute(select(tables.audiences.c.terms, tables.audiences.c.id).where(tables.audiences.c.terms.in_(texts)))
    found = {row.terms: row.id for row in known}
    for text in texts:
        if text not in found:
            row = insert(tables.audiences).values(terms=text).returning(tables.audiences.c.id)
            found[text] = connection.execute(row).scalar_one()
            numbers.changed()
    return found


def _members(connection: Connection) -> Iterable[Member]:
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for row in connection.execute(select(tables.group_members)):
        groups[row.member_id].add(row.group_id)
    for row in connection.execute(select(tables.members).order_by(tables.members.c.id)):
        yield Member(row.id, row.name, Role(row.role), row.identity, frozenset(groups[row.id]), row.suspended is not None)


def _keys(connection: Connection) -> Iterable[ApiKey]:
    for row in connection.execute(select(tables.api_keys)):
        yield ApiKey(row.id, row.member_id, row.digest, row.may_write, row.label, row.expires, row.revoked is not None)


def _collections(connection: Connection) -> Iterable[Collection]:
    rights: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select(tables.rights)):
        rights[row.collection].append(row)
    for row in connection.execute(select(tables.collections).order_by(tables.collections.c.number)):
        yield Collection(
            number=row.number,
            id=row.id,
            api_root=row.api_root,
            alias=row.alias,
            title=row.title,
            description=row.description,
            spec_versions=tuple(row.spec_versions.split(",")),
            guarded=row.receipt == "guarded",
            unmarked=TLP(row.unmarked),
            readers=frozenset(right.subject for right in rights[row.number] if right.may_read),
            writers=frozenset(right.subject for right in rights[row.number] if right.may_write),
        )


def _subject(connection: Connection, text: str) -> str:
    """``group:NAME`` as ``group:ID``, likewise for a member."""
    kind, _, name = text.partition(":")
    if text == EVERYONE:
        return text
    if kind not in ("group", "member"):
        cure = "write everyone, group:NAME or member:NAME"
        raise UsageError(f"this names no reader or writer: {text!r}", place="collection", cure=cure)
    return f"{kind}:{_number(connection, tables.groups if kind == 'group' else tables.members, name, kind)}"


def _number(connection: Connection, table: Table, name: str, what: str) -> Any:
    row: Sequence[Any] | None = connection.execute(select(*table.primary_key.columns).where(table.c.name == name)).first()
    if row is None:
        raise UsageError(f"there is no {what} of this name", place=name, cure=f"see `stillwatch hub {what.split()[-1]} list`")
    return row[0]


def _refuse_taken(connection: Connection, table: Table, name: str, what: str) -> None:
    if connection.execute(select(table.c.name).where(table.c.name == name)).first():
        raise UsageError(f"there is a {what} of this name already", place=name, cure="choose another name")


def _refuse_taken_place(connection: Connection, root: str, name: str) -> None:
    """Within an API root no collection answers to another's id or alias (TAXII 2.1, 5.2)."""
    held = tables.collections
    here = select(held.c.id).where(held.c.api_root == root, (held.c.alias == name) | (held.c.id == name))
    if connection.execute(here).first() or connection.execute(select(held.c.id).where(held.c.id == name)).first():
        raise UsageError("a collection answers to this name already", place=name, cure="choose another id or alias")


def _changed(connection: Connection) -> None:
    connection.execute(update(tables.counter).values(generation=tables.counter.c.generation + 1))
