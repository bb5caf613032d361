"""The one counter: gives out ``seq`` and ``date_added`` under a lock that is held until the commit.

Rules: every request's numbers are greater than all before it, whatever the clock says (``receipt.dating`` gives out the dates).
Because the lock is held until the commit, numbers become visible in their order, and a page
that ended at one of them has missed none before it.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from stillwatch.hub.store.tables import counter

_LEAP = 2**32
_GENERATION = select(counter.c.generation)


@dataclass
class Numbers:
    """The numbers of one write; take them in order, then ``save``. ``date_added`` is the last one that was given out."""

    seq: int
    date_added: int
    generation: int

    def next_seq(self) -> int:
        """The next place in the order of commits."""
        self.seq += 1
        return self.seq

    def changed(self) -> None:
        """Say that the directory has changed, so that everybody reads it anew."""
        self.generation += 1


def take(connection: Connection) -> Numbers:
    """Take the lock, within a write."""
    row = connection.execute(select(counter.c.seq, counter.c.date_added, counter.c.generation).with_for_update()).one()
    return Numbers(row.seq, row.date_added, row.generation)


def save(connection: Connection, numbers: Numbers) -> None:
    """Write down how far it went, before the commit."""
    connection.execute(update(counter).values(seq=numbers.seq, date_added=numbers.date_added, generation=numbers.generation))


def leap(connection: Connection) -> None:
    """Move on beyond every place that was given out before, for a hub that has forgotten how far it went; within a write."""
    connection.execute(update(counter).values(seq=counter.c.seq + _LEAP, generation=counter.c.generation + 1))


def generation(connection: Connection) -> int:
    """How often the directory has changed."""
    return int(connection.execute(_GENERATION).scalar_one())
