"""Appeals: one case for who was wrongly flagged, carried to every member that received the objects, with the time each took.

Rules: the case names objects, never the person. Its text is examined by the guard like everything that crosses the border. Every
member that was handed any version of an object gets a notice in its feed when the case is opened and when it is decided; so does
a member to which an object is delivered while the case is open, when it is decided. What to do about it, each member decides
alone, and may say.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, insert, select

from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.hub.hub import Hub
from stillwatch.hub.store import appeals, counter, deliveries
from stillwatch.hub.store.appeals import Answer, Appeal
from stillwatch.hub.store.tables import notices, objects, removals
from stillwatch.hub.timestamps import moment, written
from stillwatch.sharing.guard.guard import Guard

OUTCOMES = ("upheld", "rejected")
_PROBE = "note--00000000-0000-4000-8000-000000000000"


class Notice(msgspec.Struct, omit_defaults=True):
    """What a member is told about a case: the objects that it received, why, and what was decided."""

    appeal: str
    state: str
    objects: list[str]
    because: str


@dataclass(frozen=True)
class Course:
    """A case's course at one member; times as TAXII writes them, durations in seconds since the case was opened."""

    member: str
    told: str | None
    confirmed: str | None
    answered: str | None
    seconds_to_confirm: float | None
    seconds_to_answer: float | None
    what: str | None


def open_appeal(hub: Hub, guard: Guard, stix_ids: Sequence[str], because: str, by: str, now: int) -> str:
    """Open a case about objects that are or were here; its id.

    Raises UsageError for others, RefusedByPolicy for a text that may not cross the border.
    """
    _refuse_text(guard, because)
    hub.deliveries.flush()
    name = f"appeal--{uuid.uuid4()}"
    with hub.database.writing() as connection:
        for stix_id in stix_ids:
            if not _seqs(connection, stix_id):
                raise UsageError("no such object is or was here", place=stix_id, cure="name the id of an object that was added")
        appeals.open_case(connection, name, stix_ids, because, now)
        _tell(connection, appeals.find(connection, name), "open", now)
        hub.ledger.append("appeal", name, {"objects": list(stix_ids), "state": "open"}, by, moment(now))
    return name


def decide_appeal(hub: Hub, name: str, outcome: str, by: str, now: int) -> None:
    """Decide a case and tell everybody who received its objects. Raises UsageError."""
    hub.deliveries.flush()
    with hub.database.writing() as connection:
        appeals.decide(connection, name, outcome, now)
        _tell(connection, appeals.find(connection, name), outcome, now)
        hub.ledger.append("appeal", name, {"state": outcome}, by, moment(now))


def answer_appeal(hub: Hub, name: str, member: int, what: str, now: int) -> bool:
    """Write down what a member did; false if it was told of no such case."""
    with hub.database.writing() as connection:
        told = select(notices.c.seq).where(notices.c.member == member, notices.c.subject == name).limit(1)
        if connection.execute(told).first() is None:
            return False
        appeals.answer(connection, name, Answer(member, now, what))
    return True


def course(hub: Hub, name: str) -> tuple[Appeal, list[Course]]:
    """A case and its course at every member that was told. Raises UsageError."""
    hub.deliveries.flush()
    members = hub.directory().members
    with hub.database.reading() as connection:
        case = appeals.find(connection, name)
        answers = {made.member: made for made in reversed(appeals.answers(connection, name))}
        query = select(notices.c.seq, notices.c.member).where(notices.c.subject == name).order_by(notices.c.seq)
        first = {member: seq for seq, member in reversed(connection.execute(query).all())}
        return case, [_course(connection, case, members[m].name, m, seq, answers.get(m)) for m, seq in sorted(first.items())]


def _course(connection: Connection, case: Appeal, name: str, member: int, seq: int, answer: Answer | None) -> Course:
    told = deliveries.first_deliveries(connection, seq).get(member)
    confirmed = deliveries.confirmations(connection, seq).get(member)
    return Course(
        name,
        written(told.at) if told else None,
        written(confirmed) if confirmed else None,
        written(answer.at) if answer else None,
        (confirmed - case.opened) / 1e6 if confirmed else None,
        (answer.at - case.opened) / 1e6 if answer else None,
        answer.what if answer else None,
    )


def _tell(connection: Connection, case: Appeal, state: str, now: int) -> None:
    """A notice to every member that received one of the objects, about those that it received."""
    numbers = counter.take(connection)
    for member, received in sorted(_recipients(connection, case.objects).items()):
        body = msgspec.json.encode(Notice(case.id, state, received, case.because)).decode()
        row = {"seq": numbers.next_seq(), "at": now, "member": member, "kind": "appeal", "subject": case.id, "body": body}
        connection.execute(insert(notices).values(row))
    numbers.changed()
    counter.save(connection, numbers)


def _recipients(connection: Connection, stix_ids: Iterable[str]) -> dict[int, list[str]]:
    """The members that were handed any version of these objects, and their contributors, with the objects."""
    found: dict[int, list[str]] = {}
    for stix_id in stix_ids:
        members: set[int] = set()
        for seq, owner in _seqs(connection, stix_id):
            members |= {owner, *deliveries.first_deliveries(connection, seq)}
        for member in members:
            found.setdefault(member, []).append(stix_id)
    return found


def _seqs(connection: Connection, stix_id: str) -> list[tuple[int, int]]:
    """Every version that is or was here, with its contributor."""
    here = select(objects.c.seq, objects.c.owner).where(objects.c.stix_id == stix_id)
    gone = select(removals.c.removed, removals.c.owner).where(removals.c.stix_id == stix_id)
    return [(seq, owner) for query in (here, gone) for seq, owner in connection.execute(query).all()]


def _refuse_text(guard: Guard, text: str) -> None:
    """Raises RefusedByPolicy for a text that the guard would not let pass in a note."""
    ruling = guard.examine({"type": "note", "id": _PROBE, "content": text, "object_refs": [_PROBE]})
    broken = [reason for reason in ruling.against if reason.path == "content"]
    if broken:
        cure = "say what is wrong with the objects without naming anybody or anything of anybody's business"
        raise RefusedByPolicy(f"{broken[0].why} [{broken[0].rule}]", place="the case's text", cure=cure)
