"""Registers: who may distil under a contract, and who evaluates models independently; each entry with an end.

An entry says what a member may hold against its own findings before it suspects anybody, or whom it must tell when it alters
responses.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from stillwatch.errors import UsageError
from stillwatch.hub.store.tables import registers


class Register(StrEnum):
    """The registers."""

    AUTHORISED_DISTILLATION = "authorised-distillation"
    EVALUATOR = "evaluator"


@dataclass(frozen=True)
class Entry:
    """One entry: ``holder`` and ``scope`` as the operator writes them; times in microseconds."""

    id: str
    register: Register
    holder: str
    scope: str
    valid_from: int
    valid_until: int
    ended: int | None = None

    def holds(self, now: int) -> bool:
        """Whether it is in force."""
        return self.valid_from <= now < self.valid_until and self.ended is None


def add(connection: Connection, register: Register, holder: str, scope: str, valid_from: int, valid_until: int) -> str:
    """Make an entry; its id. Raises UsageError if it ends before it begins."""
    if valid_from >= valid_until:
        raise UsageError("the entry ends before it begins", place=holder, cure="give an end that is later")
    name = f"entry--{uuid.uuid4()}"
    row = {"id": name, "kind": register.value, "holder": holder, "scope": scope}
    connection.execute(insert(registers).values(**row, valid_from=valid_from, valid_until=valid_until))
    return name


def end(connection: Connection, name: str, now: int) -> None:
    """End an entry before its time. Raises UsageError if there is none of this id."""
    ended = update(registers).where(registers.c.id == name, registers.c.ended.is_(None)).values(ended=now)
    if connection.execute(ended).rowcount == 0:
        raise UsageError("there is no such entry in force", place=name, cure="see `stillwatch hub register list`")


def entries(connection: Connection) -> Iterator[Entry]:
    """All entries, in the order in which they begin."""
    for row in connection.execute(select(registers).order_by(registers.c.valid_from, registers.c.id)):
        yield Entry(row.id, Register(row.kind), row.holder, row.scope, row.valid_from, row.valid_until, row.ended)
