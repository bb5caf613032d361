"""What was handed to a browser and must come back from the same one, once: passkey challenges, states of single sign-on.

>>> challenges = Challenges(Database(getfixture("tmp_path") / "console.sqlite"))
>>> challenges.keep("passkey", "cookie", "value", now=0)
>>> challenges.take("passkey", "cookie", now=1), challenges.take("passkey", "cookie", now=2)
('value', None)
"""

import hashlib

from stillwatch.console.access.database import Database

LIFE_SECONDS = 600


class Challenges:
    """The open challenges in a database, one for each purpose and browser."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, purpose: str, cookie: str, value: str, now: int) -> None:
        """Keep a value until it is taken or LIFE_SECONDS are over."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM challenges WHERE at < ?", (now - LIFE_SECONDS,))
            connection.execute("INSERT OR REPLACE INTO challenges VALUES (?, ?, ?, ?)", (purpose, _visitor(cookie), value, now))

    def take(self, purpose: str, cookie: str, now: int) -> str | None:
        """The kept value, which is then gone; None if there is none."""
        statement = "DELETE FROM challenges WHERE purpose = ? AND visitor = ? AND at >= ? RETURNING value"
        with self._database.writing() as connection:
            row = connection.execute(statement, (purpose, _visitor(cookie), now - LIFE_SECONDS)).fetchone()
        return row[0] if row else None


def _visitor(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).digest()
