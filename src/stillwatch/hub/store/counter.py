"""The one counter: gives out ``seq`` and ``date_added`` under a lock that is held until the commit.

Rules: every number is greater than all before it, whatever the clock says: when it stands still or jumps back, ``date_added``
goes on by a microsecond an object. Because the lock is held until the commit, numbers become visible in their order, and a page
that ended at one of them has missed none before it.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from stillwatch.hub.store.tables import counter


@dataclass
class Numbers:
    """The numbers of one write; take them in order, then ``save``."""

    seq: int
    date_added: int
    generation: int
    now: int

    def next_seq(self) -> int:
        """The next place in the order of commits."""
        self.seq += 1
        return self.seq

    def next_date(self) -> int:
        """The next ``date_added``: now, or just after the last one if that is not before now."""
        self.date_added = max(self.now, self.date_added + 1)
        return self.date_added

    def changed(self) -> None:
        """Say that the directory has changed, so that everybody reads it anew."""
        self.generation += 1


def take(connection: Connection, now: int) -> Numbers:
    """Take the lock, within a write; ``now`` in microseconds."""
    row = connection.execute(select(counter.c.seq, counter.c.date_added, counter.c.generation).with_for_update()).one()
    return Numbers(row.seq, row.date_added, row.generation, now)


def save(connection: Connection, numbers: Numbers) -> None:
    """Write down how far it went, before the commit."""
    connection.execute(update(counter).values(seq=numbers.seq, date_added=numbers.date_added, generation=numbers.generation))


def generation(connection: Connection) -> int:
    """How often the directory has changed."""
    return int(connection.execute(select(counter.c.generation)).scalar_one())
