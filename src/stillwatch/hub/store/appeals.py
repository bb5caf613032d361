"""Appeals in the database: cases, the objects that they are about, and what members answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from stillwatch.errors import UsageError
from stillwatch.hub.store.tables import appeal_answers, appeal_objects, appeals


@dataclass(frozen=True)
class Appeal:
    """A case; times in microseconds. ``outcome`` is ``upheld``, ``rejected``, or None while it is open."""

    id: str
    opened: int
    because: str
    decided: int | None
    outcome: str | None
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What a member did about a case, and when."""

    member: int
    at: int
    what: str


def open_case(connection: Connection, name: str, objects: Sequence[str], because: str, now: int) -> None:
    """Write down a new case."""
    connection.execute(insert(appeals).values(id=name, opened=now, because=because))
    connection.execute(insert(appeal_objects), [{"appeal": name, "stix_id": stix_id} for stix_id in dict.fromkeys(objects)])


def find(connection: Connection, name: str) -> Appeal:
    """A case. Raises UsageError if there is none of this id."""
    row = connection.execute(select(appeals).where(appeals.c.id == name)).first()
    if row is None:
        raise UsageError("there is no such case", place=name, cure="see `stillwatch hub appeal list`")
    about = connection.execute(select(appeal_objects.c.stix_id).where(appeal_objects.c.appeal == name)).scalars()
    return Appeal(row.id, row.opened, row.because, row.decided, row.outcome, tuple(sorted(about)))


def all_cases(connection: Connection) -> list[Appeal]:
    """Every case, in the order in which they were opened."""
    names = connection.execute(select(appeals.c.id).order_by(appeals.c.opened, appeals.c.id)).scalars().all()
    return [find(connection, name) for name in names]


def decide(connection: Connection, name: str, outcome: str, now: int) -> None:
    """Decide an open case. Raises UsageError if it is decided already."""
    if find(connection, name).outcome is not None:
        raise UsageError("the case is decided already", place=name, cure="open a new one if there is something new")
    connection.execute(update(appeals).where(appeals.c.id == name).values(decided=now, outcome=outcome))


def state_of(connection: Connection, stix_id: str) -> str | None:
    """``open``, ``upheld`` or ``rejected`` by the last case about an object; None if there is none."""
    about = appeals.join(appeal_objects, appeal_objects.c.appeal == appeals.c.id)
    query = select(appeals.c.outcome).select_from(about).where(appeal_objects.c.stix_id == stix_id)
    row = connection.execute(query.order_by(appeals.c.opened.desc(), appeals.c.id).limit(1)).first()
    return (row.outcome or "open") if row else None


def answer(connection: Connection, name: str, made: Answer) -> None:
    """Write down what a member did."""
    connection.execute(insert(appeal_answers).values(appeal=name, member=made.member, at=made.at, what=made.what))


def answers(connection: Connection, name: str) -> list[Answer]:
    """What members did about a case, first things first."""
    a = appeal_answers
    return [
        Answer(*row) for row in connection.execute(select(a.c.member, a.c.at, a.c.what).where(a.c.appeal == name).order_by(a.c.at))
    ]
