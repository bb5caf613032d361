"""Warning lists in the database: replaced whole, one list at a time; what is here already is held against them anew."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from stillwatch.hub.standing.warning import WarningLists
from stillwatch.hub.store.tables import counter, objects, warning_lists

WARNED_TYPES = ("indicator", "infrastructure", "ipv4-addr", "ipv6-addr", "domain-name")
"""The types of objects that are held against the lists."""


def read(connection: Connection) -> WarningLists:
    """All lists."""
    return WarningLists((row.name, row.entry) for row in connection.execute(select(warning_lists)))


def sizes(connection: Connection) -> dict[str, int]:
    """How many entries each list has."""
    names = [row.name for row in connection.execute(select(warning_lists.c.name).order_by(warning_lists.c.name))]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def replace(connection: Connection, name: str, entries: Iterable[str]) -> int:
    """Put a list in place of what bore its name (an empty one takes it away); how many objects are marked differently now."""
    connection.execute(delete(warning_lists).where(warning_lists.c.name == name))
    if rows := [{"name": name, "entry": entry} for entry in dict.fromkeys(entries)]:
        connection.execute(insert(warning_lists), rows)
    connection.execute(update(counter).values(lists=counter.c.lists + 1, generation=counter.c.generation + 1))
    return _mark_anew(connection, read(connection))


def _mark_anew(connection: Connection, lists: WarningLists) -> int:
    changed = 0
    query = select(objects.c.seq, objects.c.body, objects.c.warned).where(objects.c.type.in_(WARNED_TYPES))
    for seq, body, before in connection.execute(query).all():
        now = marked(lists, msgspec.json.decode(body))
        if now != before:
            connection.execute(update(objects).where(objects.c.seq == seq).values(warned=now))
            changed += 1
    return changed


def marked(lists: WarningLists, value: dict[str, object]) -> str | None:
    """The lists that an object stands on, as they are kept with it."""
    names = lists.named_for(value) if lists and value.get("type") in WARNED_TYPES else []
    return msgspec.json.encode(names).decode() if names else None
