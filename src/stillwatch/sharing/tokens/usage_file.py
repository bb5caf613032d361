"""The count of evaluations in an SQLite file: it outlives the process, and several processes may count in it at once.

>>> usage = UsageFile(getfixture("tmp_path") / "usage.sqlite")
>>> usage.take("member-a", date(2026, 10, 1), 60, allowed=100), usage.take("member-a", date(2026, 10, 1), 60, allowed=100)
(True, False)
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stillwatch.errors import OutputNotWritten

_TABLE = (
    "CREATE TABLE IF NOT EXISTS evaluated "
    "(member TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (member, day)) WITHOUT ROWID"
)
_TAKE = (
    "INSERT INTO evaluated SELECT :member, :day, :count WHERE :count <= :allowed "
    "ON CONFLICT DO UPDATE SET count = count + excluded.count WHERE count + excluded.count <= :allowed"
)
_PATIENCE_S = 30.0


@dataclass(frozen=True)
class UsageFile:
    """The count in ``path``, which is made when it is needed."""

    path: Path

    def take(self, member: str, day: date, count: int, *, allowed: int) -> bool:
        """As ``quota.UsageCount`` says. Raises OutputNotWritten if the count cannot be kept; then nothing is allowed."""
        with self._open() as database:
            values = {"member": member, "day": day.isoformat(), "count": count, "allowed": allowed}
            return database.execute(_TAKE, values).rowcount == 1

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)) as database:
                database.execute(_TABLE)
                yield database
        except sqlite3.Error as error:
            cure = "see that the file is an SQLite database that may be written"
            raise OutputNotWritten(f"the count of evaluations cannot be kept ({error})", place=str(self.path), cure=cure) from error
