"""Lock-out: after too many failed attempts a name, or an address, must wait.

Rules: MOST_FAILURES within WINDOW_SECONDS lock a name; MOST_FROM_ONE_PLACE lock an address. The right password does not open
what is locked. Locking depends on the name as typed only, so it does not tell whether there is such a user. A success forgets
the name's failures.

>>> lockout = Lockout(Database(getfixture("tmp_path") / "console.sqlite"))
>>> for _ in range(MOST_FAILURES):
...     lockout.failed("ada", "192.0.2.1", now=0)
>>> lockout.seconds_left("ada", "192.0.2.2", now=60), lockout.seconds_left("bob", "192.0.2.2", now=60)
(840, 0)
"""

from stillwatch.console.access.database import Database

MOST_FAILURES, MOST_FROM_ONE_PLACE, WINDOW_SECONDS = 5, 50, 900


class Lockout:
    """Failed attempts in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seconds_left(self, name: str, place: str, now: int) -> int:
        """How long this name at this address must wait; 0 if it may try."""
        query = "SELECT at FROM failures WHERE who = ? AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?"
        limits = ((_name(name), MOST_FAILURES), (_place(place), MOST_FROM_ONE_PLACE))
        with self._database.reading() as connection:
            rows = (connection.execute(query, (who, now - WINDOW_SECONDS, most - 1)).fetchone() for who, most in limits)
            return max((row[0] + WINDOW_SECONDS - now for row in rows if row), default=0)

    def failed(self, name: str, place: str, now: int) -> None:
        """Count a failed attempt."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM failures WHERE at <= ?", (now - WINDOW_SECONDS,))
            connection.executemany("INSERT INTO failures VALUES (?, ?)", [(_name(name), now), (_place(place), now)])

    def succeeded(self, name: str) -> None:
        """Forget the name's failures."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM failures WHERE who = ?", (_name(name),))


def _name(name: str) -> str:
    return f"name {name[:100].casefold()}"


def _place(place: str) -> str:
    return f"place {place}"
