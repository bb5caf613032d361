"""Login records: who is signed in, kept on the server; the browser holds a random token and nothing else.

Rules: the file holds the SHA-256 of a token, so that a stolen file opens no door. A record ends after IDLE_SECONDS without use,
after LONGEST_SECONDS in any case, at sign-out, and with its user. A token that was not given out here is nobody's.

>>> database = Database(getfixture("tmp_path") / "console.sqlite")
>>> People(database).add("ada", Role.ANALYST, "a synthetic password", now=0)
>>> token = Logins(database).begin("ada", "password", now=0)
>>> Logins(database).who(token, now=60).name, Logins(database).who("forged", now=60)
('ada', None)
"""

import hashlib
import secrets

from stillwatch.console.access.database import Database
from stillwatch.console.access.people import Person
from stillwatch.console.access.role import Role

IDLE_SECONDS, LONGEST_SECONDS = 3600, 12 * 3600
_TOUCHED_EVERY = 60


class Logins:
    """The login records in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, user: str, by: str, now: int) -> str:
        """Sign a user in, ``by`` password, passkey or single sign-on; the token for the browser."""
        token = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM logins WHERE used < ? OR begun < ?", (now - IDLE_SECONDS, now - LONGEST_SECONDS))
            connection.execute("INSERT INTO logins VALUES (?, ?, ?, ?, ?)", (_digest(token), user, now, now, by))
        return token

    def who(self, token: str, now: int) -> Person | None:
        """Who is signed in with this token, or None."""
        query = """SELECT name, role, source, created, used FROM logins JOIN users ON user = name
            WHERE token = ? AND used >= ? AND begun >= ?"""
        with self._database.reading() as connection:
            row = connection.execute(query, (_digest(token), now - IDLE_SECONDS, now - LONGEST_SECONDS)).fetchone()
            if row is None:
                return None
            if now - row[4] >= _TOUCHED_EVERY:
                connection.execute("UPDATE logins SET used = ? WHERE token = ?", (now, _digest(token)))
        return Person(row[0], Role(row[1]), row[2], row[3])

    def end(self, token: str) -> None:
        """Sign out."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM logins WHERE token = ?", (_digest(token),))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
