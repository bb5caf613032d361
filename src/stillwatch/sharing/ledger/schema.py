"""The tables of a ledger file: begun, recognised, and compared with what they must be.

A file that holds anything else is never touched; its application id tells.
"""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.ledger.page import header_faults, leftovers

_APPLICATION_ID = 0x53574C44
"""The letters SWLD in the file's header."""

_VERSION = 1
_TABLES = (
    'CREATE TABLE entries ("index" INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,'
    " subject TEXT NOT NULL, details TEXT NOT NULL) STRICT",
    "CREATE TABLE hashes (place INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT",
)
_IDENTITY = """SELECT (SELECT count(*) FROM sqlite_schema), application_id, user_version
    FROM pragma_application_id, pragma_user_version"""
"""In one statement, so that a ledger just begun by another process is seen whole or not at all."""

_PAGE_BYTES = 4096
_PAUSE_SECONDS = 0.01
_FAULTS_SHOWN = 20


def begin(connection: sqlite3.Connection, path: Path, patience_seconds: float) -> None:
    """Make the file a ledger if it is empty, and set the connection up for writing.

    Raises NoReadableInput if the file is something else, sqlite3.Error if it cannot be written.
    """
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what SQLite moves away it wipes
    if recognise(connection, path):
        return
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    _switch_to_wal(connection, time.monotonic() + patience_seconds)
    connection.execute("BEGIN IMMEDIATE")
    if not recognise(connection, path):  # another process may have been first
        _create(connection)
    connection.execute("COMMIT")


def _switch_to_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Set the journal's mode; SQLite itself does not wait here while another process has the file open."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _create(connection: sqlite3.Connection) -> None:
    for table in _TABLES:
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def recognise(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is a ledger (true) or empty (false). Raises NoReadableInput if it is something else."""
    tables, application, version = connection.execute(_IDENTITY).fetchone()
    if (application, version) == (_APPLICATION_ID, _VERSION):
        return True
    if (application, version, tables) == (0, 0, 0):
        return False
    if application == _APPLICATION_ID:
        raise NoReadableInput(f"the ledger is of version {version}, unknown here", place=str(path), cure="use a newer stillwatch")
    raise NoReadableInput("the database is not a ledger of Stillwatch", place=str(path), cure="name the file of a ledger")


def structure_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the file apart from its rows: damaged pages, foreign tables, bytes where nothing should be."""
    damaged = [said for (said,) in connection.execute(f"PRAGMA integrity_check({_FAULTS_SHOWN})") if said != "ok"]
    yield from damaged
    definitions, header = _fresh()
    if _definitions(connection) != definitions:
        yield "the tables are not those of a ledger"
    image = connection.serialize()
    yield from header_faults(image, header)
    if not damaged:
        yield from leftovers(image)


def _definitions(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    return connection.execute("SELECT rowid, rootpage, type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").fetchall()


def _fresh() -> tuple[list[tuple[str, ...]], bytes]:
    """Definitions and image of a ledger without entries."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        _create(connection)
        connection.commit()
        return _definitions(connection), connection.serialize()
    finally:
        connection.close()
