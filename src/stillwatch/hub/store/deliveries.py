"""Deliveries and receipts: what was handed to whom when, and what members confirmed.

Rules: an answer with objects is one row; the numbers of its objects are kept as ranges. What a member got earlier stays the first
delivery, however often it fetches again.

>>> ranges([7, 1, 2, 3]), contains("1-3,7", 2), contains("1-3,7", 5)
('1-3,7', True, False)
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from stillwatch.hub.store.tables import deliveries, receipts


@dataclass(frozen=True)
class Delivery:
    """Objects that a member got in one answer, by their ``seq``, at a time in microseconds, from an end point."""

    member: int
    at: int
    how: str
    seqs: tuple[int, ...]


@dataclass(frozen=True)
class FirstDelivery:
    """When and how a member first got something."""

    at: int
    how: str


def ranges(seqs: Iterable[int]) -> str:
    """Numbers as ranges, ascending."""
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in _runs(sorted(set(seqs))))


def contains(text: str, seq: int) -> bool:
    """Whether a number is in ranges."""
    bounds = (part.partition("-") for part in text.split(","))
    return any(int(first) <= seq <= int(last or first) for first, _, last in bounds)


def add(connection: Connection, made: Sequence[Delivery]) -> None:
    """Write deliveries down."""
    rows = [
        {
            "member": one.member,
            "at": one.at,
            "how": one.how,
            "first_seq": min(one.seqs),
            "last_seq": max(one.seqs),
            "seqs": ranges(one.seqs),
        }
        for one in made
        if one.seqs
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def first_deliveries(connection: Connection, seq: int) -> dict[int, FirstDelivery]:
    """By member: when it first got this object version."""
    d = deliveries
    covering = select(d.c.member, d.c.at, d.c.how, d.c.seqs).where(d.c.first_seq <= seq, d.c.last_seq >= seq).order_by(d.c.at)
    found: dict[int, FirstDelivery] = {}
    for row in connection.execute(covering):
        if row.member not in found and contains(row.seqs, seq):
            found[row.member] = FirstDelivery(row.at, row.how)
    return found


def last_fetches(connection: Connection) -> dict[int, int]:
    """By member: when it last got anything."""
    return dict(connection.execute(select(deliveries.c.member, func.max(deliveries.c.at)).group_by(deliveries.c.member)).all())


def confirm(connection: Connection, member: int, seq: int, now: int) -> None:
    """Write down that a member has taken in everything up to ``seq``."""
    connection.execute(insert(receipts).values(member=member, seq=seq, at=now))


def confirmations(connection: Connection, seq: int) -> dict[int, int]:
    """By member: when it first confirmed a change at or after ``seq``."""
    query = select(receipts.c.member, func.min(receipts.c.at)).where(receipts.c.seq >= seq).group_by(receipts.c.member)
    return dict(connection.execute(query).all())


def _runs(seqs: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = previous = None
    for seq in seqs:
        if previous is not None and seq == previous + 1:
            previous = seq
            continue
        if first is not None and previous is not None:
            yield first, previous
        first = previous = seq
    if first is not None and previous is not None:
        yield first, previous
