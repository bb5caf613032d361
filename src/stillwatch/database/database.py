"""The database: opened by URL, read and written in transactions, its faults named.

Rules: a write takes the write lock at its beginning (SQLite: ``BEGIN IMMEDIATE``; on PostgreSQL the caller locks a row) and is on
the disk when it returns (``synchronous=FULL``). A write that fails leaves nothing. A database that is locked or full for longer
than PATIENCE_SECONDS is a fault that passes, StoreUnavailable, never a crash; a file that is no database is NoReadableInput.

>>> database = Database.open("sqlite://")
>>> with database.reading() as connection:
...     connection.scalar(text("SELECT 1"))
1
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from stillwatch.errors import NoReadableInput, StoreUnavailable, UsageError

PATIENCE_SECONDS = 5.0
"""How long to wait for another writer."""

CONNECTIONS = 16
"""The most connections that one process holds."""

_CURE = "name it like store.sqlite, sqlite:///path/store.sqlite or postgresql://user@host/database"


class Database:
    """A database that is open; used by several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, patience_seconds: float = PATIENCE_SECONDS, *, erasing: bool = False) -> "Database":
        """The database at a URL or path; a file of SQLite is begun where there is none. Raises UsageError for what is neither.

        ``patience_seconds``: how long to wait for another writer, or for a free connection; ``erasing``: what is deleted from a
        file of SQLite is overwritten.
        """
        parsed = _parsed(url)
        if parsed.get_backend_name() == "sqlite":
            return cls(_sqlite(parsed, patience_seconds, erasing))
        return cls(_postgresql(parsed, patience_seconds))

    @property
    def is_sqlite(self) -> bool:
        """Whether it is embedded."""
        return self._engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Queries; those within one block see one state. Raises StoreUnavailable."""
        with self._faults_named(), self._engine.connect() as connection:
            yield connection if self.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write, taken whole when the block ends and dropped whole if it raises. Raises StoreUnavailable."""
        with (
            self._faults_named(),
            self._engine.connect().execution_options(stillwatch_writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError, DataError):
            raise
        except PoolTimeout as error:
            raise self._unavailable("too many requests at once") from error
        except (DatabaseError, InterfaceError, sqlite3.DatabaseError) as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            if "not a database" in reason or "malformed" in reason:
                cure = "name another file with --store, or go back to a copy"
                raise NoReadableInput(reason, place=self.place, cure=cure) from error
            raise self._unavailable(reason or "it does not answer") from error

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(reason, place=self.place, cure="see that it is there, running and not full; then try again")


def is_absent(url: str) -> bool:
    """Whether the URL or path names a file of SQLite that is not there."""
    parsed = _parsed(url)
    embedded = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return embedded and not Path(str(parsed.database)).is_file()


def _parsed(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        return make_url(url)
    except ArgumentError as error:
        raise UsageError("this is no URL of a database", place="--store", cure=_CURE) from error


def _sqlite(url: URL, patience: float, erasing: bool) -> Engine:
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": patience}
    if url.database in (None, "", ":memory:"):
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=patience)
    event.listen(engine, "connect", _prepare)
    if erasing:
        event.listen(engine, "connect", _erase)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql(url: URL, patience: float) -> Engine:
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise UsageError(f"there is no store on {url.get_backend_name()}", place="--store", cure=_CURE)
    arguments = {"options": f"-c lock_timeout={int(patience * 1000)} -c TimeZone=UTC"}
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=arguments,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=patience,
            pool_pre_ping=True,
        )
    except (ImportError, NoSuchModuleError) as error:
        cure = "install the extra: pip install 'stillwatch[postgres]'"
        raise UsageError("PostgreSQL needs the package psycopg", place="--store", cure=cure) from error


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=268435456", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")


def _erase(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA secure_delete=ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("stillwatch_writes", False)
    connection.execute(text("BEGIN IMMEDIATE" if writes else "BEGIN"))
