"""Keeping and deleting: litigation holds, the time of retention, the purge.

Rules: a hold stops every deletion of its case, of every case that this one took in, and of the case that took it in; a hold on
everything stops all. A purge takes closed and reversed cases whose time is over, whole groups of merged cases at once, and leaves
one row each.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from stillwatch.case.case import Case, Hold, Purged
from stillwatch.case.store import journal, register
from stillwatch.case.store.tables import (
    account_rows,
    actions,
    assessments,
    attachments,
    cases,
    comments,
    decisions,
    holds,
    purged,
    snapshots,
    traits,
)


def place(connection: Connection, case: int | None, by: str, now: str, reason: str) -> int:
    """A new hold; its id."""
    made = connection.execute(holds.insert().values(case=case, by=by, at=now, reason=reason)).inserted_primary_key
    assert made is not None
    return int(made[0])


def lift(connection: Connection, hold: int, by: str, now: str, reason: str) -> None:
    """Lift a hold that stands."""
    values = {"lifted_by": by, "lifted_at": now, "lift_reason": reason}
    connection.execute(holds.update().where(holds.c.id == hold).values(**values))


def hold(connection: Connection, number: int) -> Hold | None:
    """The hold with this id."""
    row = connection.execute(select(holds).where(holds.c.id == number)).first()
    return None if row is None else Hold(**row._mapping)


def of_cases(connection: Connection, numbers: Sequence[int] | None) -> list[Hold]:
    """All holds on these cases and on everything, those that were lifted too; all there are if no cases are named."""
    wanted = select(holds).order_by(holds.c.id)
    if numbers is not None:
        wanted = wanted.where(holds.c.case.is_(None) | holds.c.case.in_(numbers))
    return [Hold(**row._mapping) for row in connection.execute(wanted)]


def due(connection: Connection, now: str) -> list[Case]:
    """Cases whose time of retention is over, held or not; those that were merged go with the one that took them in."""
    wanted = register.query().where(cases.c.retain_until < now, cases.c.merged_into.is_(None)).order_by(cases.c.number)
    return [register.case_of(row) for row in connection.execute(wanted)]


def delete(connection: Connection, case: Case, by: str, now: str, reason: str) -> Purged:
    """Delete a case with all that belongs to it; its row in ``purged`` stays."""
    number = case.number
    last = journal.last(connection, number)
    ids = list(connection.scalars(select(snapshots.c.campaign_id).where(snapshots.c.case == number).distinct()))
    left = Purged(number, sorted(ids), by, now, reason, last.place if last else 0, last.digest if last else "")
    shots = select(snapshots.c.id).where(snapshots.c.case == number)
    for table in (traits, account_rows):
        connection.execute(table.delete().where(table.c.snapshot.in_(shots)))
    for table in (snapshots, comments, attachments, decisions, assessments, holds, actions):
        connection.execute(table.delete().where(table.c.case == number))
    connection.execute(cases.delete().where(cases.c.number == number))
    row = msgspec.structs.asdict(left) | {"campaign_ids": msgspec.json.encode(left.campaign_ids).decode()}
    connection.execute(purged.insert().values(**row))
    return left


def gone(connection: Connection) -> list[Purged]:
    """What is left of deleted cases."""
    rows = connection.execute(select(purged).order_by(purged.c.number))
    return [Purged(**{**row._mapping, "campaign_ids": msgspec.json.decode(row.campaign_ids)}) for row in rows]
