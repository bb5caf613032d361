"""The feed's file: a SQLite database of objects by id and author.

Rules: a later version takes the place of an earlier one, never the other way round, and none that of a revoked one (STIX 2.1,
section 3.2). An object that one member made is changed by that member only, while an observable may be said by several and is held
once for each. Opinions are kept in a table of their own: they never change what they are about. Whatever happens between
``writing()`` and its end is on the disk whole or not at all.

>>> with FeedStore.open(getfixture("tmp_path") / "feed.sqlite") as store:
...     list(store.facts())
[]
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stillwatch.errors import NoReadableInput, OutputNotWritten, StillwatchError
from stillwatch.sharing.feed.held import Held

_APPLICATION_ID = 0x53574644
"""The letters SWFD in the file's header."""

_VERSION = 1
_COLUMNS = "id, author, type, modified, revoked, text, received, source"
_TABLE = """CREATE TABLE {} (
    id TEXT NOT NULL, author TEXT NOT NULL, type TEXT NOT NULL, modified TEXT, revoked INTEGER NOT NULL,
    text TEXT NOT NULL, received TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (id, author)) STRICT"""
_IDENTITY = """SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
    FROM pragma_application_id, pragma_user_version"""
_OPINIONS = "opinions"
_FACTS = "facts"
_PATIENCE_SECONDS = 30.0


class Put(StrEnum):
    """What became of an object that was put into the feed."""

    NEW = "new"
    NEWER = "newer"
    UNCHANGED = "unchanged"
    OLDER = "older"
    FOREIGN = "made by another member, who alone may change it"
    DISPUTED = "says something else under a version that is held"
    WITHDRAWN = "was revoked, and what is revoked has no later version"


class FeedStore:
    """An open feed."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path) -> "FeedStore":
        """The feed in this file, begun if there is none. Raises NoReadableInput if the file is something else, OutputNotWritten."""
        try:
            connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
            try:
                _begin(connection, path)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise _failure(error, path) from error
        return cls(connection, path)

    @classmethod
    def existing(cls, path: Path) -> "FeedStore":
        """The feed in this file. Raises NoReadableInput if there is none."""
        if not path.is_file():
            raise NoReadableInput("there is no such feed", place=str(path), cure="import a bundle first, or name the feed's file")
        return cls.open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One change, taken whole when the block ends and dropped whole if it raises. Raises OutputNotWritten."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise _failure(error, self.path) from error

    def put(self, held: Held) -> Put:
        """Take an object in, within ``writing()``, if it is new or newer; what it was is the answer."""
        table = _OPINIONS if held.type == "opinion" else _FACTS
        known = {other.author: other for other in self._select(f"{_COLUMNS} FROM {table} WHERE id = ?", (held.id,))}
        if held.modified is not None and known and held.author not in known:
            return Put.FOREIGN
        before = known.get(held.author)
        if before and (before.modified == held.modified):
            return Put.UNCHANGED if before.says_as(held) else Put.DISPUTED
        if before and before.modified and held.modified and before.modified > held.modified:
            return Put.OLDER
        if before and before.revoked:
            return Put.WITHDRAWN
        self._connection.execute(f"INSERT OR REPLACE INTO {table} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _row(held))
        return Put.NEWER if before else Put.NEW

    def facts(self) -> Iterator[Held]:
        """All objects but opinions, by id."""
        return self._select(f"{_COLUMNS} FROM {_FACTS} ORDER BY id, author")

    def opinions(self) -> Iterator[Held]:
        """All opinions, by id."""
        return self._select(f"{_COLUMNS} FROM {_OPINIONS} ORDER BY id, author")

    def find(self, name: str) -> list[Held]:
        """The objects with this id, one from each author."""
        query = " UNION ALL SELECT ".join(f"{_COLUMNS} FROM {table} WHERE id = :id" for table in (_FACTS, _OPINIONS))
        return list(self._select(query, {"id": name}))

    def remove(self, objects: Iterable[Held]) -> None:
        """Delete these objects, within ``writing()``."""
        for held in objects:
            table = _OPINIONS if held.type == "opinion" else _FACTS
            self._connection.execute(f"DELETE FROM {table} WHERE id = ? AND author = ?", (held.id, held.author))

    def _select(self, query: str, values: Any = ()) -> Iterator[Held]:
        try:
            for row in self._connection.execute(f"SELECT {query}", values):
                yield _held(row)
        except sqlite3.Error as error:
            raise _failure(error, self.path) from error


def _row(held: Held) -> tuple[Any, ...]:
    modified = held.modified.astimezone(UTC).isoformat() if held.modified else None
    received = held.received.astimezone(UTC).isoformat()
    return held.id, held.author, held.type, modified, held.revoked, held.text, received, held.source


def _held(row: tuple[Any, ...]) -> Held:
    name, author, kind, modified, revoked, text, received, source = row
    version = datetime.fromisoformat(modified) if modified else None
    return Held(name, author, kind, version, bool(revoked), text, datetime.fromisoformat(received), source)


def _begin(connection: sqlite3.Connection, path: Path) -> None:
    """Make the file a feed if it is empty, and set the connection up."""
    if _is_feed(connection, path):
        connection.execute("PRAGMA synchronous = FULL")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    if not _is_feed(connection, path):  # another process may have been first
        for table in (_FACTS, _OPINIONS):
            connection.execute(_TABLE.format(table))
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def _is_feed(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is a feed (true) or empty (false). Raises NoReadableInput if it is something else."""
    application, version, tables = connection.execute(_IDENTITY).fetchone()
    if (application, version) == (_APPLICATION_ID, _VERSION):
        return True
    if (application, version, tables) == (0, 0, 0):
        return False
    if application == _APPLICATION_ID:
        raise NoReadableInput(f"the feed is of version {version}, unknown here", place=str(path), cure="use a newer stillwatch")
    raise NoReadableInput("the database is not a feed of Stillwatch", place=str(path), cure="name the file of a feed")


_UNREADABLE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def _failure(error: sqlite3.Error, path: Path) -> StillwatchError:
    """What a failure of SQLite means for the feed."""
    if getattr(error, "sqlite_errorname", "").startswith(_UNREADABLE):
        return NoReadableInput("the file is damaged or is no feed", place=str(path), cure="go back to a copy, or import anew")
    cure = "look at the disk and at the rights to the file and its folder, then try again"
    return OutputNotWritten(f"nothing was changed: {error}", place=str(path), cure=cure)
