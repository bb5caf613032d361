"""Proposals: sealed bytes that wait for a person, with who proposed them, what they are about, and what became of them.

Rules: a proposal is decided once. What is approved is the very bytes that were proposed; what they were made of is kept beside
them, so that the ledger learns what stayed back.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from stillwatch.console.access.database import Database
from stillwatch.console.missing import NotHere
from stillwatch.errors import RefusedByPolicy

Kind = Literal["campaign", "withdrawal", "opinion", "correction"]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal. ``subject``: the id that it is about; ``file``: its name in the outbox; ``readers``: ids outside of it that the
    reader knows; ``settles``: corrections of the gateway that it carries; ``sent``: what the hub said. Times in seconds since 1970.
    """

    sha256: str
    kind: Kind
    subject: str
    file: str
    profile: str
    proposer: str
    at: int
    known: list[dict[str, Any]]
    data: bytes
    stamp: bytes
    readers: list[str] = []
    settles: list[str] = []
    state: Literal["waiting", "released", "declined"] = "waiting"
    approver: str | None = None
    decided: int | None = None
    sent: dict[str, Any] | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What a page and its twin show of it, without the bytes."""
        inside = ("known", "data", "stamp", "readers", "settles")
        return {name: getattr(self, name) for name in self.__struct_fields__ if name not in inside}


_JSON = ("known", "readers", "settles", "sent")
_NAMES = ", ".join(Proposal.__struct_fields__)


class Proposals:
    """The proposals in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, proposal: Proposal) -> None:
        """Keep a proposal; the same bytes are kept once."""
        values = [_stored(name, getattr(proposal, name)) for name in Proposal.__struct_fields__]
        marks = ", ".join("?" * len(values))
        with self._database.writing() as connection:
            connection.execute(f"INSERT OR IGNORE INTO proposals ({_NAMES}) VALUES ({marks})", values)

    def latest(self, most: int = 200) -> list[Proposal]:
        """The latest proposals, the newest first."""
        return self._found("ORDER BY at DESC, rowid DESC LIMIT ?", [most])

    def about(self, subject: str) -> list[Proposal]:
        """The proposals about an id, the newest first."""
        return self._found("WHERE subject = ? ORDER BY at DESC, rowid DESC", [subject])

    def find(self, sha256: str) -> Proposal:
        """The proposal with these bytes. Raises NotHere."""
        found = self._found("WHERE sha256 = ?", [sha256])
        if not found:
            raise NotHere("no such share was proposed", place=sha256[:64], cure="see the list of shares")
        return found[0]

    def decide(self, connection: sqlite3.Connection, sha256: str, state: str, by: str, now: int) -> None:
        """Release or decline it within a change. Raises RefusedByPolicy if it was decided before."""
        statement = "UPDATE proposals SET state = ?, approver = ?, decided = ? WHERE sha256 = ? AND state = 'waiting'"
        if connection.execute(statement, (state, by, now, sha256)).rowcount != 1:
            cure = "see who decided, and propose it anew if need be"
            raise RefusedByPolicy("it was decided before", place=sha256, cure=cure)

    def sent(self, sha256: str, said: dict[str, Any]) -> None:
        """Keep what the hub said of it."""
        with self._database.writing() as connection:
            connection.execute("UPDATE proposals SET sent = ? WHERE sha256 = ?", (_stored("sent", said), sha256))

    def _found(self, rest: str, values: Iterable[Any]) -> list[Proposal]:
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(f"SELECT {_NAMES} FROM proposals {rest}", [*values])]


def _stored(name: str, value: Any) -> Any:
    return msgspec.json.encode(value, enc_hook=str).decode() if name in _JSON and value is not None else value


def _read(row: tuple[Any, ...]) -> Proposal:
    named = dict(zip(Proposal.__struct_fields__, row, strict=True))
    return Proposal(**{name: msgspec.json.decode(value) if name in _JSON and value else value for name, value in named.items()})
