"""The users of the console: a name, a role, and a password, passkeys or an identity provider that vouches for them.

>>> people = People(Database(getfixture("tmp_path") / "console.sqlite"))
>>> people.add("ada", Role.ANALYST, "a synthetic password", now=0)
>>> [(person.name, person.role.value) for person in people.all()]
[('ada', 'analyst')]
"""

import re
from dataclasses import dataclass

from stillwatch.console.access import password
from stillwatch.console.access.database import Database
from stillwatch.console.access.role import RIGHTS, Right, Role
from stillwatch.errors import UsageError

_NAME = re.compile(r"[\w.@+-]{1,80}")
LOCAL = "local"
"""The source of users who were added here; others carry their identity provider's issuer."""


@dataclass(frozen=True)
class Person:
    """A user; ``source`` is LOCAL or the issuer that vouches, ``created`` in seconds since 1970."""

    name: str
    role: Role
    source: str
    created: int
    passkeys: int = 0

    def may(self, right: Right) -> bool:
        """Whether the role gives the right."""
        return right in RIGHTS[self.role]


class People:
    """The register of users in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Person]:
        """Everybody, by name."""
        query = """SELECT name, role, source, created, (SELECT count(*) FROM passkeys WHERE user = name) FROM users ORDER BY name"""
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(query)]

    def find(self, name: str) -> Person | None:
        """The user of that name, or None."""
        return next((person for person in self.all() if person.name == name), None)

    def add(self, name: str, role: Role, word: str | None, now: int) -> None:
        """Add a user with a password, or (None) one who must be given it later. Raises UsageError if the name is taken or none."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"no name for a user: {name!r:.100}", place="name", cure="use letters, digits and . @ + - _")
        stored = None if word is None else password.hashed(word)
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise UsageError("there is a user of this name", place=name, cure="remove that user first, or choose another name")
            connection.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", (name, role, stored, LOCAL, now))

    def vouched(self, name: str, role: Role, issuer: str, now: int) -> None:
        """Take in whom an identity provider vouches for, with the role it gives now.

        Raises UsageError if a local user has the name.
        """
        statement = """INSERT INTO users VALUES (?, ?, NULL, ?, ?)
            ON CONFLICT (name) DO UPDATE SET role = excluded.role WHERE source = excluded.source"""
        with self._database.writing() as connection:
            if connection.execute(statement, (name, role, issuer, now)).rowcount != 1:
                raise UsageError("another user has this name", place=name, cure="ask an administrator to remove one of them")

    def remove(self, name: str) -> None:
        """Remove a user with passkeys and login records. Raises UsageError if there is none."""
        with self._database.writing() as connection:
            if connection.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount != 1:
                raise UsageError("there is no such user", place=name, cure="see `stillwatch console user list`")

    def knows(self, name: str, word: str) -> bool:
        """Whether that is the user's password; takes as long for a user that does not exist."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT password FROM users WHERE name = ?", (name,)).fetchone()
        return password.matches(row[0] if row else None, word)


def _person(row: tuple[str, str, str, int, int]) -> Person:
    name, role, source, created, passkeys = row
    return Person(name, Role(role), source, created, passkeys)
