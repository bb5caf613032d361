"""The database of cases: opened by URL or path, read and written in transactions, its faults named.

Rules: a write takes the write lock at its beginning (SQLite: ``BEGIN IMMEDIATE``; PostgreSQL: the row of ``store``) and is on
the disk when it returns. A write that fails leaves nothing. What is deleted is overwritten (``secure_delete``). A database that
is locked or full for longer than PATIENCE_SECONDS is StoreUnavailable; a file that is no database of ours is NoReadableInput.

>>> Database.open("sqlite://").place
'sqlite://'
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, InterfaceError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from stillwatch.case.failures import StoreUnavailable
from stillwatch.errors import NoReadableInput, UsageError

PATIENCE_SECONDS = 5.0
"""How long to wait for another writer."""

_CURE = "name it like cases.sqlite, sqlite:///path/cases.sqlite or postgresql://user@host/database"


class Database:
    """A database that is open; used by several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, patience_seconds: float = PATIENCE_SECONDS) -> "Database":
        """The database at a URL or path; a file of SQLite is begun where there is none. Raises UsageError for what is neither."""
        parsed = _parsed(url)
        return cls((_sqlite if parsed.get_backend_name() == "sqlite" else _postgresql)(parsed, patience_seconds))

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
        options = {"stillwatch_writes": True}
        with self._faults_named(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError):
            raise
        except PoolTimeout as error:
            raise self._unavailable("too many requests at once") from error
        except (DatabaseError, InterfaceError, sqlite3.DatabaseError) as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            if "not a database" in reason or "malformed" in reason:
                raise NoReadableInput(
                    reason, place=self.place, cure="name another file with --store, or go back to a copy"
                ) from error
            raise self._unavailable(reason or "it does not answer") from error

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(reason, place=self.place, cure="see that it is there, running and not full; then try again")


def require_file(url: str) -> None:
    """Raises NoReadableInput if the URL or path names a file of SQLite that is not there."""
    parsed = _parsed(url)
    if (
        parsed.get_backend_name() == "sqlite"
        and parsed.database not in (None, "", ":memory:")
        and not Path(parsed.database).is_file()
    ):
        cure = "begin one with `stillwatch case add`, or name another with --store"
        raise NoReadableInput("there is no store of cases here", place=str(parsed.database), cure=cure)


def _parsed(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        return make_url(url)
    except ArgumentError as error:
        raise UsageError("this is no URL of a database", place="--store", cure=_CURE) from error


def _sqlite(url: URL, patience: float) -> Engine:
    arguments = {"check_same_thread": False, "timeout": patience}
    if url.database in (None, "", ":memory:"):
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments, pool_timeout=patience)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql(url: URL, patience: float) -> Engine:
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise UsageError(f"there is no store on {url.get_backend_name()}", place="--store", cure=_CURE)
    arguments = {"options": f"-c lock_timeout={int(patience * 1000)} -c TimeZone=UTC"}
    try:
        named = url.set(drivername="postgresql+psycopg")
        return create_engine(named, connect_args=arguments, pool_timeout=patience, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        cure = "install the extra: pip install 'stillwatch[postgres]'"
        raise UsageError("PostgreSQL needs the package psycopg", place="--store", cure=cure) from error


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("stillwatch_writes", False)
    connection.execute(text("BEGIN IMMEDIATE" if writes else "BEGIN"))
