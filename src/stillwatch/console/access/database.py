"""The console's own SQLite file: users, passkeys, login records, failed attempts, proposals, appeals, replays.

Rules: every use opens the file anew, so that it may be replaced and two processes may work on it. A file that is locked, damaged,
gone or something else is an error with its cure, never a wrong answer. Times are seconds since 1970. A file of an earlier version
is brought up to date, step by step, when it is first opened.

>>> with Database(getfixture("tmp_path") / "console.sqlite").writing() as connection:
...     connection.execute("SELECT count(*) FROM users").fetchone()[0]
0
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from stillwatch.errors import NoReadableInput, OutputNotWritten, StillwatchError

_APPLICATION_ID = 0x5357434F
"""The letters SWCO in the file's header."""

_PATIENCE_SECONDS = 3.0
_STEPS = (
    """
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
INSERT INTO secrets VALUES ('forms', randomblob(32));
""",
    """
ALTER TABLE proposals RENAME COLUMN campaign TO subject;
ALTER TABLE proposals ADD COLUMN kind TEXT NOT NULL DEFAULT 'campaign';
ALTER TABLE proposals ADD COLUMN file TEXT NOT NULL DEFAULT '';
ALTER TABLE proposals ADD COLUMN readers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE proposals ADD COLUMN settles TEXT NOT NULL DEFAULT '[]';
ALTER TABLE proposals ADD COLUMN sent TEXT;
UPDATE proposals SET file = subject || '.json';
CREATE TABLE appeals (number INTEGER PRIMARY KEY, account TEXT NOT NULL, said TEXT NOT NULL, opener TEXT NOT NULL,
    opened INTEGER NOT NULL, state TEXT NOT NULL, decider TEXT, decided INTEGER, reason TEXT) STRICT;
CREATE TABLE steps (appeal INTEGER NOT NULL REFERENCES appeals (number), receiver TEXT NOT NULL, at INTEGER NOT NULL,
    done INTEGER NOT NULL, told TEXT NOT NULL, link TEXT NOT NULL, PRIMARY KEY (appeal, receiver)) STRICT;
CREATE TABLE replays (number INTEGER PRIMARY KEY, asker TEXT NOT NULL, asked INTEGER NOT NULL, policy TEXT NOT NULL,
    state TEXT NOT NULL, ended INTEGER, result BLOB) STRICT;
""",
)
"""What brings the file from each version to the next, the first from nothing."""


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
        newest = len(_STEPS)
        if (application, version) == (_APPLICATION_ID, newest):
            return
        ours = application == _APPLICATION_ID and version < newest
        if not ours and (application, version, tables) != (0, 0, 0):
            cure = "name the console's own file with --users, and use the version of stillwatch that wrote it, or a later one"
            raise NoReadableInput("the database is not one of the console", place=str(self.path), cure=cure)
        self.path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        self._bring_up(connection)

    def _bring_up(self, connection: sqlite3.Connection) -> None:
        """Take the steps that this file did not take yet; another process may have taken them meanwhile."""
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for step in _STEPS[version:]:
                for statement in filter(str.strip, step.split(";")):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(_STEPS)}")


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
