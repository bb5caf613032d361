"""The console's own SQLite file: users, passkeys, login records, failed attempts, proposed shares.

Rules: every use opens the file anew, so that it may be replaced and two processes may work on it. A file that is locked, damaged,
gone or something else is an error with its cure, never a wrong answer. Times are seconds since 1970.

>>> with Database(getfixture("tmp_path") / "console.sqlite").writing() as connection:
...     connection.execute("SELECT count(*) FROM users").fetchone()[0]
0
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from stillwatch.errors import NoReadableInput, OutputNotWritten, StillwatchError

_APPLICATION_ID = 0x5357434F
"""The letters SWCO in the file's header."""

_VERSION = 1
_PATIENCE_SECONDS = 3.0
_SCHEMA = """
CREATE TABLE users (name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT, source TEXT NOT NULL,
    created INTEGER NOT NULL) STRICT;
CREATE TABLE passkeys (id BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    public_key BLOB NOT NULL, sign_count INTEGER NOT NULL, label TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE TABLE logins (token BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    begun INTEGER NOT NULL, used INTEGER NOT NULL, by TEXT NOT NULL) STRICT;
CREATE TABLE failures (who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX failures_by_who ON failures (who, at);
CREATE TABLE challenges (purpose TEXT NOT NULL, visitor BLOB NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (purpose, visitor)) STRICT;
CREATE TABLE proposals (sha256 TEXT PRIMARY KEY, campaign TEXT NOT NULL, profile TEXT NOT NULL, proposer TEXT NOT NULL,
    at INTEGER NOT NULL, state TEXT NOT NULL, approver TEXT, decided INTEGER, known TEXT NOT NULL, data BLOB NOT NULL,
    stamp BLOB NOT NULL) STRICT;
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
"""


class Database:
    """The file at ``path``, begun at first use."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to look things up. Raises NoReadableInput if the file cannot be used."""
        with self._opened() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change, taken whole or not at all. Raises OutputNotWritten if that cannot be done."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
                self._begin(connection)
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except sqlite3.Error as error:
            raise _failure(error, self.path) from error

    def _begin(self, connection: sqlite3.Connection) -> None:
        application, version, tables = connection.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
            " FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if (application, version) == (_APPLICATION_ID, _VERSION):
            return
        if (application, version, tables) != (0, 0, 0):
            cure = "name the console's own file with --users"
            raise NoReadableInput("the database is not one of the console", place=str(self.path), cure=cure)
        self.path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        marks = f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_VERSION};"
        secret = f"INSERT INTO secrets VALUES ('forms', x'{os.urandom(32).hex()}');"
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {secret} {marks} COMMIT;")


def _failure(error: sqlite3.Error, path: Path) -> StillwatchError:
    """What a failure of SQLite means for whoever uses the console."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return NoReadableInput("the file is damaged or not the console's", place=str(path), cure="go back to a copy of it")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        cure = "try again; if it stays so, see which process holds the file"
        return OutputNotWritten("the file is locked by another process", place=str(path), cure=cure)
    cure = "look at the disk and at the rights to the file and its folder"
    return OutputNotWritten(f"the file cannot be used: {error}", place=str(path), cure=cure)
